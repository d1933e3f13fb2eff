"""The sums of `tikfleet deploy aws plan`, and the table of prices behind them."""

import datetime as dt
import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from bench import cloud
from tikfleet.app.cloud.command import app
from tikfleet.app.cloud.costs import GOAL_USD, Shape, carried_by_container, container_cpu_ms, for_a_million, for_a_month
from tikfleet.app.cloud.plan import lines, plan_of
from tikfleet.app.cloud.prices import Prices, price_table
from tikfleet.app.cloud.sizes import Size, sizes
from tikfleet.app.cloud.traffic import MEASURED, with_chain

SMALL = sizes()["small"]


def doubled(prices: Prices, name: str) -> Prices:
    changed = prices.prices | {name: msgspec.structs.replace(prices.prices[name], usd=prices[name] * 2)}
    return msgspec.structs.replace(prices, prices=changed)


def shapes() -> Iterator[Shape]:
    for size in sizes().values():
        for own_balancer in (False, True):
            for by_container in (False, True):
                yield Shape(size, size.for_routers, own_balancer=own_balancer, by_container=by_container)


def total(shape: Shape, prices: Prices) -> float:
    return sum(cost.usd for cost in [*for_a_million(shape, MEASURED, prices), *for_a_month(shape, prices)])


def test_the_table_has_a_date_and_each_price_a_page() -> None:
    table = price_table()

    assert dt.date.fromisoformat(table.dated)
    assert all(
        price.usd > 0 and price.unit and price.page.startswith("aws.amazon.com/") for price in table.prices.values()
    )


# Nothing sends to the queue for a check-in, and nothing of one is logged, or read from or written to the cache.
@pytest.mark.parametrize(
    "name",
    sorted({*price_table().prices} - {"queue_request", "cache_read", "cache_write", "logs_gb", "database_gb_month"}),
)
def test_a_price_that_goes_up_makes_some_installation_dearer(name: str) -> None:
    table = price_table()

    assert any(total(shape, doubled(table, name)) > total(shape, table) for shape in shapes())


def test_a_million_check_ins_of_a_known_size_cost_what_the_pages_of_aws_say() -> None:
    """Reckoned by hand: 40,000 connections fill an LCU for an hour only if 25 a second come."""
    lean = msgspec.structs.replace(
        MEASURED, request_bytes=100, answer_bytes=0, handshake_in_bytes=0, handshake_out_bytes=0, chain_bytes=0
    )
    costs = {(cost.path, cost.what): cost.usd for cost in for_a_million(Shape(SMALL, 1), lean, price_table())}

    assert costs["balancer", "connections and bytes"] == pytest.approx(1_000_000 / 25 / 3600 * 0.008)
    assert costs["firewall", "requests looked at"] == pytest.approx(0.60)
    assert costs["function", "calls"] == pytest.approx(0.20)
    # 2.8 ms of a whole processor, of which 512 MiB are given 29 %, and 10 ms of waiting.
    assert costs["function", "time"] == pytest.approx(1_000_000 * 0.020 * 0.5 * 0.0000133334)
    assert costs["database", "writes of last states"] == pytest.approx(960 / 4096 * 0.20)
    assert costs["stream", "records"] == pytest.approx(0.014)
    assert costs["answers", "bytes to routers"] == 0


def test_a_month_is_its_check_ins_and_what_stands() -> None:
    plan = plan_of(Shape(SMALL, 1000, 60), MEASURED, price_table())

    fixed = sum(cost.usd for cost in plan.for_a_month)
    assert plan.usd_for_a_month == pytest.approx(fixed + plan.usd_for_a_million * 43.8)
    assert plan.usd_for_router == pytest.approx(plan.usd_for_a_month / 1000)


def test_more_routers_get_more_shards() -> None:
    assert Shape(SMALL, 1000, 60).shards == 1
    assert Shape(SMALL, 120_000, 60).shards == 4


def test_the_plan_says_whether_the_goal_is_met() -> None:
    plan = plan_of(Shape(SMALL, 1000), MEASURED, price_table())
    told = "\n".join(lines(plan))

    assert f"the goal is {GOAL_USD:.2f} $" in told
    assert ("met" if plan.usd_for_a_million <= GOAL_USD else "missed") in told


@pytest.mark.parametrize("size", sizes().values(), ids=sizes())
def test_the_goal_is_met_beside_the_firewall_by_a_container_with_a_short_chain(size: Size) -> None:
    dear = plan_of(Shape(size, size.for_routers), MEASURED, price_table())
    lean = Shape(size, size.for_routers, own_balancer=True, by_container=True)

    assert plan_of(lean, with_chain(MEASURED, "ecdsa"), price_table()).usd_for_a_million <= GOAL_USD
    assert dear.usd_for_a_million > GOAL_USD


@pytest.mark.parametrize("size", sizes().values(), ids=sizes())
def test_half_of_a_task_carries_the_fleet_that_its_size_is_made_for(size: Size) -> None:
    shape = Shape(size, size.for_routers, by_container=True)
    carried = carried_by_container(shape, MEASURED)
    full = msgspec.structs.replace(shape, routers=int(carried))

    assert carried > size.for_routers
    assert full.routers / 60 * container_cpu_ms(full, MEASURED) / 1000 == pytest.approx(size.live_cpu / 2048, rel=0.01)


def test_reports_that_share_a_call_cost_a_container_less() -> None:
    alone, many = (container_cpu_ms(Shape(SMALL, routers, by_container=True), MEASURED) for routers in (1, 50_000))

    assert alone == pytest.approx(MEASURED.container_cpu_ms + MEASURED.container_call_cpu_ms, rel=0.01)
    assert many < MEASURED.container_cpu_ms * 1.1


def test_the_bytes_that_are_reckoned_with_are_those_that_are_measured() -> None:
    for name, value in cloud.measured().items():
        assert value == pytest.approx(getattr(MEASURED, name), rel=0.15), f"run python -m bench.cloud: {name}"


def test_the_command_prints_it_for_people_and_for_programs(tmp_path: Path) -> None:
    choices = tmp_path / "choices.toml"
    choices.write_text('size = "medium"\nrouters = 500\n')
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('size = "huge"\n')

    people = CliRunner().invoke(app, ["aws", "--plan", "--choices", str(choices)])
    programs = CliRunner().invoke(app, ["aws", "--plan", "--json", "--choices", str(choices)])
    refused = CliRunner().invoke(app, ["aws", "--plan", "--choices", str(wrong)])

    assert "A month of 500 routers" in people.output
    assert "is not known: domain is not chosen" in people.output
    assert json.loads(programs.output)["routers"] == 500
    assert refused.exit_code == 1


def test_the_stack_reads_the_same_sizes() -> None:
    raw = json.loads((files("tikfleet.app.cloud") / "sizes.json").read_text())

    assert list(raw) == ["small", "medium", "large"]
    assert all(set(values) == set(sizes()["small"].__struct_fields__) for values in raw.values())
