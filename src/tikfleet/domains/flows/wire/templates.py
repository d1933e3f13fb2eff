"""Templates that exporters announced, bounded in number: for each exporter and each of its observation domains."""

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from typing import Final

import msgspec

from tikfleet.domains.flows.wire.layouts import Fields, Layout, layout_of

MOST_TEMPLATES: Final = 64
MOST_FIELDS: Final = 128
MOST_DOMAINS: Final = 16
FIRST_TEMPLATE: Final = 256
_ENTERPRISE: Final = 0x8000
_MOST_RECORD: Final = 65535


class Malformed(ValueError):
    """Bytes that are not what they say they are."""


class Template(msgspec.Struct, frozen=True, eq=False):
    """What data sets of a number hold. `options`: it says something of the exporter, and is no flow."""

    layout: Layout
    options: bool = False


class Domain:
    """What is known of one observation domain: its templates, what it says of sampling, and its next number."""

    def __init__(self) -> None:
        self.templates: OrderedDict[int, Template] = OrderedDict()
        self.sampling = 1
        self.expected: int | None = None


class Exporters:
    """Domains by exporter, and their templates.

    Each exporter may have so many domains with so many templates each; over all of them, what was heard longest ago
    is forgotten past a bound.
    """

    def __init__(self, most_exporters: int, most_templates: int) -> None:
        self._most_exporters = most_exporters
        self._most_templates = most_templates
        self._templates = 0
        self._domains: OrderedDict[Hashable, OrderedDict[int, Domain]] = OrderedDict()

    def domain(self, exporter: Hashable, number: int) -> Domain:
        """The domain, new where it was not known."""
        domains = self._domains.get(exporter)
        if domains is None:
            domains = self._domains[exporter] = OrderedDict()
        else:
            self._domains.move_to_end(exporter)
        found = domains.get(number)
        if found is None:
            found = domains[number] = Domain()
            if len(domains) > MOST_DOMAINS:
                self._templates -= len(domains.popitem(last=False)[1].templates)
            self._shrink()
        return found

    def learn(self, domain: Domain, number: int, template: Template | None) -> None:
        """Add, replace or (None) remove a template; past a domain's bound the one learnt longest ago goes."""
        self._templates -= domain.templates.pop(number, None) is not None
        if template is None:
            return
        domain.templates[number] = template
        self._templates += 1
        if len(domain.templates) > MOST_TEMPLATES:
            domain.templates.popitem(last=False)
            self._templates -= 1
        self._shrink()

    def _shrink(self) -> None:
        while len(self._domains) > 1 and (
            len(self._domains) > self._most_exporters or self._templates > self._most_templates
        ):
            _, domains = self._domains.popitem(last=False)
            self._templates -= sum(len(domain.templates) for domain in domains.values())

    def __len__(self) -> int:
        return len(self._domains)

    @property
    def templates(self) -> int:
        """How many templates are kept."""
        return self._templates


def templates_in(body: bytes, *, ipfix: bool, options: bool) -> Iterator[tuple[int, Template | None]]:
    """The templates of a template set: number and content, None where it is withdrawn. Raises Malformed."""
    position = 0
    while position + 4 <= len(body):
        number, count = _two(body, position), _two(body, position + 2)
        if number < FIRST_TEMPLATE:
            if number == 0:
                return  # padding
            raise Malformed(f"a template has the number {number}")
        position += 4
        if count == 0 and ipfix:
            yield number, None
            continue
        if options:
            # v9 gives lengths in bytes of the scope's and the options' fields, IPFIX the number of scope fields.
            count = count if ipfix else (count + _two(body, position)) // 4
            position += 2
        if not 0 < count <= MOST_FIELDS:
            raise Malformed(f"a template has {count} fields")
        fields, position = _fields(body, position, count, ipfix=ipfix)
        layout = layout_of(fields)
        if any(length == 0 for _, length, _ in fields) or layout.least_bytes > _MOST_RECORD:
            raise Malformed("records of a template have lengths that no set can hold")
        yield number, Template(layout, options)


def _fields(body: bytes, position: int, count: int, *, ipfix: bool) -> tuple[Fields, int]:
    fields = []
    for _ in range(count):
        element, length = _two(body, position), _two(body, position + 2)
        position += 4
        enterprise = ipfix and bool(element & _ENTERPRISE)
        if enterprise:
            position += 4
            element &= ~_ENTERPRISE
        fields.append((element, length, enterprise))
    if position > len(body):
        raise Malformed("a template is cut off")
    return tuple(fields), position


def _two(body: bytes, position: int) -> int:
    return int.from_bytes(body[position : position + 2], "big")
