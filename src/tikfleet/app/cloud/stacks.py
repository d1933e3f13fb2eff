"""One stack in CloudFormation: made, changed, taken back, taken away; each waits for its end and tells what happens."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final

import msgspec

from tikfleet.adapters.aws.clients import Clients, Refused, Service
from tikfleet.kernel.errors import TikfleetError

TEMPLATE_TAG: Final = "tikfleet-template"
_ABSENT: Final = ("ValidationError",)
# What is left of a first attempt that failed: nothing that can be updated.
_NEVER_MADE: Final = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "REVIEW_IN_PROGRESS", "CREATE_FAILED"})
_DONE: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})
_GONE: Final = frozenset({"", "DELETE_COMPLETE"})
Tell = Callable[[str], None]


class DeploymentFailed(TikfleetError):
    """CloudFormation did not bring the stack to where it was to be; it is where it was before."""

    code: ClassVar[str] = "deploy.failed"
    title: ClassVar[str] = "The deployment failed"
    remedy: ClassVar[str] = "Correct what the sentence names and deploy again: a half-made stack is finished or undone."


class Standing(msgspec.Struct, frozen=True):
    """How a stack stands. `status` is CloudFormation's word, empty where there is none; `template` is what it runs."""

    status: str = ""
    reason: str = ""
    template: str = ""
    outputs: dict[str, str] = {}


class Stack:
    """Raises CloudUnavailable where AWS does not answer or permit."""

    def __init__(self, clients: Clients, name: str, tell: Tell, look_again_s: float = 5.0) -> None:
        self._cloud = Service(clients, "cloudformation")
        self._name = name
        self._tell = tell
        self._look_again_s = look_again_s
        self._told: set[str] = set()

    async def standing(self) -> Standing:
        try:
            found = (await self._cloud.call("describe_stacks", told=_ABSENT, StackName=self._name))["Stacks"]
        except Refused:
            return Standing()
        if not found or found[0]["StackStatus"] == "DELETE_COMPLETE":
            return Standing()
        stack = found[0]
        tags = {tag["Key"]: tag["Value"] for tag in stack.get("Tags", [])}
        outputs = {item["OutputKey"]: item.get("OutputValue", "") for item in stack.get("Outputs", [])}
        return Standing(stack["StackStatus"], stack.get("StackStatusReason", ""), tags.get(TEMPLATE_TAG, ""), outputs)

    async def apply(self, template_url: str, template: str) -> Standing:
        """Make the stack, or change it to this template. Raises DeploymentFailed; the stack is then as before."""
        standing = await self._settled()
        if standing.status in _NEVER_MADE:
            self._tell("An earlier attempt was never made whole: it is taken away first.")
            await self._delete()
            standing = Standing()
        if standing.status == "UPDATE_ROLLBACK_FAILED":
            self._tell("An earlier change was not taken back whole: that is finished first.")
            await self._cloud.call("continue_update_rollback", StackName=self._name)
            standing = await self._settled()
        values: dict[str, Any] = {
            "StackName": self._name,
            "TemplateURL": template_url,
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
            "Tags": [{"Key": TEMPLATE_TAG, "Value": template}],
        }
        if standing.status:
            if not await self._update(values):
                return standing
        else:
            await self._cloud.call("create_stack", **values, EnableTerminationProtection=True)
        return await self._ended()

    async def delete(self) -> Sequence[tuple[str, str]]:
        """Take it away. Gives type and id of what stays, as the template asks. Raises DeploymentFailed."""
        kept = await self.kept()
        try:
            await self._cloud.call(
                "update_termination_protection",
                told=("InvalidAction",),
                StackName=self._name,
                EnableTerminationProtection=False,
            )
        except Refused:
            self._tell("Nothing here protects stacks.")
        await self._delete()
        return kept

    async def kept(self) -> list[tuple[str, str]]:
        """Type and physical id of what outlives the stack."""
        body = await self.template() or {"Resources": {}}
        names = {name for name, made in body["Resources"].items() if made.get("DeletionPolicy", "Delete") != "Delete"}
        return [(kind, found) for name, kind, found in await self.resources() if name in names and found]

    async def template(self) -> dict[str, Any] | None:
        """What CloudFormation runs, or None where there is no stack."""
        try:
            found = (await self._cloud.call("get_template", told=_ABSENT, StackName=self._name))["TemplateBody"]
        except Refused:
            return None
        body: dict[str, Any] = msgspec.json.decode(found) if isinstance(found, str) else found
        return body

    async def resources(self) -> list[tuple[str, str, str]]:
        """Logical id, type and physical id of each."""
        found: list[Mapping[str, Any]] = []
        more: dict[str, Any] = {}
        while True:
            answer = await self._cloud.call("list_stack_resources", StackName=self._name, **more)
            found += answer["StackResourceSummaries"]
            if not answer.get("NextToken"):
                return [
                    (item["LogicalResourceId"], item["ResourceType"], item.get("PhysicalResourceId", ""))
                    for item in found
                ]
            more = {"NextToken": answer["NextToken"]}

    async def _update(self, values: Mapping[str, Any]) -> bool:
        """Whether there was anything to change."""
        try:
            await self._cloud.call("update_stack", told=_ABSENT, **values)
        except Refused as cause:
            message = str(cause.answer.get("Error", {}).get("Message", ""))
            if "No updates" not in message:
                raise DeploymentFailed(message or "CloudFormation refuses the template") from cause
            self._tell("Nothing changes.")
            return False
        return True

    async def _delete(self) -> None:
        await self._cloud.call("delete_stack", StackName=self._name)
        standing = await self._settled()
        if standing.status not in _GONE:
            raise DeploymentFailed(f"the stack is {standing.status}: {standing.reason or 'no reason is given'}")

    async def _ended(self) -> Standing:
        standing = await self._settled()
        if standing.status not in _DONE:
            raise DeploymentFailed(f"the stack is {standing.status}: {await self._first_failure() or standing.reason}")
        return standing

    async def _settled(self) -> Standing:
        """As it stands once nothing is under way."""
        while True:
            standing = await self.standing()
            if standing.status:
                await self._tell_events()
            if not standing.status.endswith("_IN_PROGRESS") or standing.status == "REVIEW_IN_PROGRESS":
                return standing
            await asyncio.sleep(self._look_again_s)

    async def _events(self) -> list[Mapping[str, Any]]:
        try:
            answer = await self._cloud.call("describe_stack_events", told=_ABSENT, StackName=self._name)
        except Refused:
            return []
        return list(answer["StackEvents"])

    async def _tell_events(self) -> None:
        for event in reversed(await self._events()):
            if event["EventId"] not in self._told:
                self._told.add(event["EventId"])
                status, name = event.get("ResourceStatus", ""), event.get("LogicalResourceId", "")
                self._tell(f"{status:<24} {name} {event.get('ResourceStatusReason', '')}".rstrip())

    async def _first_failure(self) -> str:
        """The oldest of the last events that failed: what comes after it follows from it."""
        failed = [event for event in await self._events() if "FAILED" in str(event.get("ResourceStatus", ""))]
        return str(failed[-1].get("ResourceStatusReason", "")) if failed else ""
