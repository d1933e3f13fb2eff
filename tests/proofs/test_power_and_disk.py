"""Short forms of R3, R4 and R9: what the inbox promises through power cuts, torn files and failing syncs."""

import pytest

from tikfleet.adapters.sqlite import log

from .failing_sync import prove_failed_syncs
from .inboxes import unsynced
from .power import prove_power
from .torn import prove_torn, without_checksums


async def test_power_cuts_lose_nothing_that_was_acknowledged() -> None:
    verdict = await prove_power(60, 2)
    assert verdict.held, verdict.line()


async def test_torn_tails_and_flipped_bits_leave_the_prefix() -> None:
    verdict = await prove_torn(211, 200)
    assert verdict.held, verdict.line()


async def test_a_failed_sync_is_never_built_on() -> None:
    verdict = await prove_failed_syncs(40)
    assert verdict.held, verdict.line()


async def test_power_cuts_lose_reports_where_nothing_is_synced() -> None:
    verdict = await prove_power(30, 1, unsynced)

    assert not verdict.held
    assert verdict.figures["lost"] > 0


async def test_without_checksums_a_flipped_bit_becomes_a_report() -> None:
    with without_checksums():
        verdict = await prove_torn(2_000, 100)

    assert verdict.figures["accepted_wrong"] > 0


async def test_a_log_that_is_not_written_again_loses_what_comes_behind_a_failed_sync(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(log, "_write_again", lambda path: None)
    verdict = await prove_failed_syncs(20)

    assert verdict.figures["lost"] > 0
