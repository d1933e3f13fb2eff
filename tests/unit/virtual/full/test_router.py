"""A whole router: what opens and closes its doors, and what power does to it."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import asyncssh
import pytest

from tikfleet.virtual.full.router import VirtualRouter
from tikfleet.virtual.full.services import Doors
from tikfleet.virtual.full.uplink import Uplink
from tikfleet.virtual.menus.profile import Profile, numbered
from tikfleet.virtual.menus.request import Caller, Refused

from .conftest import Make

Typed = Callable[[VirtualRouter, str], Awaitable[str]]


async def until(condition: Callable[[], bool], timeout_s: float = 10) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)


async def test_a_disabled_service_closes_and_an_enabled_one_is_found_where_it_was(make: Make, typed: Typed) -> None:
    router = await make()
    before = router.services.ports["api"]

    await typed(router, "/ip/service/disable api")
    await until(lambda: "api" not in router.services.ports)
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", before)
    await typed(router, "/ip/service/enable api")
    await until(lambda: "api" in router.services.ports)

    assert router.services.ports["api"] == before


async def test_secure_rest_opens_only_when_its_service_is_enabled_as_on_a_new_router(make: Make, typed: Typed) -> None:
    router = await make()
    assert sorted(router.services.ports) == ["api", "api-ssl", "ssh", "www"]

    await typed(router, "/ip/service/enable www-ssl")

    await until(lambda: "www-ssl" in router.services.ports)


async def test_a_port_that_is_taken_is_an_error_of_the_start(make: Make) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            await make(doors=Doors(api=taken.getsockname()[1]))


async def test_a_reboot_keeps_the_configuration_and_loses_globals_and_uptime(make: Make, typed: Typed) -> None:
    router = await make(doors=Doors(api=0))
    port = router.services.ports["api"]
    await typed(router, "/system/identity/set name=kept; :global lost 1")
    await typed(router, '/system/scheduler/add name=boot start-time=startup on-event=":global back yes"')

    await typed(router, "/system/reboot")
    await until(lambda: not router.services.ports)
    await until(lambda: router.services.ports.get("api") == port)

    assert await typed(router, ":put [/system/identity/get name]") == "kept"
    assert await typed(router, ":global lost; :put [:typeof $lost]") == "nothing"
    assert await typed(router, ":put ([/system/resource/get uptime] < 2s)") == "true"


async def test_a_reset_keeps_users_when_told_and_runs_the_script_after(make: Make, typed: Typed) -> None:
    router = await make(doors=Doors(api=0))
    await typed(
        router, "/user/add name=anna group=full password=secret; /ip/address/add address=10.9.9.9/24 interface=ether1"
    )
    await typed(router, '/file/add name=after.rsc contents="/system/identity/set name=after"')

    await typed(router, "/system/reset-configuration keep-users=yes run-after-reset=after.rsc no-defaults=yes")
    await until(lambda: router.identity() == "after")

    assert await typed(router, ":put [:len [/ip/address/find]]") == "0"
    assert router.authenticate("anna", "secret", "api", "127.0.0.1").user == "anna"


async def test_nobody_comes_in_by_a_way_that_their_group_lacks(make: Make, typed: Typed) -> None:
    router = await make(doors=Doors())
    await typed(router, "/user/group/add name=web policy=read,web,api; /user/add name=eve group=web password=x")

    assert router.authenticate("eve", "x", "api", "127.0.0.1").policies >= {"read", "api"}
    for via in ("ssh", "rest-api", "ftp"):
        with pytest.raises(Refused, match="invalid user name or password"):
            router.authenticate("eve", "x", via, "127.0.0.1")
    with pytest.raises(Refused):
        router.authenticate("nobody", None, "ssh", "127.0.0.1")


async def test_an_imported_key_lets_its_user_in_over_ssh(make: Make, typed: Typed) -> None:
    router = await make()
    key = asyncssh.generate_private_key("ssh-ed25519", comment="anna@desk")
    router.files.write("anna.pub", key.export_public_key())
    await typed(router, "/user/ssh-keys/import public-key-file=anna.pub user=admin")

    options = {"username": "admin", "client_keys": [key], "known_hosts": None, "password": None}
    async with asyncssh.connect("127.0.0.1", router.services.ports["ssh"], **options) as connection:
        shown = await connection.run(":put [/system/identity/get name]")

    assert str(shown.stdout).strip() == "MikroTik"
    assert await typed(router, ":put [/user/ssh-keys/get [find] info]") == "anna@desk"


async def test_an_address_list_of_a_service_keeps_others_out(make: Make, typed: Typed) -> None:
    router = await make(doors=Doors(api=0))
    await typed(router, "/ip/service/set api address=192.0.2.0/24")

    reader, writer = await asyncio.open_connection("127.0.0.1", router.services.ports["api"])
    writer.write(b"\x06/login\x00")

    with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
        await asyncio.wait_for(reader.readexactly(1), 5)
    writer.close()


async def test_power_off_ends_what_runs(make: Make, typed: Typed) -> None:
    router = await make()
    await typed(router, ":execute {:while (true) do={:delay 1s}}")

    await router.stop()

    assert router.services.ports == {}
    assert Caller().user == "admin"


@pytest.mark.parametrize("version", ["6.49.10", "7.8", "7.14.3", "7.20.8"])
async def test_one_property_of_a_board_is_a_plain_value(make: Make, typed: Typed, version: str) -> None:
    board = Profile(board="hAP", model="RB952", architecture="mipsbe", serial="HC0000000A")
    router = await make(version, board)
    names = ("model", "serial-number", "current-firmware", "factory-firmware")

    shown = [await typed(router, f':put [[:parse ":return [/system routerboard get {name}]"]]') for name in names]

    assert shown == ["RB952", "HC0000000A", version, "6.48.6"]


@pytest.mark.parametrize("profile", [Profile(), Profile(board="hAP", model="RB952", architecture="mipsbe")])
def test_a_seed_gives_a_router_numbers_of_its_own(profile: Profile) -> None:
    one, again, other = (numbered(profile, seed) for seed in ("one", "one", "other"))

    assert one == again
    assert one.software_id != other.software_id
    assert (one.serial != other.serial) == bool(profile.model)


def test_a_router_that_has_its_numbers_keeps_them() -> None:
    profile = Profile(board="hAP", model="RB952", serial="HC0000000A", software_id="ABCD-1234")

    assert numbered(profile, "one") == profile


async def test_nothing_gets_out_between_the_loading_of_a_backup_and_the_reboot(make: Make) -> None:
    router = await make(uplink=Uplink())
    await router.run("/ip dhcp-client add interface=ether1 disabled=no")
    connected = router.scripting.fetcher.is_connected
    assert connected(443)
    await router.run("/system backup save name=b dont-encrypt=yes")
    await router.run('/system backup load name=b password=""')
    assert not connected(443)
    await until(lambda: connected(443), 60)
