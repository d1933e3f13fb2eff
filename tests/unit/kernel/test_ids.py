"""Identifiers that sort by the time they were made."""

from tikfleet.kernel.ids import id_before, is_id, new_id


def test_an_id_before_another_is_of_its_kind_and_sorts_before_it_and_after_what_is_older() -> None:
    for _ in range(2_000):
        older, later = "job_0000000000000000", new_id("job")
        early = id_before(later)
        assert is_id(early, "job")
        assert older < early < later
        assert id_before(later) != early
