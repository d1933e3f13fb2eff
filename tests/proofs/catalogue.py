"""Each proof by the name of its `make prove-…`. The short forms are tests: `pytest tests/proofs`."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final

from .deliveries import prove_many_deliveries
from .disk import prove_disk
from .failing_sync import prove_failed_syncs
from .fleet import prove_fleet
from .flows import prove_flows
from .herd import prove_herd
from .hostile import prove_hostile
from .kill import prove_kill
from .logs import prove_logs
from .mixed import prove_mixed
from .power import prove_power
from .queries import prove_queries
from .soak import prove_soak
from .stopped_writer import prove_stopped_writer
from .torn import prove_torn
from .upgrade import prove_upgrade
from .verdicts import Verdict

Proofs = dict[str, Sequence[Callable[[], Awaitable[Verdict]]]]

LONG: Final[Proofs] = {
    "power": (prove_power,),
    "torn": (prove_torn,),
    "disk": (prove_failed_syncs, prove_disk),
    "kill": (prove_kill,),
    "stopped-writer": (prove_stopped_writer,),
    "herd": (prove_herd,),
    "slow-clients": (prove_hostile,),
    "mixed": (prove_mixed,),
    "upgrade": (prove_upgrade,),
    "jobs": (partial(prove_many_deliveries, 1_000_000),),
    "fleet": (partial(prove_fleet, 834), partial(prove_fleet, 1_667)),
    "soak": (prove_soak,),
    "queries": (prove_queries,),
    "flows": (prove_flows,),
    "logs": (prove_logs,),
}
