"""The command `tikfleet deploy aws`."""

from typing import Annotated

import msgspec
import typer

from tikfleet.app.cloud.costs import Shape
from tikfleet.app.cloud.plan import lines, plan_of
from tikfleet.app.cloud.prices import price_table
from tikfleet.app.cloud.sizes import Size, sizes
from tikfleet.app.cloud.traffic import MEASURED

SizeName = Annotated[str, typer.Option("--size", help="How large: small, medium or large.")]
Routers = Annotated[int | None, typer.Option(min=1, help="How many routers; by default what the size is for.")]
IntervalS = Annotated[int, typer.Option(min=10, max=86_400, help="How often each reports, in seconds.")]
OwnBalancer = Annotated[
    bool, typer.Option("--own-balancer-for-routers", help="Routers have a balancer without a firewall.")
]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]

app = typer.Typer(help="Put the platform somewhere else.", no_args_is_help=True)
aws = typer.Typer(help="The platform on AWS: functions, streams, queues, and what keeps them.", no_args_is_help=True)
app.add_typer(aws, name="aws")


@aws.command("plan")
def plan_command(
    size: SizeName = "small",
    routers: Routers = None,
    interval_s: IntervalS = 60,
    own_balancer_for_routers: OwnBalancer = False,
    as_json: AsJson = False,
) -> None:
    """Print what a month of the fleet costs on AWS, line by line, at list prices. Needs no account."""
    chosen = size_named(size)
    shape = Shape(chosen, routers or chosen.for_routers, interval_s, own_balancer_for_routers)
    plan = plan_of(shape, MEASURED, price_table())
    print(msgspec.json.encode(plan).decode() if as_json else "\n".join(lines(plan, {})))


def size_named(name: str) -> Size:
    """Raises typer.BadParameter."""
    found = sizes()
    if name not in found:
        raise typer.BadParameter(f"there are {', '.join(found)}", param_hint="--size")
    return found[name]
