"""A router for the console: menus with items, files, a fetch that asks a server of the test."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tikfleet.agent.tiers import Tier

from .console import Console, RosError, text_of

Server = Callable[[str, str, str, str | None], str]
VERSIONS = {
    Tier.A: "7.16.2 (stable)",
    Tier.B: "7.14.3 (stable)",
    Tier.C: "7.12.1 (stable)",
    Tier.D: "6.49.18 (long-term)",
}


class Router:
    """One router. `server(method, path, token, body)` answers a fetch, or raises RosError as a fetch fails."""

    def __init__(self, tier: Tier, server: Server) -> None:
        self.server = server
        self.files: dict[str, str] = {}
        self.background: list[str] = []
        self.uptime_s = 1_000.0
        self.clock = "2026-11-23"
        self.single: dict[str, dict[str, Any]] = {
            "/system/resource": {
                "version": VERSIONS[tier], "cpu-load": 3, "free-memory": 1_000_000, "free-hdd-space": 5_000_000,
                "board-name": "CHR", "architecture-name": "x86_64", "cpu": "AMD", "cpu-count": 2, "cpu-frequency": 3000,
                "total-memory": 2_000_000, "total-hdd-space": 9_000_000,
            },
            "/system/identity": {"name": 'edge "1"\n'},
            "/system/license": {"system-id": "abc", "level": "p1"},
            "/system/device-mode": {"mode": "advanced", "fetch": True, "scheduler": True, "flagged": False},
        }  # fmt: skip
        self.lists: dict[str, list[dict[str, Any]]] = {
            "/interface": [
                _interface("ether1", "ether"), _interface("bridge1", "bridge"), _interface("<ppp-x>", "pppoe-in"),
            ],
            "/ip/route": [{"dst-address": "0.0.0.0/0", "active": True, "immediate-gw": "192.0.2.1%ether1",
                           "gateway-status": "192.0.2.1 reachable via  ether1"}],
            "/ip/address": [{"interface": "ether1", "address": "192.0.2.7/24", "disabled": False}],
            "/ip/neighbor": [{"interface": "ether1", "identity": "switch", "mac-address": "02:00:00:00:00:01"}],
            "/system/health": [{"name": "temperature", "value": 41, "type": "C"}],
            "/ip/dhcp-server/lease": [{"status": "bound"}, {"status": "waiting"}, {"status": "bound"}],
            "/ppp/active": [],
            "/interface/lte": [],
            "/certificate": [{"name": "own", "fingerprint": "00"}],
            "/system/script": [],
            "/system/scheduler": [],
        }  # fmt: skip
        self.console = Console(self._command)
        self._last_id = 0
        for items in self.lists.values():
            for item in items:
                item[".id"] = self._new_id()

    def item(self, menu: str, name: str) -> dict[str, Any]:
        return next(item for item in self.lists[menu] if item["name"] == name)

    def names(self, menu: str) -> set[str]:
        return {item["name"] for item in self.lists[menu]}

    def check_in(self) -> None:
        """What the scheduler does."""
        self.uptime_s += 60
        self.console.run(self.item("/system/script", "tikfleet-agent")["source"])

    def reboot(self) -> None:
        self.console.globals.clear()
        self.uptime_s = 400.0

    def _new_id(self) -> str:
        self._last_id += 1
        return f"*{self._last_id:X}"

    def _command(
        self, console: Console, path: str, given: dict[str, Any], where: Callable[[dict[str, Any]], bool]
    ) -> Any:
        special = {
            "/tool/fetch": self._fetch,
            "/import": self._import,
            "/execute": self._execute,
            "/file/read": self._read,
        }
        if path in special:
            return special[path](given)
        menu, _, verb = path.rpartition("/")
        if verb == "get" and menu in {*self.single, "/system/clock"}:
            if given["value-name"] == "uptime":
                return timedelta(seconds=self.uptime_s + self.console.slept_s)
            single = self.single | {"/system/clock": {"date": self.clock, "time": timedelta(hours=3)}}
            return single[menu].get(given["value-name"])
        items = self._items(menu)
        if verb == "print":
            chosen = [item for item in items if where(item)]
            return len(chosen) if given.get("count-only") else {place: dict(item) for place, item in enumerate(chosen)}
        if verb == "find":
            return {place: item[".id"] for place, item in enumerate([item for item in items if where(item)])}
        return getattr(self, f"_{verb}")(menu, items, given)

    def _items(self, menu: str) -> list[dict[str, Any]]:
        if menu == "/file":
            return [
                {".id": name, "name": name, "size": len(body), "contents": body} for name, body in self.files.items()
            ]
        if menu == "/system/script/environment":
            return [{".id": name, "name": name} for name in self.console.globals]
        if menu not in self.lists:
            raise RosError(f"no such command prefix {menu}")
        return self.lists[menu]

    def _chosen(self, items: list[dict[str, Any]], given: dict[str, Any]) -> list[dict[str, Any]]:
        wanted = given.get("numbers", given.get("number"))
        ids = list(wanted.values()) if isinstance(wanted, dict) else [wanted]
        return [item for item in items if item[".id"] in ids or item.get("name") in ids]

    def _get(self, menu: str, items: list[dict[str, Any]], given: dict[str, Any]) -> Any:
        chosen = self._chosen(items, given)
        if len(chosen) != 1:
            raise RosError("no such item")
        return chosen[0].get(given["value-name"])

    def _set(self, menu: str, items: list[dict[str, Any]], given: dict[str, Any]) -> None:
        chosen = self._chosen(items, given)
        if not chosen:
            raise RosError("no such item")
        for item in chosen:
            item.update({key: value for key, value in given.items() if key != "numbers"})

    def _add(self, menu: str, items: list[dict[str, Any]], given: dict[str, Any]) -> None:
        if given["name"] in self.names(menu):
            raise RosError("failure: already have such entry")
        items.append({**given, ".id": self._new_id()})

    def _remove(self, menu: str, items: list[dict[str, Any]], given: dict[str, Any]) -> None:
        for item in self._chosen(items, given):
            if menu == "/file":
                del self.files[item["name"]]
            elif menu == "/system/script/environment":
                del self.console.globals[item["name"]]
            else:
                items.remove(item)

    def _fetch(self, given: dict[str, Any]) -> dict[str, Any]:
        token = given["http-header-field"].split("Bearer ")[1].partition(",")[0]
        path = given["url"].partition("//")[2].partition("/")[2]
        answer = self.server(given.get("http-method", "get"), path, token, given.get("http-data"))
        if given.get("output") == "user":
            return {"status": "finished", "data": answer}
        self.files[given["dst-path"]] = answer
        return {"status": "finished"}

    def _import(self, given: dict[str, Any]) -> None:
        self.console.run(self.files[given["file-name"]])

    def _execute(self, given: dict[str, Any]) -> str:
        if "as-string" not in given and "file" not in given:
            self.background.append(given["script"])
            return "*B1"
        before, self.console.printed = self.console.printed, []
        try:
            self.console.run(given["script"])
        finally:
            output = "\n".join(self.console.printed)
            self.console.printed = before
        if "file" in given:
            self.files[f"{given['file']}.txt"] = output
        return output

    def _read(self, given: dict[str, Any]) -> dict[str, str]:
        return {"data": self.files[text_of(given["file"])][given["offset"] :][: given["chunk-size"]]}


def _interface(name: str, kind: str) -> dict[str, Any]:
    return {
        "name": name, "type": kind, "mac-address": "02:00:00:00:00:09", "actual-mtu": 1500, "running": True,
        "disabled": False, "dynamic": kind.endswith("-in"), "comment": "up, link", "link-downs": 1,
        "rx-byte": 1234, "tx-byte": 99,
    }  # fmt: skip
