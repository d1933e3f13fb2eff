"""Every form in which a client may write a request: through the platform the answer is the router's own."""

import os
import re
from typing import Any

import httpx
import pytest

from tests.api.live.conftest import Enrolled, World
from tests.api.live.rest_forms import CONFIGURATION, MORE_WRITES, READS, WRITES, Form

# What no two routers have alike.
OWN = ("mac-address", "creation-time", "actual-mac-address")
FORMS = [pytest.param(READS, id="reads"), pytest.param(WRITES, id="writes")]
if "TIKFLEET_ALIKE_SEEDS" in os.environ:
    FORMS.append(pytest.param(MORE_WRITES, id="more-writes"))


async def said(client: httpx.AsyncClient, form: Form) -> tuple[int, str, str, Any]:
    """Status, media type, whose place the Location names, and the body for its meaning."""
    content: Any = form.content
    if form.chunked:
        content = _pieces(content)
    # Not by `url=`: a client's library would tidy what is sent.
    base = client.base_url.raw_path.decode().rstrip("/")
    url = client.base_url.copy_with(raw_path=(base + form.target).encode())
    answer = await client.request(form.method, url, content=content, headers=form.headers)
    location = re.split("/(?:rest|routeros)/", answer.headers.get("location", ""))[-1]
    media = answer.headers.get("content-type", "").partition(";")[0]
    value = answer.json() if answer.content and "json" in media else answer.text
    return answer.status_code, media, location, _alike(value)


async def _pieces(content: Any) -> Any:
    for piece in content:
        yield piece


def _alike(value: Any) -> Any:
    if isinstance(value, list):
        return [_alike(one) for one in value]
    return {name: text for name, text in value.items() if name not in OWN} if isinstance(value, dict) else value


async def pair(world: World, version: str) -> tuple[Enrolled, Enrolled]:
    """A router under the platform's care and one alike that nobody manages."""
    asked = await world.router(version)
    alike = Enrolled(world, await world.plain(version), "")
    for router in (asked, alike):
        await router.router.run(CONFIGURATION)
    await asked.go_live()
    return asked, alike


@pytest.mark.parametrize("forms", FORMS)
async def test_each_form_of_a_request_is_answered_as_by_the_router(world: World, forms: tuple[Form, ...]) -> None:
    asked, alike = await pair(world, "7.20.8")
    cloud, direct = asked.cloud(), alike.direct
    wrong = {}
    for number, form in enumerate(forms):
        ours, theirs = await said(cloud, form), await said(direct, form)
        if ours != theirs:
            wrong[f"{number} {form}"] = (ours, theirs)
    assert not wrong, "\n".join(f"{form}\n   ours   {both[0]}\n   theirs {both[1]}" for form, both in wrong.items())
