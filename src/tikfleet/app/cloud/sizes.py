"""How large an installation on AWS is: `sizes.json`, which the stack in `deploy/aws` reads too."""

from importlib.resources import files

import msgspec


class Size(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of everything. Memory in MiB, the container's processor in 1/1024 of a vCPU, the database in ACU."""

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


def sizes() -> dict[str, Size]:
    """The sizes there are, by name, from small to large."""
    return msgspec.json.decode((files(__package__) / "sizes.json").read_bytes(), type=dict[str, Size])
