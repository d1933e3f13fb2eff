"""Deduplication against the plainest model there is: a set of what was seen."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tikfleet.domains.checkin.sequence import Arrival, arrival_of
from tikfleet.domains.inventory.model import DeviceState, copy_of
from tikfleet.kernel.ids import DeviceId, OrganisationId

WINDOW = 62


def state() -> DeviceState:
    return DeviceState(DeviceId("dev_a"), OrganisationId("org_a"))


class Naive:
    """Every report that was ever counted; a number too far below the highest of its boot is taken for a copy."""

    def __init__(self) -> None:
        self.seen: dict[str, set[int]] = {}
        self.boots: list[str] = []

    def counts(self, boot: str, seq: int) -> bool:
        if boot not in self.boots:
            self.boots = [boot, *self.boots][:5]
            self.seen[boot] = {seq}
            return True
        numbers = self.seen[boot]
        if seq in numbers or seq <= max(numbers) - WINDOW:
            return False
        numbers.add(seq)
        return True


steps = st.lists(st.tuples(st.integers(0, 6), st.integers(1, 200)), max_size=120)


@settings(max_examples=300, deadline=None)
@given(steps)
def test_it_counts_exactly_what_a_set_of_all_reports_would_count(reports: list[tuple[int, int]]) -> None:
    present, naive = state(), Naive()
    for boot, seq in reports:
        arrival, _ = arrival_of(present, f"boot{boot}", seq)
        assert (arrival is not Arrival.DUPLICATE) == naive.counts(f"boot{boot}", seq)


@settings(max_examples=100, deadline=None)
@given(st.permutations(range(1, 41)), st.randoms())
def test_every_order_of_forty_reports_and_their_copies_counts_forty(order: list[int], chance) -> None:
    doubled = [*order, *order]
    chance.shuffle(doubled)
    present = state()
    counted = [seq for seq in doubled if arrival_of(present, "b", seq)[0] is not Arrival.DUPLICATE]

    assert sorted(counted) == list(range(1, 41))
    assert present.seq == 40


def test_the_first_of_a_boot_the_newest_and_the_late_are_told_apart() -> None:
    present = state()
    told = [
        arrival_of(present, boot, seq) for boot, seq in (("a", 3), ("a", 7), ("a", 5), ("b", 1), ("a", 8), ("a", 5))
    ]

    assert told == [
        (Arrival.FIRST_OF_BOOT, 0),
        (Arrival.NEWEST, 3),
        (Arrival.LATE, 0),
        (Arrival.FIRST_OF_BOOT, 0),
        (Arrival.LATE, 0),
        (Arrival.DUPLICATE, 0),
    ]


def test_the_window_fits_into_the_database_whatever_comes() -> None:
    present = state()
    for seq in (1, 62, 63, 64, 2**53, 2**53 - 61, 2**53 - 62):
        arrival_of(present, "a", seq)
        assert 0 <= present.seen_window < 2**63


def test_a_copy_of_a_state_keeps_its_own_window_of_past_boots() -> None:
    present = state()
    for boot in "abc":
        arrival_of(present, boot, 1)
    copy = copy_of(present)
    arrival_of(copy, "a", 2)
    arrival_of(copy, "d", 1)

    assert [mark.seq for mark in present.detail.past_boots] == [1, 1]
    assert present.boot_id == "c"
    assert arrival_of(present, "a", 2)[0] is Arrival.LATE
