import pytest
from small_fleet import NOON, routers

from tikfleet.virtual.light.effects import Effect, unquote
from tikfleet.virtual.light.effects import run_script as run
from tikfleet.virtual.light.machine import Machine


@pytest.fixture
def machine() -> Machine:
    return routers(1)[0].machine


def run_script(machine: Machine, script: str) -> Effect:
    return run(machine, script, "tfd_secret")


@pytest.mark.parametrize(
    "script",
    [
        '/system identity set name="a \\"b\\" c"',
        '/system/identity/set name="a \\"b\\" c"',
        ':if (true) do={ /system identity set name="a \\"b\\" c" }',
    ],
)
def test_a_name_is_set(machine: Machine, script: str) -> None:
    effect = run_script(machine, script)
    assert (effect.error, machine.identity) == ("", 'a "b" c')


def test_an_error_ends_a_script(machine: Machine) -> None:
    effect = run_script(machine, ':put "a"\n:error "no; not this"\n:put "b"')
    assert (effect.output, effect.error) == ("a\n", "no; not this")


def test_an_unknown_command_is_the_error_of_routeros(machine: Machine) -> None:
    assert run_script(machine, '# fine\n:put "x"\nfrobnicate now').error == (
        "bad command name frobnicate (line 3 column 1)"
    )


@pytest.mark.parametrize("script", ["/system reboot", "/system/reboot", ":delay 1s; /system reboot"])
def test_a_reboot_takes_the_router_down(machine: Machine, script: str) -> None:
    assert run_script(machine, script).restarts_in_s == 0


def test_a_reboot_in_the_background_waits(machine: Machine) -> None:
    effect = run_script(machine, '# Tikfleet job: reboot\n:execute script=":delay 15s; /system/reboot"\n')
    assert (effect.restarts_in_s, effect.error) == (15, "")


def test_an_export_to_a_file_prints_nothing(machine: Machine) -> None:
    effect = run_script(machine, ':export file="tikfleet-output"')
    assert effect.output == ""
    assert "tfd_secret" in effect.filed


def test_an_export_has_the_header_of_its_release(machine: Machine) -> None:
    machine.advance(NOON + 1)
    text = run_script(machine, "/export").output
    assert f"by RouterOS {machine.blueprint.release.version}\n" in text.partition("\n")[0] + "\n"
    assert "/system identity\nset name=" in text
    assert text == run_script(machine, "/export").output


def test_prints_show_the_router_itself(machine: Machine) -> None:
    assert machine.identity in run_script(machine, "/system identity print").output
    assert machine.version in run_script(machine, "/system resource print").output
    assert machine.links[0].name in run_script(machine, "/interface print").output


def test_escapes_are_read_as_routeros_does() -> None:
    assert unquote("J\\C5\\ABrmala \\$x\\_y") == "Jūrmala $x y"


@pytest.mark.parametrize("command", [':ping address="192.0.2.9" count=2 size=64', "/ping address=192.0.2.9 count=2"])
def test_a_ping_prints_a_line_for_each_packet_and_totals(machine: Machine, command: str) -> None:
    head, *packets, totals = run_script(machine, command).printed
    assert head.split() == ["SEQ", "HOST", "SIZE", "TTL", "TIME", "STATUS"]
    assert [line.split()[:2] for line in packets] == [["0", "192.0.2.9"], ["1", "192.0.2.9"]]
    assert totals.strip().startswith("sent=2 received=2 packet-loss=0% min-rtt=")


def test_a_host_that_is_away_answers_no_ping_and_ends_no_trace(machine: Machine) -> None:
    assert run_script(machine, "/ping address=192.0.2.254 count=1").printed[-1].split() == [
        "sent=1", "received=0", "packet-loss=100%",
    ]  # fmt: skip
    assert run_script(machine, '/tool/traceroute address="192.0.2.254" count=3').printed[-1].split() == [
        "100%", "3", "timeout",
    ]  # fmt: skip


def test_a_trace_ends_at_its_host(machine: Machine) -> None:
    head, *hops = run_script(machine, '/tool traceroute address="192.0.2.9"').printed
    assert head.split()[:3] == ["ADDRESS", "LOSS", "SENT"]
    assert hops[-1].split()[:3] == ["192.0.2.9", "0%", "3"]


def test_the_check_for_a_newer_version_says_which_is_there(machine: Machine) -> None:
    shown = run_script(machine, "/system/package/update/check-for-updates once\n/system/package/update/print").output
    assert f"installed-version: {machine.version.partition(' ')[0]}" in shown
    assert "latest-version: " in shown
