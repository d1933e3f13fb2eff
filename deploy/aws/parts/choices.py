"""What the operator chose, from the context of CDK (`-c domain=…`)."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from constructs import Node

_SIZES = Path(__file__).parents[3] / "src" / "tikfleet" / "app" / "cloud" / "sizes.json"
_NAME = re.compile(r"[a-z][a-z0-9-]{1,30}")


@dataclass(frozen=True)
class Size:
    """How much of everything; `sizes.json` has the three there are. Memory in MiB, Fargate's processor in 1/1024."""

    for_routers: int
    shards: int
    nat_gateways: int
    stream_endpoint: bool
    provisioned: int
    http_memory_mb: int
    background_memory_mb: int
    live_cpu: int
    live_memory_mb: int
    database_min_acu: float
    database_max_acu: float
    database_readers: int
    log_days: int


@dataclass(frozen=True)
class Choices:
    """`code` is the directory of the functions' packages, `image` the address of the container's image.

    `provisioned` overrides the size's. With `own_balancer_for_routers` routers have a balancer without a firewall,
    with `container_for_routers` the container answers them instead of a function.
    """

    name: str
    domain: str
    certificate: str
    image: str
    code: str
    warehouse_url: str
    size: Size
    provisioned: int
    own_balancer_for_routers: bool
    container_for_routers: bool
    alarms_to: str


def read(node: Node) -> Choices:
    """Raises SystemExit with a sentence for what is missing or wrong."""
    chosen = {name: _text(node, name) for name in ("domain", "certificate", "image", "code", "warehouse_url")}
    for name, value in chosen.items():
        if not value:
            raise SystemExit(f"say {name}: cdk … -c {name}=…")
    name = _text(node, "name") or "tikfleet"
    if not _NAME.fullmatch(name):
        raise SystemExit("name is 2 to 31 of a-z, 0-9 and -, and begins with a letter")
    sizes: dict[str, Any] = json.loads(_SIZES.read_text())
    size = _text(node, "size") or "small"
    if size not in sizes:
        raise SystemExit(f"size is one of {', '.join(sizes)}")
    found = Size(**sizes[size])
    return Choices(
        name=name,
        **chosen,
        size=found,
        provisioned=int(_text(node, "provisioned") or found.provisioned),
        own_balancer_for_routers=_text(node, "own_balancer_for_routers") == "true",
        container_for_routers=_text(node, "container_for_routers") == "true",
        alarms_to=_text(node, "alarms_to"),
    )


def _text(node: Node, name: str) -> str:
    value = node.try_get_context(name)
    return "" if value is None else str(value)
