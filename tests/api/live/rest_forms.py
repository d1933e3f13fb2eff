"""The forms in which clients of the routers' own REST write their requests, one a line, as seen in public clients.

Terraform's provider filters by `?.id=*1` with the asterisk as it is, announces JSON with a GET that has no body, and
moves and signs by POST; others send numbers, booleans and null, bodies in chunks, query words, and ids in bodies.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_JSON = {"content-type": "application/json"}


@dataclass(frozen=True)
class Form:
    """One request. `target` is what follows the base address, as it is sent."""

    method: str
    target: str
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    chunked: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.target} {self.body!r} {self.headers}{' chunked' * self.chunked}"

    @property
    def content(self) -> bytes | Iterator[bytes] | None:
        """The body for the client; of an unknown length where it goes in chunks."""
        if not self.chunked or self.body is None:
            return self.body
        return iter([self.body[:3], self.body[3:]])


def sent(method: str, target: str, value: Any, media: str = "application/json", *, chunked: bool = False) -> Form:
    """A request with a JSON body."""
    return Form(method, target, json.dumps(value).encode(), {"content-type": media}, chunked)


def raw(method: str, target: str, body: bytes, media: str | None = "application/json") -> Form:
    """A request with a body as it is."""
    return Form(method, target, body, {"content-type": media} if media else {})


CONFIGURATION = """
/ip address add address=192.0.2.1/24 interface=ether1 comment="one"
/ip address add address=198.51.100.1/24 interface=ether2 disabled=yes
/ip firewall filter add chain=input action=accept comment=first
/ip firewall filter add chain=input action=drop comment=second
/ip firewall filter add chain=forward action=drop comment=third
/ip firewall address-list add list=bad address=203.0.113.7
/interface bridge add name=lan comment="with space"
/interface bridge add name="a b"
/interface bridge add name="sl/ash"
/interface vlan add name=v10 interface=lan vlan-id=10
/system script add name=quiet source=":return 7"
"""

READS = (
    # Addresses of menus.
    Form("GET", "/ip/address/"),
    Form("GET", "//ip//address"),
    Form("GET", "/IP/address"),
    Form("GET", "/ip/addr"),
    Form("GET", "/ip/address?"),
    Form("GET", "/interface/ether1/?.proplist=name"),
    Form("GET", "/interface/bridge/a%20b"),
    Form("GET", "/interface/bridge/a+b"),
    Form("GET", "/interface/bridge/sl%2Fash"),
    Form("GET", "/interface/bridge/sl%2fash"),
    Form("GET", "/interface/bridge/LAN"),
    Form("GET", "/interface/bridge/%6can"),
    # Ids.
    Form("GET", "/ip/address/*1"),
    Form("GET", "/ip/address/%2A1"),
    Form("GET", "/ip/address/%2a1"),
    Form("GET", "/ip/address/*01"),
    Form("GET", "/ip/address/1"),
    Form("GET", "/ip/address/0"),
    Form("GET", "/ip/address/*1/address"),
    Form("GET", "/ip/address/*1?.proplist=address"),
    Form("GET", "/ip/address?.id=*1"),
    Form("GET", "/ip/address?.id=%2A1"),
    Form("GET", "/ip/address?.id=*99"),
    Form("GET", "/ip/address?.id=1"),
    # Filters.
    Form("GET", "/ip/address?.proplist=address,interface"),
    Form("GET", "/ip/address?.proplist=address%2Cinterface"),
    Form("GET", "/ip/address?.proplist=address&.proplist=interface"),
    Form("GET", "/ip/address?.proplist="),
    Form("GET", "/ip/address?.proplist=.id"),
    Form("GET", "/ip/address?.proplist=address,"),
    Form("GET", "/ip/address?.proplist=address, interface".replace(" ", "%20")),
    Form("GET", "/interface/bridge?comment=with+space&.proplist=name"),
    Form("GET", "/interface/bridge?comment=with%20space&.proplist=name"),
    Form("GET", "/interface/bridge?name=a%20b&.proplist=name"),
    Form("GET", "/ip/address?interface=ether1&interface=ether2"),
    Form("GET", "/ip/address?comment="),
    Form("GET", "/ip/address?comment"),
    Form("GET", "/ip/address?disabled=true&.proplist=address"),
    Form("GET", "/ip/address?disabled=False&.proplist=address"),
    Form("GET", "/ip/address?address=192.0.2.1%2F24"),
    Form("GET", "/ip/address?address=192.0.2.1/24"),
    Form("GET", "/ip/address?nonsense=1"),
    Form("GET", "/ip/address?=x"),
    Form("GET", "/ip/address?_=1700000000000"),
    Form("GET", "/system/identity?.proplist=name"),
    Form("GET", "/system/identity?name=other"),
    Form("GET", "/system/resource?.proplist=version,board-name,architecture-name"),
    Form("GET", "/system/package?.proplist=name,version"),
    # Headers, and bodies that a GET has no need of.
    Form("GET", "/ip/address/*1", None, _JSON),
    Form("GET", "/ip/address/*1", b"", _JSON),
    raw("GET", "/ip/address/*1", b"{}"),
    raw("GET", "/ip/address/*1", b'{".proplist":["address"]}'),
    raw("GET", "/ip/address/*1", b"x=1", "application/x-www-form-urlencoded"),
    Form("GET", "/ip/address/*1", None, {"accept": "text/html"}),
    Form("GET", "/ip/address/*1", None, {"accept": "application/xml;q=0.9"}),
    Form("GET", "/ip/address/*1", None, {"accept": ""}),
    Form("GET", "/ip/address/*1", None, {"accept-encoding": "gzip, deflate, br"}),
    Form("GET", "/ip/address/*1", None, {"connection": "close"}),
    Form("GET", "/ip/address/*1", None, {"if-modified-since": "Mon, 23 Nov 2026 00:00:00 GMT"}),
    Form("GET", "/ip/address/*1", None, {"range": "bytes=0-3"}),
    Form("GET", "/ip/address/*1", None, {"origin": "https://elsewhere.example"}),
    Form("GET", "/ip/address/*1", None, {"x-http-method-override": "DELETE"}),
    # Commands that read.
    sent("POST", "/ip/address/print", {}),
    Form("POST", "/ip/address/print"),
    Form("POST", "/ip/address/print", b"", _JSON),
    Form("POST", "/ip/address/print/"),
    raw("POST", "/ip/address/print", b"", "text/plain"),
    raw("POST", "/ip/address/print", b" \r\n{} \n"),
    raw("POST", "/ip/address/print", b"[]"),
    raw("POST", "/ip/address/print", b"null"),
    raw("POST", "/ip/address/print", b'""'),
    raw("POST", "/ip/address/print", b"{"),
    raw("POST", "/ip/address/print", b"{}{}"),
    raw("POST", "/ip/address/print", b"\xef\xbb\xbf{}"),
    raw("POST", "/ip/address/print", b'{"a":1e3}'),
    raw("POST", "/ip/address/print", b'{"a":NaN}'),
    raw("POST", "/ip/address/print", b"{'a':1}"),
    raw("POST", "/ip/address/print", b"{}", None),
    raw("POST", "/ip/address/print", b"{}", "application/json; charset=utf-8"),
    raw("POST", "/ip/address/print", b"{}", "application/json;charset=UTF-8"),
    raw("POST", "/ip/address/print", b"{}", "Application/JSON"),
    raw("POST", "/ip/address/print", b"{}", "application/vnd.api+json"),
    raw("POST", "/ip/address/print", b"{}", "text/json"),
    raw("POST", "/ip/address/print", b"{}", "application/x-www-form-urlencoded"),
    sent("POST", "/ip/address/print", {".proplist": "address,interface"}),
    sent("POST", "/ip/address/print", {".proplist": ["address", "interface"]}),
    sent("POST", "/ip/address/print", {".proplist": ".id"}),
    sent("POST", "/ip/address/print", {".proplist": []}),
    sent("POST", "/ip/address/print", {".proplist": ["address"]}, chunked=True),
    sent("POST", "/ip/address/print", {".query": ["interface=ether1"]}),
    sent("POST", "/ip/address/print", {".query": "interface=ether1"}),
    sent("POST", "/ip/address/print", {".query": ["interface=ether1", "interface=ether2", "#|"]}),
    sent("POST", "/ip/address/print", {".query": ["?interface=ether1"]}),
    sent("POST", "/ip/address/print", {".query": [".id=*1"]}),
    sent("POST", "/ip/address/print", {".query": ["disabled=true"], ".proplist": ["address"]}),
    sent("POST", "/ip/address/print", {".query": None}),
    sent("POST", "/ip/address/print", {".proplist": None}),
    sent("POST", "/ip/address/print", {"detail": ""}),
    sent("POST", "/ip/address/print", {"detail": True}),
    sent("POST", "/ip/address/print", {"detail": None}),
    sent("POST", "/ip/address/print", {"count-only": ""}),
    sent("POST", "/ip/address/print", {"count-only": True}),
    sent("POST", "/ip/address/print", {"count-only": "", ".query": ["disabled=true"]}),
    sent("POST", "/ip/address/print", {"without-paging": ""}),
    sent("POST", "/interface/print", {"stats": "", ".proplist": "name,type"}),
    sent("POST", "/ip/address/print?.proplist=address", {}),
    sent("POST", "/ip/address/getall", {}),
    sent("POST", "/ip/address", {}),
    sent("POST", "/ip/address/*1", {"comment": "x"}),
    sent("POST", "/system/identity/print", {}),
    sent("POST", "/system/resource/print", {".proplist": "version"}),
    sent("POST", "/system/identity/get", {"value-name": "name"}),
    sent("POST", "/interface/get", {"number": "lan", "value-name": "mtu"}),
    sent("POST", "/interface/bridge/find", {}),
    sent("POST", "/console/inspect", {"request": "child", "path": "ip,address"}),
    sent("POST", "/console/inspect", {"request": "syntax", "path": ["ip", "address", "add"]}),
    sent("POST", "/interface/monitor-traffic", {"interface": "nowhere", "once": ""}),
    sent("POST", "/ip/nothing/print", {}),
)

WRITES = (
    sent("PUT", "/ip/firewall/address-list", {"list": "bad", "address": "203.0.113.8", "disabled": False}),
    sent("PUT", "/ip/firewall/address-list", {"list": "bad", "address": "203.0.113.10", "comment": None}),
    sent("PUT", "/ip/firewall/address-list", {"list": 7, "address": "203.0.113.11"}),
    sent("PUT", "/ip/firewall/address-list", {"list": "bad", "address": "203.0.113.12", ".proplist": "address"}),
    sent("PUT", "/ip/firewall/address-list", {"list": "bad", "address": "203.0.113.13"}, chunked=True),
    sent(
        "PUT",
        "/ip/firewall/address-list",
        {"list": "é🙂", "address": "203.0.113.14"},
        "application/json; charset=utf-8",
    ),
    raw("PUT", "/ip/firewall/address-list", b"list=bad&address=203.0.113.16", "application/x-www-form-urlencoded"),
    sent("PUT", "/ip/firewall/address-list", {"list": "bad", "address": "203.0.113.8"}),
    Form("PUT", "/ip/firewall/address-list"),
    sent("PUT", "/ip/firewall/address-list/add", {"list": "bad", "address": "203.0.113.21"}),
    raw("PUT", "/interface/vlan", b'{"name":"v30","interface":"lan","vlan-id":0x1e}'),
    sent("PUT", "/interface/bridge", {"name": "br9", "vlan-filtering": True, "comment": 'q"u\\o$te;[x]'}),
    sent("PUT", "/system/identity", {"name": "x"}),
    sent("POST", "/ip/firewall/address-list/add", {"list": "bad", "address": "203.0.113.22"}),
    sent("PATCH", "/ip/address/*1/", {"comment": "three"}),
    sent("PATCH", "/ip/address/%2A1", {"comment": "four"}),
    sent("PATCH", "/ip/address/*1", {"comment": None}),
    sent("PATCH", "/ip/address/*1", {".id": "*2", "comment": "six"}),
    sent("PATCH", "/ip/address/*1", {"nonsense": "x"}),
    sent("PATCH", "/ip/address/*99", {"comment": "x"}),
    sent("PATCH", "/ip/address", {".id": "*1", "comment": "x"}),
    sent("PATCH", "/interface/bridge/sl%2Fash", {"comment": "by name"}),
    sent("PATCH", "/interface/bridge/nowhere", {"comment": "by name"}),
    sent("POST", "/system/identity/set", {"name": "renamed"}),
    sent("POST", "/ip/dns/set", {"servers": ["192.0.2.53"]}),
    sent("POST", "/ip/address/set", {"numbers": "*1,*2", "comment": "both"}),
    sent("POST", "/ip/address/set", {".id": ["*1", "*2"], "comment": "both as list"}),
    sent("POST", "/ip/address/enable", {}),
    sent("POST", "/ip/firewall/filter/move", {"numbers": "*3", "destination": "*1"}),
    sent("POST", "/ip/firewall/filter/remove", {".id": "*2"}),
    sent("POST", "/ip/firewall/filter/remove", {".id": "*2"}),
    sent("POST", "/ip/firewall/filter/remove", {"numbers": ["*1", "*3"]}),
    sent("POST", "/execute", {"script": ":put 5", "as-string": ""}),
    Form("DELETE", "/ip/address/*1", b"{}", _JSON),
    Form("DELETE", "/ip/address/*1"),
    Form("DELETE", "/ip/address/*2", None, _JSON),
    Form("DELETE", "/interface/bridge/a%20b"),
    Form("DELETE", "/system/identity"),
)

# For who has the time: `TIKFLEET_ALIKE_SEEDS`.
MORE_WRITES = (
    sent("PUT", "/ip/firewall/address-list/", {"list": "bad", "address": "203.0.113.9", "disabled": True}),
    raw("PUT", "/ip/firewall/address-list", '{"list":"é🙂","address":"203.0.113.15"}'.encode()),
    sent("PUT", "/ip/firewall/address-list", {"address": "203.0.113.17"}),
    sent("PUT", "/ip/firewall/address-list", {"list": ["a", "b"], "address": "203.0.113.18"}),
    sent("PUT", "/ip/firewall/address-list", {"list": {"a": 1}, "address": "203.0.113.19"}),
    sent("PUT", "/ip/firewall/address-list", {}),
    sent("PUT", "/ip/firewall/address-list/*1", {"list": "bad"}),
    sent("PUT", "/interface/vlan", {"name": "v20", "interface": "lan", "vlan-id": 20}),
    raw("PUT", "/interface/vlan", b'{"name":"v40","interface":"lan","vlan-id":050}'),
    sent("PUT", "/interface/vlan", {"name": "v50", "interface": "lan", "vlan-id": 50.5}),
    sent("PUT", "/interface/vlan", {"name": "v10", "interface": "lan", "vlan-id": 60}),
    sent("PATCH", "/ip/address/*1", {"comment": "two"}),
    sent("PATCH", "/ip/address/*1", {"comment": ""}),
    sent("PATCH", "/ip/address/*1", {"disabled": True}),
    sent("PATCH", "/ip/address/*1", {"disabled": "false", ".proplist": ["address", "disabled"]}),
    sent("PATCH", "/ip/address/*1", {".id": "*1", "comment": "five"}),
    sent("PATCH", "/ip/address/*1", {}),
    Form("PATCH", "/ip/address/*1"),
    sent("PATCH", "/ip/address/*1", {"address": "nonsense"}),
    sent("PATCH", "/ip/address", {"comment": "x"}),
    sent("PATCH", "/ip/address/*1", {"comment": "x"}, "text/plain"),
    sent("PATCH", "/interface/bridge/lan", {"comment": "by name"}),
    sent("PATCH", "/interface/bridge/a%20b", {"comment": "by name"}),
    sent("PATCH", "/interface/bridge/lan", {"name": "lan2"}),
    sent("PATCH", "/interface/bridge/lan2", {"name": "lan"}),
    sent("PATCH", "/system/identity", {"name": "x"}),
    sent("POST", "/ip/dns/set", {"servers": "192.0.2.53,192.0.2.54", "allow-remote-requests": True}),
    sent("POST", "/ip/dns/set", {"servers": ""}),
    sent("POST", "/ip/address/set", {".id": "*1", "comment": "by set"}),
    sent("POST", "/ip/address/set", {"numbers": "*1", "comment": "by numbers"}),
    sent("POST", "/ip/address/disable", {".id": "*1"}),
    sent("POST", "/ip/address/enable", {"numbers": "*1,*2"}),
    sent("POST", "/ip/address/comment", {"numbers": "*1", "comment": "said"}),
    sent("POST", "/ip/firewall/filter/move", {".id": "*3", "destination": "*2"}),
    sent("POST", "/ip/address/set", {".id": "*1", "nonsense": "x"}),
    sent("POST", "/ip/address/set", {".id": "*1", "address": "nonsense"}),
    sent("POST", "/system/script/run", {"number": "quiet"}),
    sent("POST", "/execute", {"script": ":put 5", "as-string": True}),
    Form("DELETE", "/ip/address/%2A2"),
    Form("DELETE", "/ip/address"),
    Form("DELETE", "/ip/address/1"),
    Form("DELETE", "/interface/bridge/nowhere"),
)
