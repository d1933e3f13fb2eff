import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from scripted_router import Answers, ScriptedRouter


@pytest.fixture
def router() -> Iterator[Callable[..., ScriptedRouter]]:
    """Makes routers that answer as a function says, and end with the test."""
    made: list[ScriptedRouter] = []

    def make(answers: Answers | None = None) -> ScriptedRouter:
        made.append(ScriptedRouter(answers))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(params=["asynchronous", "blocking"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)
