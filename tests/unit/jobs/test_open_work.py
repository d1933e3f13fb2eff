"""The index of open work never says no while there is work."""

from tikfleet.domains.jobs.openwork import OpenWork
from tikfleet.kernel.ids import DeviceId

ONE = DeviceId("dev_01m3k5x0v7q2a9bc")


def test_a_device_without_work_is_unknown() -> None:
    work = OpenWork()
    assert ONE not in work
    work.clear(ONE, work.mark_of(ONE))
    assert len(work) == 0


def test_a_mark_that_still_stands_can_be_cleared() -> None:
    work = OpenWork()
    work.mark([ONE])
    work.clear(ONE, work.mark_of(ONE))
    assert ONE not in work


def test_a_job_that_arrives_while_somebody_looks_is_not_lost() -> None:
    work = OpenWork()
    work.mark([ONE])
    seen = work.mark_of(ONE)
    work.mark([ONE])
    work.clear(ONE, seen)
    assert ONE in work
