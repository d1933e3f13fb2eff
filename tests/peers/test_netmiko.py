"""netmiko over SSH, with the templates of ntc-templates, which were written for the screens of real routers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paramiko
import pytest
from netmiko import ConnectHandler
from netmiko.exceptions import NetmikoAuthenticationException

from .office import Office

# How netmiko finds its templates.
pytestmark = pytest.mark.filterwarnings("ignore:path is deprecated:DeprecationWarning")


@pytest.fixture(scope="module")
def ssh(office: Office) -> Iterator[Any]:
    with ConnectHandler(
        device_type="mikrotik_routeros", host="127.0.0.1", port=office.port("ssh"), username="admin", password=""
    ) as connection:
        yield connection


def read(ssh: Any, command: str, **options: Any) -> Any:
    rows = ssh.send_command(command, use_textfsm=True, raise_parsing_error=True, **options)
    assert isinstance(rows, list), rows
    return rows


def test_the_prompt_is_the_routers_name(ssh: Any) -> None:
    assert "office" in ssh.find_prompt()
    assert ssh.send_command(":put [/system identity get name]").strip() == "office"


def test_an_export_is_whole(ssh: Any, office: Office) -> None:
    shown = ssh.send_command("/export terse", read_timeout=30)
    assert "add address=198.51.100.2/30 comment=uplink interface=ether1" in shown
    body = [line.rstrip() for line in shown.splitlines() if line.strip() and not line.startswith("#")]
    expected = [line for line in office.typed("/export terse").splitlines() if line.strip() and line[0] != "#"]
    assert body == [line.rstrip() for line in expected]


def test_a_set_of_lines_configures(ssh: Any, office: Office) -> None:
    shown = ssh.send_config_set(
        [
            "/ip address add address=10.8.0.1/24 interface=ether4 comment=netmiko",
            "/ip firewall filter add chain=forward action=drop comment=netmiko",
            "/ip address add address=bogus interface=ether4",
        ]
    )
    assert "invalid value for argument address" in shown or "value of address" in shown
    assert "10.8.0.1/24" in office.typed("/ip address print")
    ssh.send_config_set(
        ["/ip address remove [find comment=netmiko]", "/ip firewall filter remove [find comment=netmiko]"]
    )
    assert "10.8.0.1/24" not in office.typed("/ip address print")


def test_errors_are_shown_with_their_place(ssh: Any) -> None:
    assert "bad command name bogus (line 1 column " in ssh.send_command("/ip bogus print")
    assert "no such item" in ssh.send_command("/ip address remove *FFFF")


def test_menus_are_entered_and_left(ssh: Any) -> None:
    ssh.send_command("/ip address", expect_string=r"address> ")
    assert "198.51.100.2/30" in ssh.send_command("print", expect_string=r"address> ")
    ssh.send_command("/", expect_string=r"\] > ")


def test_templates_read_addresses_and_identity(ssh: Any) -> None:
    rows = {row["ip"]: row for row in read(ssh, "/ip address print")}
    assert rows["192.168.88.1"]["comment"] == "Büro LAN"
    assert (rows["198.51.100.2"]["subnet"], rows["198.51.100.2"]["interface"]) == ("30", "ether1")
    assert read(ssh, "/system identity print") == [{"name": "office"}]


def test_templates_read_interfaces_in_detail(ssh: Any) -> None:
    rows = {row["name"]: row for row in read(ssh, "/interface print detail")}
    assert (rows["bridge1"]["type"], rows["ether2"]["slave"], rows["ether1"]["mtu"]) == ("bridge", "S", "1500")
    assert {row["name"] for row in read(ssh, "/interface print terse without-paging")} == set(rows)


def test_templates_read_rules_with_their_comments(ssh: Any) -> None:
    rows = read(ssh, "/ip firewall filter print all without-paging")
    assert [row["action"] for row in rows] == ["accept", "accept", "accept", "drop"]
    assert [row["action"] for row in read(ssh, "/ip firewall nat print all without-paging")] == ["masquerade"]


# These templates know the screens of release 6 only.
@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("/ip route print terse", {"dst_address": "0.0.0.0/0", "gateway": "198.51.100.1"}),
        ("/ip arp print", {"interface": "ether1"}),
        ("/user print", {"name": "admin", "group": "full"}),
        ("/snmp community print without-paging", {"name": "public"}),
        ("/system clock print", {"time_zone_name": "UTC"}),
        ("/system resource print", {"board_name": "CHR", "cpu_count": "1"}),
        ("/ping 192.0.2.1 count=2 interval=20ms", {"sent": "2", "received": "2", "packet_loss": "0"}),
    ],
)
def test_templates_of_release_six_read_its_screens(
    ssh: Any, office: Office, command: str, expected: dict[str, str]
) -> None:
    if office.router.profile.version.major != 6:
        return
    row = read(ssh, command)[0]
    assert {name: row.get(name) for name in expected} == expected


def test_files_go_and_come_over_sftp(office: Office, tmp_path: Path) -> None:
    with paramiko.Transport(("127.0.0.1", office.port("ssh"))) as transport:
        transport.connect(username="admin", password="")
        files = paramiko.SFTPClient.from_transport(transport)
        assert files is not None
        contents = bytes(range(256)) * 400
        (tmp_path / "there").write_bytes(contents)
        files.put(str(tmp_path / "there"), "there.bin")
        assert "there.bin" in files.listdir(".")
        files.get("there.bin", str(tmp_path / "back"))
        files.remove("there.bin")
        assert "there.bin" not in files.listdir(".")
    assert (tmp_path / "back").read_bytes() == contents


def test_a_wrong_password_is_refused(office: Office) -> None:
    with pytest.raises(NetmikoAuthenticationException):
        ConnectHandler(
            device_type="mikrotik_routeros", host="127.0.0.1", port=office.port("ssh"), username="admin", password="x"
        )
