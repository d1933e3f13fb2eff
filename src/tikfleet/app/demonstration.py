"""What `make run` shows: an owner, sites on a map, and a fleet of virtual routers that enrols by itself."""

import os
import secrets
import subprocess
import sys
from typing import Final

import msgspec

from tikfleet.app.compose import Platform
from tikfleet.app.demonstration_options import DemonstrationOptions
from tikfleet.app.settings import Settings
from tikfleet.domains.enrolment.schemas import EnrolmentKeyCreate
from tikfleet.domains.identity.settings import SettingsChange
from tikfleet.domains.identity.setup import FirstIds, FirstOwner
from tikfleet.domains.inventory.public import Sites
from tikfleet.domains.inventory.schemas import SiteCreate
from tikfleet.kernel.scopes import SYSTEM, OrgScope

_EMAIL: Final = "owner@demo.example"
_PLACES: Final = (
    ("Riga, Brīvības iela", "Baltics", 56.954, 24.113),
    ("Tartu, Raekoja plats", "Baltics", 58.380, 26.722),
    ("Kaunas, Laisvės alėja", "Baltics", 54.897, 23.886),
    ("Kraków, Rynek Główny", "Central Europe", 50.062, 19.937),
    ("Brno, Zelný trh", "Central Europe", 49.192, 16.609),
    ("Graz, Hauptplatz", "Central Europe", 47.071, 15.438),
    ("Malmö, Stortorget", "Nordics", 55.606, 13.001),
    ("Bergen, Bryggen", "Nordics", 60.397, 5.324),
    ("Oulu, Kauppatori", "Nordics", 65.014, 25.464),
    ("Porto, Ribeira", "South", 41.141, -8.613),
    ("Bari, Murat", "South", 41.125, 16.870),
    ("Patras, Agora", "South", 38.246, 21.735),
    ("Mombasa, Moi Avenue", "Overseas", -4.060, 39.673),
    ("Curitiba, Rua XV", "Overseas", -25.430, -49.271),
    ("Hobart, Salamanca", "Overseas", -42.886, 147.331),
)


class Kept(msgspec.Struct):
    """What the demonstration remembers between starts, in a file only its owner reads."""

    password: str
    keys: str


class Demonstration:
    """Greets on the console; with options, fills an empty platform first and starts the fleet."""

    def __init__(self, settings: Settings, options: DemonstrationOptions | None) -> None:
        self._settings = settings
        self._options = options
        self._fleet: subprocess.Popen[bytes] | None = None

    async def greet(self, platform: Platform) -> None:
        """Say where the platform is and how to get in."""
        settings = self._settings
        address = _dashboard(settings)
        print(f"\n  Tikfleet is ready at {address}\n", flush=True)
        options = self._options
        if options is not None:
            kept = await self._prepare(platform, options)
            print(f"  Sign in as  {_EMAIL}\n  Password    {kept.password}\n", flush=True)
            self._start_fleet(kept.keys, options)
            print(
                f"  {options.routers + options.full} virtual routers are enrolling now;"
                f" {options.full} of them run the agent itself.",
                flush=True,
            )
        elif (token := await platform.identity.setup.open()) is not None:
            print(f"  There is no owner yet. Open {address}/setup and give this token:\n\n  {token}\n", flush=True)
        print(f"  Routers reach it at {settings.agent_url}\n  Data is in {settings.directory}", flush=True)

    def stop(self) -> None:
        """End the fleet that was started here."""
        if self._fleet is not None and self._fleet.poll() is None:
            self._fleet.terminate()
            try:
                self._fleet.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._fleet.kill()

    async def _prepare(self, platform: Platform, options: DemonstrationOptions) -> Kept:
        file = self._settings.directory / "keys" / "demonstration.json"
        if file.exists():
            return msgspec.json.decode(file.read_bytes(), type=Kept)
        kept = Kept(secrets.token_urlsafe(12), "")
        owner = FirstOwner("Demo Networks", _EMAIL, "Demo Owner", kept.password)
        made: FirstIds = await platform.identity.setup.create_first_owner(owner)
        scope = OrgScope.only(made.org_id)
        change = SettingsChange(checkin_interval_s=options.interval_s)
        await platform.identity.services["organisation_settings"].change(made.org_id, SYSTEM, change)
        kept.keys = ",".join(await _keys(platform, scope))
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(msgspec.json.encode(kept))
        return kept

    def _start_fleet(self, keys: str, shown: DemonstrationOptions) -> None:
        """The fleet is a process of its own, so that it takes nothing from the server's."""
        settings = self._settings
        state = settings.directory / "fleet.json"
        syslog, flows = settings.syslog_udp_port, settings.flow_port_numbers
        options = {
            "url": f"http://127.0.0.1:{settings.http_port}" if settings.http_port else settings.agent_url,
            "key": keys,
            "routers": shown.routers,
            "full": shown.full,
            "state_file": str(state),
            "enrol_per_s": 25.0,
            "syslog": f"127.0.0.1:{syslog}" if syslog else "",
            "flows": f"127.0.0.1:{flows[0]}" if flows else "",
        }
        self._fleet = subprocess.Popen(
            [sys.executable, "-m", "tikfleet.app.fleet_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        if self._fleet.stdin is not None:
            # It stays open: the fleet ends with this process, however that ends.
            self._fleet.stdin.write(msgspec.json.encode(options) + b"\n")
            self._fleet.stdin.flush()


async def _keys(platform: Platform, scope: OrgScope) -> list[str]:
    """Sites in groups, and a key for each."""
    sites: Sites = platform.sites
    groups: dict[str, str] = {}
    found = []
    for name, group, latitude, longitude in _PLACES:
        if group not in groups:
            groups[group] = (await sites.create_group(scope, SYSTEM, group)).id
        wanted = SiteCreate(name, groups[group], latitude=latitude, longitude=longitude)
        site = await sites.create(scope, SYSTEM, wanted)
        tag = group.lower().replace(" ", "-")
        key = await platform.keys.create(scope, SYSTEM, EnrolmentKeyCreate(name, site_id=site.id, tags=[tag]))
        found.append(key.secret)
    return found


def _dashboard(settings: Settings) -> str:
    if settings.http_port:
        return f"http://localhost:{settings.http_port}"
    return settings.agent_url
