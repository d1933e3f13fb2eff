"""What the job service signs of a job: everything that never changes, so that nothing of it can be changed.

The form is `tikfleet-job/1`, a line break, and the signed fields as JSON, names in alphabetical order; a field that
has its default is left out, so that a field of a later version changes no signature of an earlier one. A job whose
script is written when its device asks for it (`is_late`) is signed without the script's digest: it is written again,
from what was signed, each time that it leaves.
"""

from typing import Final

import msgspec

from tikfleet.domains.jobs.model import Job

_FORM: Final = b"tikfleet-job/1\n"
# What changes in the life of a job (`repository.change_job` writes it), and the signature itself.
CHANGING: Final = frozenset(
    {
        "status", "delivered_at", "started_at", "finished_at", "deadline_at", "boot_id", "deliveries", "reported",
        "error", "output", "output_bytes", "output_truncated", "failures",
        "not_before", "signature",
    }
)  # fmt: skip
_OF_THE_SCRIPT: Final = frozenset({"script_digest", "script_bytes"})
_DEFAULTS: Final = {field.name: field.default for field in msgspec.structs.fields(Job)}
_SIGNED: Final = tuple(sorted(_DEFAULTS.keys() - CHANGING))


def envelope(job: Job, *, late: bool = False) -> bytes:
    """The bytes that are signed. `late`: as the job was before its script was written."""
    left_out = _OF_THE_SCRIPT if late else frozenset[str]()
    signed = {
        name: value
        for name in _SIGNED
        if name not in left_out and (value := getattr(job, name)) != _DEFAULTS[name]
    }  # fmt: skip
    return _FORM + msgspec.json.encode(signed)
