"""SSH: netmiko, OpenSSH and asyncssh against the console and the files of a small router."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncssh
import pytest
from netmiko import ConnectHandler
from netmiko.exceptions import NetmikoAuthenticationException

from tests.unit.virtual.servers.small_router import SmallRouter
from tikfleet.virtual.servers.ssh import SshOptions, SshServer, new_host_key

HOST_KEY = new_host_key()
OPTIONS = SshOptions(host_key=HOST_KEY, wrong_password_s=0.01)


@pytest.fixture
def router() -> SmallRouter:
    return SmallRouter()


@pytest.fixture
async def server(router: SmallRouter) -> AsyncIterator[SshServer]:
    server = SshServer(router, OPTIONS)
    await server.start()
    yield server
    await server.close()


def connected(server: SshServer, user: str = "admin", password: str = "secret", **more: object) -> object:
    known = asyncssh.import_known_hosts(f"* {asyncssh.import_private_key(HOST_KEY).export_public_key().decode()}")
    return asyncssh.connect(
        "127.0.0.1",
        server.port,
        username=user,
        password=password,
        known_hosts=known,
        config=None,
        **{"client_keys": None, "agent_path": None, **more},
    )


def netmiko(server: SshServer, password: str = "secret") -> object:
    return ConnectHandler(
        device_type="mikrotik_routeros", host="127.0.0.1", port=server.port, username="admin", password=password
    )


@pytest.mark.filterwarnings("ignore:path is deprecated:DeprecationWarning")
async def test_netmiko_logs_in_reads_and_configures(server: SshServer, router: SmallRouter) -> None:
    def work() -> tuple[str, object, str]:
        with netmiko(server) as connection:
            plain = connection.send_command("/system identity print")
            parsed = connection.send_command("/ip address print", use_textfsm=True)
            config = connection.send_config_set(
                ["/ip address", "add address=172.16.0.1/24 interface=ether1", "set *2 comment=changed", "/"]
            )
            return plain, parsed, config + connection.find_prompt()

    plain, parsed, config = await asyncio.to_thread(work)

    assert plain.strip() == "name: Test"
    assert [row["interface"] for row in parsed] == ["ether1", "ether2"]
    assert parsed[0]["comment"] == "defconf"
    assert "[admin@Test] /ip/address>" in config
    assert config.rstrip().endswith("[admin@Test] >")
    assert router.tables["/ip/address"][-1]["address"] == "172.16.0.1/24"
    assert router.tables["/ip/address"][1]["comment"] == "changed"
    await until(lambda: not router.active)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - the small router tells nobody when it changes
            await asyncio.sleep(0.01)


async def test_netmiko_times_its_commands_too(server: SshServer) -> None:
    def work() -> str:
        with netmiko(server) as connection:
            return str(connection.send_command_timing("/ip address print detail without-paging"))

    assert "address=10.0.0.2/30" in await asyncio.to_thread(work)


async def test_a_wrong_password_does_not_come_in(server: SshServer, router: SmallRouter) -> None:
    with pytest.raises(NetmikoAuthenticationException):
        await asyncio.to_thread(netmiko, server, "wrong")
    with pytest.raises(asyncssh.PermissionDenied):
        async with connected(server, "none", "n"):
            pass
    await until(lambda: not router.active)


async def test_a_command_is_answered_with_lines_of_a_terminal(server: SshServer, router: SmallRouter) -> None:
    async with connected(server) as connection:
        assert [caller.via for caller in router.active] == ["ssh"]
        result = await connection.run('/system identity print; :put "x"', encoding=None)
        assert result.stdout == b"  name: Test\r\nx\r\n"
        assert result.exit_status == 0
        wrong = await connection.run("/ip address frobnicate")
        assert wrong.stdout.strip() == "bad command name frobnicate (line 1 column 13)"
    await until(lambda: not router.active)


@pytest.mark.parametrize(
    ("version", "expected"),
    [("7.20.8", b"[admin@Test] /ip/address> "), ("6.49.10", b"[admin@Test] /ip address> ")],
)
async def test_the_prompt_names_the_menu_as_the_release_writes_it(version: str, expected: bytes) -> None:
    server = SshServer(SmallRouter(version), OPTIONS)
    await server.start()
    async with connected(server, "admin+ct511w4098h") as connection:
        process = await connection.create_process(term_type="xterm", encoding=None)
        assert (await process.stdout.readuntil(b"[admin@Test] > ")).count(b"MikroTik RouterOS") == 1
        process.stdin.write(b"/ip address\r\n")
        echoed = await process.stdout.readuntil(expected)
        assert echoed == b"/ip address\r\n" + expected
    await server.close()


async def typed(server: SshServer, keys: bytes) -> bytes:
    """All that the terminal shows when these keys are pressed and the session then ends."""
    async with connected(server) as connection:
        process = await connection.create_process(term_type="xterm", encoding=None)
        await process.stdout.readuntil(b"> ")
        process.stdin.write(keys + b"/quit\r")
        return bytes(await asyncio.wait_for(process.stdout.read(), 5))


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        (b':put "a\t\x1b[A\x1bOPb"\r', b':put "ab"\r\nab\r\n'),
        (b':put "what?"\n', b':put "what?"\r\nwhat?\r\n'),
        (b':putt\x7f "x"\r', b':putt\b \b "x"\r\nx\r\n'),
        (b"nonsense\x15\r", b"nonsense" + b"\b \b" * 8 + b"\r\n[admin@Test] > "),
        (b"nonsense\x03", b"nonsense\r\n[admin@Test] > "),
        (b"\r\n\r\n", b"\r\n[admin@Test] > \r\n[admin@Test] > "),
        (b":put {\r", b":put {\r\n{... "),
        (b"/nowhere\r", b"bad command name nowhere (line 1 column 2)\r\n"),
        (b':put "\xc3\xa9\x7fe"\r', b'\b \be"\r\ne\r\n'),
    ],
)
async def test_what_is_typed_is_echoed_and_run(server: SshServer, keys: bytes, shown: bytes) -> None:
    assert shown in await typed(server, keys + (b"\x03" if b"{" in keys else b""))


async def test_a_command_that_waits_is_ended_by_the_keyboard(server: SshServer, router: SmallRouter) -> None:
    async with connected(server) as connection:
        process = await connection.create_process(term_type="xterm", encoding=None)
        await process.stdout.readuntil(b"> ")
        process.stdin.write(b"/ping 10.0.0.1\r")
        await process.stdout.readuntil(b"\r\n")
        await until(lambda: bool(router.running))
        process.stdin.write(b"\x03")
        await process.stdout.readuntil(b"> ")
        assert router.running == 0


async def test_a_client_that_leaves_ends_its_command(server: SshServer, router: SmallRouter) -> None:
    async with connected(server) as connection:
        process = await connection.create_process(term_type="xterm", encoding=None)
        process.stdin.write(b"/ping 10.0.0.1\r")
        await until(lambda: bool(router.running))
    await until(lambda: not router.running and not router.active)


async def test_a_key_lets_in_and_then_the_password_does_not(server: SshServer, router: SmallRouter) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    router.keys["admin"] = ["nonsense", key.export_public_key().decode()]
    async with connected(server, password="wrong", client_keys=[key]) as connection:
        assert (await connection.run("/system identity print")).exit_status == 0
    other = asyncssh.generate_private_key("ssh-ed25519")
    for keys in (None, [other]):
        with pytest.raises(asyncssh.PermissionDenied):
            async with connected(server, client_keys=keys):
                pass


async def test_files_come_and_go_by_sftp(server: SshServer, router: SmallRouter, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x" * 100_000)
    async with connected(server) as connection, connection.start_sftp_client() as sftp:
        await sftp.put(tmp_path / "a.txt", "flash/a.txt")
        await sftp.get("/flash/a.txt", tmp_path / "b.txt")
        assert sorted(await sftp.listdir("/flash")) == [".", "..", "a.txt", "readme.txt"]
        assert (await sftp.stat("/flash/a.txt")).size == 100_000
        assert await sftp.isdir("/flash")
        await sftp.rename("flash/a.txt", "c.txt")
        assert router.files.held["c.txt"] == b"x" * 100_000
        await sftp.remove("../../c.txt")
        with pytest.raises(asyncssh.SFTPNoSuchFile):
            await sftp.get("c.txt", tmp_path / "d.txt")
        with pytest.raises(asyncssh.SFTPFailure):
            async with sftp.open("big", "wb") as big:
                await big.write(b"x" * 1_000_001)
    assert (tmp_path / "b.txt").read_bytes() == b"x" * 100_000
    assert "c.txt" not in router.files.held


async def test_files_need_the_policy_for_them(server: SshServer) -> None:
    async with connected(server, "reader", "r") as connection, connection.start_sftp_client() as sftp:
        with pytest.raises(asyncssh.SFTPPermissionDenied):
            await sftp.listdir("/")


async def test_an_auto_script_is_imported_when_it_has_arrived(server: SshServer, router: SmallRouter) -> None:
    async with connected(server) as connection, connection.start_sftp_client() as sftp:
        file = await sftp.open("new.auto.rsc", "wb")
        await file.write(b":put done")
        await file.close()
    assert "new.auto.log" in router.files.held


async def test_openssh_runs_a_command_and_copies_a_file(server: SshServer, router: SmallRouter, tmp_path: Path) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(tmp_path / "key")
    (tmp_path / "key").chmod(0o600)
    router.keys["admin"] = [key.export_public_key().decode()]
    options = ["-i", str(tmp_path / "key"), "-F", "none", "-o", "StrictHostKeyChecking=no"]
    options += ["-o", f"UserKnownHostsFile={tmp_path / 'known'}", "-o", "IdentitiesOnly=yes", "-q"]

    async def ran(*command: str) -> bytes:
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        output, _ = await asyncio.wait_for(process.communicate(), 20)
        assert process.returncode == 0
        return output

    port = str(server.port)
    assert await ran("ssh", *options, "-p", port, "admin@127.0.0.1", ":put", '"hello"') == b"hello\r\n"
    (tmp_path / "up.rsc").write_text("/ip address\n")
    for protocol in ("-s", "-O"):
        await ran("scp", *options, protocol, "-P", port, str(tmp_path / "up.rsc"), f"admin@127.0.0.1:up{protocol}")
        assert router.files.held[f"up{protocol}"] == b"/ip address\n"
    await ran("scp", *options, "-P", port, "admin@127.0.0.1:flash/readme.txt", str(tmp_path / "down"))
    assert (tmp_path / "down").read_bytes() == b"hello"


async def test_whom_the_service_does_not_admit_loses_the_connection(router: SmallRouter) -> None:
    server = SshServer(router, SshOptions(host_key=HOST_KEY, admits=lambda address: False))
    await server.start()
    with pytest.raises((asyncssh.Error, OSError)):
        async with connected(server):
            pass
    await server.close()


async def test_a_mistake_of_ours_ends_the_command_and_not_the_connection(server: SshServer) -> None:
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context.get("exception")))

    async with connected(server) as connection:
        assert (await connection.run("break")).exit_status == 1
        assert (await connection.run("/system identity print")).exit_status == 0
    assert [type(fault) for fault in told] == [ZeroDivisionError]


async def test_who_comes_when_all_sessions_are_taken_loses_the_connection(router: SmallRouter) -> None:
    server = SshServer(router, SshOptions(host_key=HOST_KEY, most_sessions=1))
    await server.start()
    async with connected(server):
        with pytest.raises((asyncssh.Error, OSError)):
            async with connected(server):
                pass
    await server.close()


async def test_bytes_that_are_no_ssh_do_no_harm(server: SshServer) -> None:
    for nonsense in (b"GET / HTTP/1.1\r\n\r\n", b"\0" * 100_000, b"SSH-2.0-x\r\n" + b"\xff" * 50_000):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(nonsense)
        with contextlib.suppress(ConnectionError):
            await asyncio.wait_for(reader.read(), 5)
        writer.close()
    async with connected(server) as connection:
        assert (await connection.run(':put "x"')).exit_status == 0
