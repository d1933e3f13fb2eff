"""The kind that lets a router send its log lines to a collector, and stop.

Menus and arguments: RouterOS's own inspection of 7.9 to 7.24; release 6.49 by its manual, unverified. An action has a
comment since 7.9 at the latest and says in it whose it is where the tier is sure to have it; a rule has one since 7.22
only. So what is ours is known by the action's name and by the rules that lead to it, and no other rule is touched.
Lines go over UDP in RouterOS's own form, which is what every release does when nothing else is said.
"""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Annotated, Final

from msgspec import Meta

from tikfleet.domains.jobs.kinds.kind import Fixed, Parameters
from tikfleet.routeros.script.builder import Expression
from tikfleet.routeros.script.quoting import quote

Topics = Annotated[
    str,
    Meta(
        max_length=120,
        pattern=r"^!?[a-z0-9-]{1,32}(,!?[a-z0-9-]{1,32})*$(?!\n)",
        description="A line is sent when it has all of these topics and none after an exclamation mark.",
        examples=["info", "firewall,!debug"],
    ),
]


class Logging(Parameters, frozen=True, kw_only=True, tag="logging"):
    """Send log lines to a collector, or stop: one action named `tikfleet`, and a rule for each entry of `topics`."""

    address: Annotated[
        str, Meta(max_length=45, description="Where lines go, as an address; needed to send.", examples=["192.0.2.10"])
    ] = ""
    port: Annotated[int, Meta(ge=1, le=65_535, description="UDP port of the collector.")] = 514
    send: Annotated[bool, Meta(description="False takes our action and its rules away.")] = True
    topics: Annotated[
        tuple[Topics, ...], Meta(min_length=1, max_length=50, description="What is sent: a rule for each of these.")
    ] = ("info", "warning", "error", "critical")

    def __post_init__(self) -> None:
        """Raises ValueError for what is no address."""
        if self.send or self.address:
            ip_address(self.address)

    def script(self, tier: str) -> Sequence[Expression]:
        """Rules that are as wanted stay, so that a second run changes nothing and no line is missed."""
        if not self.send:
            return [Fixed(_STOP)]
        remote = f"target=remote remote={quote(str(ip_address(self.address)))} remote-port={self.port:d}"
        if tier in "AB":
            remote += f" comment={quote(_COMMENT)}"
        wanted = ";".join(quote(topics.replace(",", ";")) for topics in dict.fromkeys(self.topics))
        adding = "\n".join(
            f':if ([:typeof [:find $kept {quote(topics.replace(",", ";"))}]] = "nil") '
            f"do={{ {_RULES} add topics={topics} action={_NAME} }}"
            for topics in dict.fromkeys(self.topics)
        )
        return [
            Fixed(
                f"{{\n:local wanted {{{wanted}}}\n:local kept ({{}})\n"
                f":local there [{_ACTIONS} find where name={_NAME}]\n"
                f":if ([:len $there] = 0) do={{ {_ACTIONS} add name={_NAME} {remote} }} "
                f"else={{ {_ACTIONS} set $there {remote} }}\n{_KEEP}{adding}\n"
                f":put {quote(f'log lines are sent to {ip_address(self.address)}')}\n}}"
            )
        ]


# Action names are letters and digits alone.
_NAME: Final = "tikfleet"
_COMMENT: Final = "Tikfleet: log lines"
_RULES: Final = "/system logging"
_ACTIONS: Final = "/system logging action"
# Topics are a list on the router, and text with semicolons when they are compared.
_KEEP: Final = f"""\
:foreach rule in=[{_RULES} find where action={_NAME}] do={{
:local topics [:tostr [{_RULES} get $rule topics]]
:local known ([:typeof [:find $wanted $topics]] != "nil")
:if ($known && [:typeof [:find $kept $topics]] = "nil") do={{
{_RULES} set $rule disabled=no
:set kept ($kept , $topics)
}} else={{ {_RULES} remove $rule }}
}}
"""
_STOP: Final = f"""\
{_RULES} remove [{_RULES} find where action={_NAME}]
{_ACTIONS} remove [{_ACTIONS} find where name={_NAME}]
:put "log lines are no longer sent"
"""
