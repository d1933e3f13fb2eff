"""What is at the other end of links: clients of radios, and servers of PPPoE.

Clients are invented, three to eight a radio that is on; names and spellings of properties are those of REFERENCE of
telemetry.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from tikfleet.routeros.values import format_duration
from tikfleet.virtual.menus.behaviours import interfaces
from tikfleet.virtual.menus.behaviours.addressing import derived_id
from tikfleet.virtual.menus.behaviours.chance import dice, mac
from tikfleet.virtual.menus.hooks import Behaviours
from tikfleet.virtual.menus.request import Answer, Request
from tikfleet.virtual.menus.store import Store
from tikfleet.virtual.menus.table import Item

WIRELESS: Final = "/interface/wireless"
WIFI: Final = ("/interface/wifi", "/interface/wifiwave2")


def attach(behaviours: Behaviours) -> None:
    behaviours.on(f"{WIRELESS}/registration-table").rows.append(_wireless_clients)
    behaviours.command(f"{WIRELESS}/monitor", _monitor_wireless)
    for menu in WIFI:
        behaviours.on(f"{menu}/registration-table").rows.append(_wifi_clients)
        behaviours.command(f"{menu}/monitor", _monitor_wifi)
    behaviours.command("/interface/pppoe-client/monitor", _monitor_pppoe)


def _clients(store: Store, menu: str) -> Iterator[tuple[Item, str, int]]:
    """Radio, address and signal of each client."""
    if menu not in store.loaded():
        return
    for item in store.table(menu).items:
        if interfaces.runs(store, menu, item):
            for number in range(3 + dice(store, "clients", item["name"]) % 6):
                word = f"{item['name']}/{number}"
                wobble = dice(store, word, str(int(store.uptime_s()) // 10)) % 5
                yield item, mac(store, "client", word), -48 - dice(store, "signal", word) % 34 - wobble


def _bytes(store: Store, address: str) -> tuple[int, int]:
    rate = 2_000 + dice(store, "client rate", address) % 200_000
    return int(rate * store.uptime_s() / 8), int(rate * store.uptime_s())


def _wireless_clients(store: Store) -> Iterable[Item]:
    for radio, address, signal in _clients(store, WIRELESS):
        sent, received = _bytes(store, address)
        yield {
            ".id": derived_id("client", radio[".id"], address), "interface": radio["name"], "mac-address": address,
            "ap": "false", "wds": "false", "bridge": "false", "rx-rate": "65Mbps-20MHz", "tx-rate": "72.2Mbps-20MHz",
            "packets": f"{sent // 700},{received // 700}", "bytes": f"{sent},{received}",
            "frames": f"{sent // 700},{received // 700}", "uptime": format_duration(int(store.uptime_s())),
            "last-activity": f"{dice(store, 'idle', address) % 900}ms", "signal-strength": f"{signal}@6Mbps",
            "signal-to-noise": str(signal + 105), "tx-ccq": str(70 + dice(store, "ccq", address) % 30),
            "authentication-type": "wpa2-psk", "encryption": "aes-ccm",
        }  # fmt: skip


def _wifi_clients(store: Store) -> Iterable[Item]:
    for menu in WIFI:
        for radio, address, signal in _clients(store, menu):
            sent, received = _bytes(store, address)
            yield {
                ".id": derived_id("client", radio[".id"], address), "interface": radio["name"],
                "ssid": radio.get("configuration.ssid", "MikroTik"), "mac-address": address,
                "uptime": format_duration(int(store.uptime_s())), "last-activity": "1s", "signal": str(signal),
                "auth-type": "wpa2-psk", "band": "5ghz-ax", "tx-rate": "866700000", "rx-rate": "780000000",
                "packets": f"{sent // 700},{received // 700}", "bytes": f"{sent},{received}",
                "tx-bits-per-second": str(dice(store, address) % 90_000), "rx-bits-per-second": "1200",
                "authorized": "true",
            }  # fmt: skip


def _chosen(store: Store, menu: str, request: Request) -> list[Item]:
    given = request.arguments.get("numbers") or request.arguments.get(".id", "")
    found = [store.find(menu, word) for word in given.split(",") if word]
    return [place[1] for place in found if place is not None]


def _peers(store: Store, menu: str, item: Item) -> str:
    return str(sum(1 for radio, _, _ in _clients(store, menu) if radio is item))


def _monitor_wireless(store: Store, request: Request) -> Answer:
    rows: list[Item] = []
    for item in _chosen(store, WIRELESS, request):
        if interfaces.runs(store, WIRELESS, item):
            peers = _peers(store, WIRELESS, item)
            rows.append(
                {
                    "status": "running-ap",
                    "channel": "2437/20-Ce/gn(18dBm)",
                    "noise-floor": "-105",
                    "overall-tx-ccq": "84",
                    "registered-clients": peers,
                    "authenticated-clients": peers,
                }
            )
        else:
            rows.append({"status": "disabled"})
    return Answer(rows=list(rows))


def _monitor_wifi(store: Store, request: Request) -> Answer:
    rows: list[Item] = []
    for item in _chosen(store, request.menu, request):
        if interfaces.runs(store, request.menu, item):
            peers = _peers(store, request.menu, item)
            channel = {"state": "running", "channel": "5180/ax/Ceee", "tx-power": "20"}
            rows.append(channel | {"registered-peers": peers, "authorized-peers": peers})
        else:
            rows.append({"state": "disabled"})
    return Answer(rows=list(rows))


def _monitor_pppoe(store: Store, request: Request) -> Answer:
    rows: list[Item] = []
    for item in _chosen(store, request.menu, request):
        if not interfaces.runs(store, request.menu, item):
            rows.append({"status": "disabled" if interfaces.is_disabled(store, request.menu, item) else "terminated"})
            continue
        number = dice(store, "pppoe", item["name"])
        rows.append(
            {
                "status": "connected",
                "uptime": format_duration(int(store.uptime_s())),
                "encoding": "",
                "service-name": item.get("service-name", ""),
                "ac-name": "provider",
                "mtu": "1480",
                "mru": "1480",
                "ac-mac": mac(store, "ac", item["name"]),
                "local-address": f"198.51.100.{number % 250 + 1}",
                "remote-address": "198.51.100.254",
            }
        )
    return Answer(rows=list(rows))
