"""Looks over a page's shoulder: what goes wrong without a person seeing it fails the test."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Page, Request

# The one refusal that belongs to the design: a page asks who is signed in, and nobody is.
_NOBODY_SIGNED_IN = re.compile(r"status of 401 .*/api/v1/session$", re.DOTALL)
_OWN_SCHEMES = {"data", "blob", "about"}


class Watch:
    """Collects errors on the console, errors of scripts, dialogs, and requests to anywhere but `origin`."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._allowed = [_NOBODY_SIGNED_IN]
        self.faults: list[str] = []

    def over(self, context: BrowserContext) -> None:
        """Watch all pages of this context, from their first request."""
        context.on("page", self._page)
        context.on("request", self._request)

    def allow(self, pattern: str) -> None:
        """From here on, an error of this text (and address) is part of what the test does."""
        self._allowed.append(re.compile(pattern, re.DOTALL))

    def _page(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._note(f"script error: {error}"))
        page.on("dialog", self._dialog)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self._note(f"console: {message.text} {message.location.get('url', '')}")

    def _dialog(self, dialog: Dialog) -> None:
        self._note(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in _OWN_SCHEMES and f"{parts.scheme}://{parts.netloc}" != self._origin:
            self._note(f"request to another origin: {request.url}")

    def _note(self, fault: str) -> None:
        if not any(pattern.search(fault) for pattern in self._allowed):
            self.faults.append(fault)
