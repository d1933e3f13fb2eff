"""Routes of dead letters. Service: `dead_letters`."""

from typing import Annotated

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import PathParameter

from tikfleet.app.letters import DeadLetters, Letter, LetterContent, LettersReplayed
from tikfleet.httpkit.policies import permits
from tikfleet.httpkit.wire import Items
from tikfleet.kernel.scopes import Actor, OrgScope

LetterPath = Annotated[str, PathParameter(description="The letter's id, such as work-msg_01m3k5x0v7q2a9bc.")]
_MAY = permits("settings:write")


class LetterRoutes(Controller):
    """Work that was given up, for the organisation that runs the installation."""

    path = "/server/letters"
    tags = ["Settings"]

    @get("/", policy=_MAY, operation_id="listLetters", summary="List dead letters")
    async def list_letters(
        self, org: NamedDependency[OrgScope], dead_letters: NamedDependency[DeadLetters]
    ) -> Items[Letter]:
        """Work that failed five times, and calls of functions that AWS gave up: up to a hundred of each queue."""
        found = await dead_letters.listed(org)
        return Items(found, None, len(found))

    @post("/replay", status_code=200, policy=_MAY, operation_id="replayLetters", summary="Replay all dead letters")
    async def replay_all(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        dead_letters: NamedDependency[DeadLetters],
    ) -> LettersReplayed:
        """Have all work done again that can be. What fails again is back here after five times."""
        return await dead_letters.replay_all(org, actor)

    @get("/{letter_id:str}", policy=_MAY, operation_id="getLetter", summary="Read a dead letter")
    async def read(
        self,
        org: NamedDependency[OrgScope],
        dead_letters: NamedDependency[DeadLetters],
        letter_id: LetterPath,
    ) -> LetterContent:
        """A dead letter with all of its content."""
        return await dead_letters.get(org, letter_id)

    @post(
        "/{letter_id:str}/replay",
        status_code=204,
        policy=_MAY,
        operation_id="replayLetter",
        summary="Replay a dead letter",
    )
    async def replay(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        dead_letters: NamedDependency[DeadLetters],
        letter_id: LetterPath,
    ) -> None:
        """Have it worked on again, as if it were new."""
        await dead_letters.replay(org, actor, letter_id)

    @delete("/{letter_id:str}", policy=_MAY, operation_id="discardLetter", summary="Discard a dead letter")
    async def discard(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        dead_letters: NamedDependency[DeadLetters],
        letter_id: LetterPath,
    ) -> None:
        """Remove it for ever; the audit trail keeps the beginning of its content."""
        await dead_letters.discard(org, actor, letter_id)
