"""One router's menus: whatever asks (the API, REST, a script, a person), this answers."""

from collections.abc import Callable
from dataclasses import replace

from tikfleet.routeros.export.reader import read
from tikfleet.virtual.clock import Clock
from tikfleet.virtual.menus.behaviours import firewall, users
from tikfleet.virtual.menus.behaviours.registry import BEHAVIOURS
from tikfleet.virtual.menus.commands import DONE, ITEM_COMMANDS, READING
from tikfleet.virtual.menus.exporting import Form, export
from tikfleet.virtual.menus.hooks import Handler
from tikfleet.virtual.menus.loading import Problem, load
from tikfleet.virtual.menus.power import reboot, restore, snapshot
from tikfleet.virtual.menus.profile import Profile
from tikfleet.virtual.menus.repeating import goes_on, over_time
from tikfleet.virtual.menus.request import GENERAL, MISSING, Answer, Caller, Refused, Request, Row
from tikfleet.virtual.menus.rights import demand, demand_for_item_command, refuse_by_device_mode
from tikfleet.virtual.menus.schema import Kind, Shape
from tikfleet.virtual.menus.store import NOBODY, Store
from tikfleet.virtual.menus.wording import noun


class Menus:
    """A router's whole configuration and state. Nothing waits here but what goes on; what is slow is a handler."""

    def __init__(self, profile: Profile, clock: Clock) -> None:
        self.store = Store(profile, clock, BEHAVIOURS)
        self._handlers: dict[str, tuple[Callable[[Request], Answer], str]] = {}

    @property
    def profile(self) -> Profile:
        return self.store.profile

    def perform(self, request: Request) -> Answer:
        """Run one command. Raises `Refused` with RouterOS's text; what it changed by then stays changed.

        One that goes on waits between its samples where its caller came through `waiting.run`.
        """
        if goes_on(request):
            return over_time(self.store.clock, request, self._performed)
        return self._performed(request)

    def _performed(self, request: Request) -> Answer:
        if request.menu in firewall.LISTS:
            firewall.expire(self.store)
        handler = self._handlers.get(request.path)
        if handler is not None:
            demand(request, handler[1])
            refuse_by_device_mode(self.profile, request)
            return handler[0](request)
        special = self.store.behaviours.commands.get(request.path)
        if special is not None and (request.menu == "" or self.exists(request.menu)):
            if not self.store.schemas.has_command(request.path):
                raise Refused("no such command", MISSING)
            demand(request, special[1])
            refuse_by_device_mode(self.profile, request)
            return self._run(request, special[0])
        schema = self.store.schema(request.menu)
        if request.command not in schema.commands:
            raise Refused("no such command", MISSING)
        refuse_by_device_mode(self.profile, request)
        demand_for_item_command(request)
        if request.command == "export":
            return Answer(ret=self.export(request.menu, **_form(request)))
        command = ITEM_COMMANDS.get(request.command)
        if command is None or schema.shape is Shape.COMMANDS:
            raise Refused("failure: the virtual router does not do this", GENERAL)
        return command(self.store, request) if request.command in READING else self._run(request, command)

    def _run(self, request: Request, command: Handler) -> Answer:
        store = self.store
        store.caller = request.caller
        store.changes = []
        try:
            return command(store, request)
        finally:
            changes, store.changes, store.caller = store.changes, [], NOBODY
            if changes and request.command in DONE:
                # What an item is now, since it may change again before this is undone.
                changes = [replace(change, after=change.after and dict(change.after)) for change in changes]
                text = f"{noun(request.menu)} {DONE[request.command]}"
                policies = ",".join(
                    sorted(request.caller.policies & {"read", "write", "policy", "sensitive", "reboot"})
                )
                store.journal.act(store.now_s(), text, request.caller.user, policies, changes)
                store.log("system,info", f"{text} by {request.caller.user}")

    def handle(self, path: str, handler: Callable[[Request], Answer], policy: str = "") -> None:
        """Let a function of this router answer a command (`/tool/fetch`); a caller needs the policy."""
        self._handlers[path] = (handler, policy)

    def log(self, topics: str, message: str) -> None:
        """Write a line of the log: topics joined by commas (`script,info`)."""
        self.store.log(topics, message)

    def subscribe(self, menu: str, callback: Callable[[Row], None]) -> Callable[[], None]:
        """Call back with each item that is added or changed, and `{".id": ..., ".dead": "yes"}` for one that goes.

        Returns what ends it.
        """
        self.store.schema(menu)
        return self.store.subscribe(menu, callback)

    def exists(self, menu: str) -> bool:
        """Whether this router has a menu."""
        return menu == "" or self.store.schemas.get(menu) is not None

    def is_single(self, menu: str) -> bool:
        """Whether a menu is one set of values."""
        return self.store.schema(menu).shape is Shape.SINGLE

    def commands(self, menu: str) -> frozenset[str]:
        """The names of a menu's commands."""
        extra = {path.rpartition("/")[2] for path in self._handlers if path.rpartition("/")[0] == menu}
        extra |= {path.rpartition("/")[2] for path in self.store.behaviours.commands if path.rpartition("/")[0] == menu}
        schema = self.store.schemas.get(menu)
        return frozenset(extra) if schema is None else schema.commands | extra

    def export(
        self, menu: str = "", *, verbose: bool = False, terse: bool = False, show_sensitive: bool | None = None
    ) -> str:
        """`/export` of a menu and all below it. Secrets are shown when asked for, and by v6 unless told not to."""
        old = self.profile.version.major < 7  # noqa: PLR2004 - the generation
        secrets = old if show_sensitive is None else show_sensitive
        return export(self.store, menu, Form(verbose, terse, secrets))

    def load_export(self, text: str | bytes) -> list[Problem]:
        """Apply an export to this router, as the system would; lines that it refuses come back with its words."""
        return load(self.store, read(text))

    def reboot(self) -> None:
        """What a reboot takes away: dynamic items, counters, sessions, the log, and files outside of `flash`."""
        reboot(self.store)

    def reset(self) -> None:
        """Back to a router that nobody has configured."""
        self.store.forget()

    def snapshot(self) -> bytes:
        """The whole configuration and all files, for `restore`."""
        return snapshot(self.store)

    def restore(self, data: bytes) -> None:
        """Take a snapshot back. Raises `ValueError` for bytes that are none."""
        restore(self.store, data)

    def authenticate(self, user: str, password: str, via: str, address: str) -> Caller | None:
        """Who logs in, with the policies of the user's group; `None` if name, password or address do not fit."""
        return users.authenticate(self.store, user, password, via, address)

    def opened(self, caller: Caller) -> Callable[[], None]:
        """Note a session in `/user/active` and the log; what comes back ends it, and may be called twice."""
        number = users.sign_in(self.store, caller)
        return lambda: users.sign_out(self.store, number)

    def kind(self, menu: str, name: str) -> Kind:
        """What a property holds; text where nothing is known."""
        if name == ".id":
            return Kind.ID
        schema = self.store.schemas.get(menu)
        fact = None if schema is None else schema.properties.get(name)
        return Kind.TEXT if fact is None else fact.kind


def _form(request: Request) -> dict[str, bool]:
    given = request.arguments
    form: dict[str, bool] = {name: True for name in ("verbose", "terse") if name in given}
    if "show-sensitive" in given:
        form["show_sensitive"] = "sensitive" in request.caller.policies
    elif "hide-sensitive" in given or "sensitive" not in request.caller.policies:
        form["show_sensitive"] = False
    return form
