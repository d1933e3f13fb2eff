"""The command that changes the key which vouches for jobs."""

import asyncio
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from tikfleet.adapters.files.signing import rotate
from tikfleet.app.job_keys import private_key, public_keys
from tikfleet.app.settings import Settings
from tikfleet.kernel.errors import TikfleetError

Data = Annotated[str | None, typer.Option(help="Directory of everything that is kept.")]


def rotate_command(load: Callable[..., Settings]) -> Callable[..., None]:
    """The command `rotate-job-key`."""

    def command(data: Data = None) -> None:
        """Make a new key that signs jobs. What the old one signed stays valid until those jobs have ended.

        A running platform signs with the new key from its next job on.
        """
        settings = load(data=data)
        try:
            key_id = asyncio.run(rotate(private_key(settings), public_keys(settings)))
        except TikfleetError as error:
            print(f"{error.title}: {error.detail}.\n{error.advice}", file=sys.stderr)
            raise SystemExit(1) from error
        print(f"Jobs are signed with the key {key_id} from now on.")

    return command
