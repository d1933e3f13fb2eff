"""An installation on AWS as `tikfleet deploy aws` handles it: its bucket of deployments, its stack, its data."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final

import msgspec

from tikfleet.adapters.aws.clients import Clients, Refused, Service
from tikfleet.app.cloud.assembly import Assembly
from tikfleet.app.cloud.stacks import DeploymentFailed, Stack, Standing
from tikfleet.kernel.errors import TikfleetError

_TEMPLATES: Final = "templates/"
_HAVE_IT: Final = ("BucketAlreadyOwnedByYou", "BucketAlreadyExists")
_NO_SUCH: Final = ("404", "NoSuchKey", "NotFound")
_OLDEST: Final = 50
_DIGITS: Final = 6


class NothingThere(TikfleetError):
    """There is no installation of that name, or nothing to go back to."""

    code: ClassVar[str] = "deploy.nothing-there"
    title: ClassVar[str] = "There is nothing of that name"
    remedy: ClassVar[str] = "Look with `tikfleet deploy aws status`; deploy with `tikfleet deploy aws`."


class Deployed(msgspec.Struct, frozen=True):
    """How an installation stands, and the templates it had, the newest last."""

    standing: Standing
    templates: list[str]


class Installation:
    """Raises CloudUnavailable where AWS does not answer or permit, DeploymentFailed where the stack ends badly."""

    def __init__(self, clients: Clients, name: str, tell: Callable[[str], None], look_again_s: float = 5.0) -> None:
        self._s3 = Service(clients, "s3")
        self._sts = Service(clients, "sts")
        self._logs = Service(clients, "logs")
        self._functions = Service(clients, "lambda")
        self._clients = clients
        self._name = name
        self._tell = tell
        self.stack = Stack(clients, name, tell, look_again_s)

    async def deploy(self, assembly: Assembly) -> Standing:
        """Bring the stack to this template. What it needs is put into the bucket first, the template kept there."""
        bucket = await self._bucket(make=True)
        for file in assembly.files:
            await self._put(bucket, file.key, file.content)
        kept = await self._templates(bucket)
        last = kept[-1] if kept else ""
        name = last
        if not last.endswith(f"-{assembly.digest}.json"):
            name = f"{len(kept) + 1:0{_DIGITS}d}-{assembly.digest}.json"
            await self._s3.call("put_object", Bucket=bucket, Key=_TEMPLATES + name, Body=assembly.text)
        standing = await self.stack.apply(await self._address(bucket, name), name)
        await self._migrate()
        return standing

    async def status(self) -> Deployed:
        standing = await self.stack.standing()
        return Deployed(standing, await self._templates(await self._bucket(make=False)))

    async def rollback(self) -> Standing:
        """Back to the template before the one that runs. Data and the database's schema stay. Raises NothingThere."""
        found = await self.status()
        if not found.standing.status:
            raise NothingThere(f"there is no installation {self._name}")
        running = found.standing.template
        earlier = [name for name in found.templates if name < running]
        if not earlier:
            raise NothingThere(f"{running or 'what runs'} is the first template that was deployed")
        bucket = await self._bucket(make=False)
        self._tell(f"From {running} back to {earlier[-1]}.")
        return await self.stack.apply(await self._address(bucket, earlier[-1]), earlier[-1])

    async def destroy(self) -> Sequence[tuple[str, str]]:
        """Take the stack away; gives type and id of what stays. Raises NothingThere."""
        if not (await self.stack.standing()).status:
            raise NothingThere(f"there is no installation {self._name}")
        return await self.stack.delete()

    async def logs(self, since_ms: int) -> Sequence[str]:
        """Lines of all its log groups since a moment (ms since 1970), in their order."""
        groups = [found for _, kind, found in await self.stack.resources() if kind == "AWS::Logs::LogGroup"]
        lines: list[tuple[int, str]] = []
        for group in groups:
            try:
                answer = await self._logs.call(
                    "filter_log_events", told=("ResourceNotFoundException",), logGroupName=group, startTime=since_ms
                )
            except Refused:
                continue
            lines += [(event["timestamp"], event["message"].rstrip()) for event in answer["events"]]
        return [line for _, line in sorted(lines)]

    async def _migrate(self) -> None:
        """The schema of the release that runs now."""
        for name, kind, found in await self.stack.resources():
            if kind == "AWS::Lambda::Function" and name.startswith("FunctionsMigrate"):
                self._tell("The database is brought to this release.")
                answer = await self._functions.call("invoke", FunctionName=found, Payload=b"{}")
                if answer.get("FunctionError"):
                    raise DeploymentFailed("the database was not brought to this release: its function's log says why")

    async def _bucket(self, *, make: bool) -> str:
        """Of templates and packages: private, encrypted, with versions."""
        account = (await self._sts.call("get_caller_identity"))["Account"]
        region = (await self._clients.open("s3")).meta.region_name
        name = f"{self._name}-deploy-{account}-{region}"
        if not make:
            return name
        values: dict[str, Any] = {"Bucket": name}
        if region != "us-east-1":
            values["CreateBucketConfiguration"] = {"LocationConstraint": region}
        try:
            await self._s3.call("create_bucket", told=_HAVE_IT, **values)
        except Refused:
            return name
        closed = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        await self._s3.call(
            "put_public_access_block", Bucket=name, PublicAccessBlockConfiguration=dict.fromkeys(closed, True)
        )
        await self._s3.call("put_bucket_versioning", Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name

    async def _put(self, bucket: str, key: str, content: Callable[[], bytes]) -> None:
        """Keys are hashes of what they hold, so what is there is right."""
        try:
            await self._s3.call("head_object", told=_NO_SUCH, Bucket=bucket, Key=key)
        except Refused:
            self._tell(f"{key} goes to {bucket}.")
            await self._s3.call("put_object", Bucket=bucket, Key=key, Body=content())

    async def _templates(self, bucket: str) -> list[str]:
        try:
            answer = await self._s3.call(
                "list_objects_v2", told=("NoSuchBucket",), Bucket=bucket, Prefix=_TEMPLATES, MaxKeys=1000
            )
        except Refused:
            return []
        return sorted(item["Key"].removeprefix(_TEMPLATES) for item in answer.get("Contents", []))[-_OLDEST:]

    async def _address(self, bucket: str, name: str) -> str:
        """Where CloudFormation reads the template, by the form of address that other stores know too."""
        endpoint = str((await self._clients.open("s3")).meta.endpoint_url)
        return f"{endpoint}/{bucket}/{_TEMPLATES}{name}"
