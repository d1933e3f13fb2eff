"""Which warehouse the settings name, and what they refuse."""

from pathlib import Path

import pytest

from tikfleet.app.settings import SettingsWrong, load_settings
from tikfleet.app.warehouse_address import Engine, WarehouseServer, password_of, warehouse_server


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("clickhouse://ch", WarehouseServer(Engine.CLICKHOUSE, "ch", 8123, "default", "tikfleet", tls=False)),
        (
            "clickhouse+tls://fleet@ch.example:9440/telemetry",
            WarehouseServer(Engine.CLICKHOUSE, "ch.example", 9440, "fleet", "telemetry", tls=True),
        ),
        ("singlestore://[::1]/t", WarehouseServer(Engine.SINGLESTORE, "::1", 3306, "root", "t", tls=False)),
        (
            "singlestore+tls://u@s2",
            WarehouseServer(Engine.SINGLESTORE, "s2", 3306, "u", "tikfleet", tls=True),
        ),
    ],
)
def test_an_address_names_engine_server_user_and_database(url: str, server: WarehouseServer) -> None:
    assert warehouse_server(url) == server


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("https://ch:8443", "begins with one of"),
        ("clickhouse://u:hunter2@ch", "warehouse_password_file"),
        ("clickhouse://ch/a;drop", "no name of a database"),
        ("clickhouse:///db", "engine://user@host"),
        ("clickhouse://ch?secure=1", "engine://user@host"),
        ("clickhouse://ch:99999/db", "out of range"),
    ],
)
def test_an_address_that_can_not_be_meant_is_refused(url: str, sentence: str) -> None:
    with pytest.raises(SettingsWrong, match=sentence) as refusal:
        load_settings({"TIKFLEET_WAREHOUSE_URL": url})
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(
    "variables",
    [
        {"TIKFLEET_WAREHOUSE_CLUSTER": "main"},
        {"TIKFLEET_WAREHOUSE_URL": "singlestore://s2", "TIKFLEET_WAREHOUSE_CLUSTER": "main"},
        {"TIKFLEET_WAREHOUSE_URL": "clickhouse://ch", "TIKFLEET_WAREHOUSE_CLUSTER": "a b"},
        {"TIKFLEET_WAREHOUSE_URL": "clickhouse://ch", "TIKFLEET_WAREHOUSE_SHARDED": "true"},
        {"TIKFLEET_WAREHOUSE_PASSWORD": "a", "TIKFLEET_WAREHOUSE_PASSWORD_FILE": "b"},
    ],
)
def test_settings_that_do_not_go_together_are_refused(variables: dict[str, str]) -> None:
    with pytest.raises(SettingsWrong):
        load_settings(variables)


def test_without_an_address_telemetry_stays_in_the_data_directory() -> None:
    assert load_settings({}).warehouse_server is None


def test_a_password_comes_from_its_file_without_the_newline(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a b\n")

    assert password_of("", str(tmp_path / "secret")) == "a b"
    assert password_of("c", "") == "c"
