"""The API's description is whole: what a reader, a generator of clients and the fuzzer rely on."""

import re
from typing import Any

import jsonschema_rs
import pytest

from tests.api.conformance.house import House

JSON = "application/json"


@pytest.fixture(scope="module")
def document(house: House) -> Any:
    answer = house.fetch("/api/v1/openapi.json")
    assert (answer.status_code, answer.headers["content-type"]) == (200, JSON)
    return answer.json()


def operations(document: Any) -> list[tuple[str, Any]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]


def of_router(name: str) -> bool:
    """Whether a router's own REST answers there, whose bodies and errors are its own."""
    return name.endswith(("/routeros/{menu_path}", "/jobs/{job_id}/routeros"))


def test_every_operation_says_what_it_is_and_does(document: Any) -> None:
    found = operations(document)
    assert len(found) >= 60
    for name, operation in found:
        assert operation["summary"], name
        assert operation["description"].strip().endswith("."), name
        assert len(operation["tags"]) == 1, name
    ids = [operation["operationId"] for _, operation in found]
    assert len(set(ids)) == len(ids)
    assert {tag["name"] for tag in document["tags"]} == {operation["tags"][0] for _, operation in found}


def test_every_operation_says_who_may_use_it(document: Any) -> None:
    for name, operation in operations(document):
        if operation["security"]:
            assert operation["security"] == [{"token": []}, {"session": []}], name
            assert "401" in operation["responses"], name
        else:
            assert operation["operationId"] in {"getSetup", "completeSetup", "signIn", "acceptInvitation"}


def test_every_json_body_and_answer_has_an_example_that_its_schema_admits(document: Any) -> None:
    seen = 0
    for name, operation in operations(document):
        for part in (operation.get("requestBody", {}), *operation["responses"].values()):
            content = part.get("content", {}).get(JSON)
            if content is None:
                continue
            seen += 1
            schema = {**content["schema"], "components": document["components"]}
            assert "example" in content, name
            jsonschema_rs.validate(schema, content["example"])
    assert seen > 60


def test_every_refusal_is_described_as_a_problem_document(document: Any) -> None:
    for name, operation in operations(document):
        assert {"400", "404", "429"} <= set(operation["responses"]), name
        assert "default" not in operation["responses"], name
        for status, answer in operation["responses"].items():
            if status >= "400":
                # What a router refuses on its own path, it refuses in its own form.
                kinds = [kind for kind in answer["content"] if kind != JSON or not of_router(name)]
                assert kinds == ["application/problem+json"], f"{name} {status}"


def test_every_body_refuses_what_it_does_not_name(document: Any) -> None:
    for name, operation in operations(document):
        if "requestBody" in operation and not of_router(name):
            reference = operation["requestBody"]["content"][JSON]["schema"]["$ref"]
            schema = document["components"]["schemas"][reference.rpartition("/")[2]]
            assert schema["additionalProperties"] is False, name


def test_every_text_that_comes_in_is_bounded(document: Any) -> None:
    open_ended = []
    for name, operation in operations(document):
        for parameter in operation["parameters"]:
            schema = parameter["schema"]
            for form in (schema, schema.get("items", {})):
                bounded = {"maxLength", "enum", "const"} & set(form)
                if parameter["in"] == "query" and form.get("type") == "string" and not bounded:
                    open_ended.append(f"{name} {parameter['name']}")
    for title in re.findall(
        r"#/components/schemas/(\w+)", str([item.get("requestBody") for _, item in operations(document)])
    ):
        for field, schema in document["components"]["schemas"][title]["properties"].items():
            for form in (schema, *schema.get("anyOf", ()), schema.get("items", {})):
                fixed = {"maxLength", "enum", "const"} & set(form) or re.search(r"\{16\}\$", form.get("pattern", ""))
                if form.get("type") == "string" and not fixed:
                    open_ended.append(f"{title}.{field}")
    assert open_ended == []


def test_every_list_takes_a_cursor_and_a_limit(document: Any) -> None:
    for name, operation in operations(document):
        answer = operation["responses"].get("200", {}).get("content", {}).get(JSON, {})
        schema = document["components"]["schemas"].get(answer.get("schema", {}).get("$ref", "").rpartition("/")[2], {})
        named = {parameter["name"] for parameter in operation["parameters"]}
        if "next_cursor" in schema.get("properties", {}) and "cursor" in named:
            assert {"limit", "fields"} <= named, name


def test_a_removal_is_described_in_both_its_forms(document: Any) -> None:
    responses = document["paths"]["/api/v1/devices/{device_id}"]["delete"]["responses"]
    assert {"202", "204"} <= set(responses)
    assert "content" not in responses["204"]


def test_writes_take_a_key_and_changes_a_condition(document: Any) -> None:
    for name, operation in operations(document):
        method = name.partition(" ")[0]
        headers = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "header"}
        assert ("Idempotency-Key" in headers) == (method != "GET"), name
        if method in {"PATCH", "DELETE"} and "/session" not in name:
            assert "If-Match" in headers, name
            assert "412" in operation["responses"], name
