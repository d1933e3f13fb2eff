"""All facts of menus, by path: every module of `facts` is named here, once."""

from typing import Final

from tikfleet.virtual.menus.schema import MenuFacts

_MODULES: Final[tuple[tuple[MenuFacts, ...], ...]] = ()

FACTS: Final[dict[str, MenuFacts]] = {facts.path: facts for menus in _MODULES for facts in menus}
