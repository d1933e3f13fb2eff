"""The whole stack in MiniStack's CloudFormation, but for the kinds of resources that it does not know."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from tests.contract.clouds import ACCESS_KEY, SECRET_KEY, MiniStack
from tikfleet.adapters.aws.clients import Clients
from tikfleet.app.cloud.assembly import Assembly, read_assembly
from tikfleet.app.cloud.installation import Installation

from .synthesis import synthesised

# MiniStack 1.4 answers "Unsupported resource type" to these.
UNKNOWN = {
    "AWS::CloudFront::Function",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::EC2::EIP",
    "AWS::EC2::FlowLog",
    "AWS::EC2::NatGateway",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::RDS::DBClusterParameterGroup",
    "AWS::RDS::DBSubnetGroup",
    "AWS::SecretsManager::SecretTargetAttachment",
    "AWS::WAFv2::LoggingConfiguration",
    "AWS::WAFv2::WebACLAssociation",
}


@pytest.fixture(scope="module")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniStack]:
    if missing := MiniStack.missing():
        pytest.skip(f"{missing}: the stack is not deployed")
    given = {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    with pytest.MonkeyPatch.context() as environment:
        for name, value in given.items():
            environment.setenv(name, value)
        server = MiniStack(tmp_path_factory.mktemp("stack"))
        yield server
        server.kill()


@pytest_asyncio.fixture
async def clients(ministack: MiniStack) -> AsyncIterator[Clients]:
    async with ministack.clients() as made:
        yield made


def known(*, with_migration: bool = False) -> Assembly:
    """The stack without what MiniStack does not know, and without the function that a deployment calls."""
    whole = read_assembly(synthesised(), "tikfleet")
    resources = whole.template["Resources"]
    gone = {name for name, made in resources.items() if made["Type"] in UNKNOWN}
    if not with_migration:
        gone |= {name for name in resources if name.startswith(("FunctionsMigrate", "WatchMigrate"))}
    # What watches the function goes with it; the page names it in a text that CloudFormation puts together.
    kept = {name: made for name, made in resources.items() if name not in gone}
    return Assembly(whole.template | {"Resources": _without(kept, gone)}, whole.files)


def _without(value: Any, gone: set[str]) -> Any:
    """References to what is gone become the word `absent`."""
    if isinstance(value, list):
        return [_without(item, gone) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("Ref") in gone or (value.get("Fn::GetAtt") or [""])[0] in gone:
        return "absent"
    return {
        name: [each for each in _several(item) if each not in gone] if name == "DependsOn" else _without(item, gone)
        for name, item in value.items()
    }


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


async def test_it_stands(clients: Clients) -> None:
    standing = await Installation(clients, "tikfleet", print, look_again_s=0.05).deploy(known())

    assert standing.status == "CREATE_COMPLETE"
    functions = (await (await clients.open("lambda")).list_functions())["Functions"]
    assert {item["Handler"].split(".")[-2] for item in functions} == {"http", "consume", "work", "tick"}
    mappings = (await (await clients.open("lambda")).list_event_source_mappings())["EventSourceMappings"]
    assert {item["EventSourceArn"].split(":")[2] for item in mappings} == {"kinesis", "sqs"}
    assert {"Address", "RoutersAddress", "PagesBucket"} <= set(standing.outputs)
    listeners = await (await clients.open("elbv2")).describe_load_balancers()
    assert {item["DNSName"] for item in listeners["LoadBalancers"]} == {
        standing.outputs["Address"],
        standing.outputs["RoutersAddress"],
    }
