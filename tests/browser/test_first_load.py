"""What the first page costs."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Request, expect

from .house import House

MOST_SCRIPT_BYTES = 500_000


@pytest.mark.parametrize("path", ["/", "/sign-in"])
def test_the_first_page_takes_little_script_and_nothing_from_elsewhere(
    path: str, house: House, open_context: Callable[..., Any]
) -> None:
    context, _ = open_context(house.url, house.owner if path == "/" else None)  # the watch refuses other origins
    finished: list[Request] = []
    context.on("requestfinished", lambda request: finished.append(request))  # noqa: PLW0108 - Playwright wants a function
    page = context.new_page()
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)

    scripts = [request for request in finished if request.resource_type == "script"]
    bytes_of = {request.url.rpartition("/")[2]: request.sizes()["responseBodySize"] for request in scripts}
    # The smallest are not worth compressing.
    large = [request for request in scripts if bytes_of[request.url.rpartition("/")[2]] > 2_000]
    encodings = {request.response().headers.get("content-encoding") for request in large}  # type: ignore[union-attr]
    assert scripts, "no script was loaded"
    assert encodings <= {"br", "gzip"}, encodings
    total = sum(bytes_of.values())
    assert total <= MOST_SCRIPT_BYTES, (
        f"{total} bytes of script: {sorted(bytes_of.items(), key=lambda one: -one[1])[:8]}"
    )
