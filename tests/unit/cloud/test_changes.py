"""What a deployment would do, by two templates."""

from typing import Any

from tikfleet.app.cloud.changes import Resource, change_lines, changes_between


def template(**resources: Any) -> dict[str, Any]:
    return {"Resources": resources}


QUEUE: dict[str, Any] = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "a"}}
TABLE: dict[str, Any] = {"Type": "AWS::DynamoDB::Table"}


def test_each_resource_is_made_changed_removed_or_left_alone() -> None:
    other = {**QUEUE, "Properties": {"QueueName": "b"}}

    found = changes_between(template(One=QUEUE, Two=QUEUE, Gone=TABLE), template(One=QUEUE, Two=other, New=TABLE))

    assert found.made == [Resource("AWS::DynamoDB::Table", "New")]
    assert found.changed == [Resource("AWS::SQS::Queue", "Two")]
    assert found.removed == [Resource("AWS::DynamoDB::Table", "Gone")]
    assert list(change_lines(found)) == [
        "1 resources would be made:",
        "    1  AWS::DynamoDB::Table",
        "1 would be changed:",
        "  AWS::SQS::Queue  Two",
        "1 would be removed:",
        "  AWS::DynamoDB::Table  Gone",
    ]


def test_where_nothing_is_known_of_what_runs_everything_is_made_and_that_is_said() -> None:
    found = changes_between(None, template(One=QUEUE, Two=QUEUE))

    assert (found.compared, len(found.made), found.changed, found.removed) == (False, 2, [], [])
    assert list(change_lines(found)) == [
        "What runs now was not asked, or nothing does.",
        "2 resources would be made:",
        "    2  AWS::SQS::Queue",
    ]
