from collections.abc import Callable

import pytest

from .small_router import SmallRouter


@pytest.fixture
def router() -> SmallRouter:
    return SmallRouter()


@pytest.fixture
def router_of() -> Callable[..., SmallRouter]:
    return SmallRouter
