"""What outlived a stack, taken away: only by whoever says so twice."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from tikfleet.adapters.aws.clients import Clients, Refused, Service

# Keys and secrets can be called back for so long.
_REGRET_DAYS: Final = 30


class Eraser:
    """Raises CloudUnavailable. What is gone already is passed over."""

    def __init__(self, clients: Clients, name: str, tell: Callable[[str], None]) -> None:
        self._name = name
        self._tell = tell
        self._services = {
            service: Service(clients, service)
            for service in ("s3", "dynamodb", "kinesis", "rds", "logs", "secretsmanager", "kms")
        }
        self._ways: dict[str, Callable[[str], Any]] = {
            "AWS::S3::Bucket": self._bucket,
            "AWS::DynamoDB::Table": self._table,
            "AWS::Kinesis::Stream": self._stream,
            "AWS::RDS::DBInstance": self._member,
            "AWS::RDS::DBCluster": self._cluster,
            "AWS::Logs::LogGroup": self._log,
            "AWS::SecretsManager::Secret": self._secret,
            "AWS::KMS::Key": self._key,
        }

    async def erase(self, kept: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """Take away what `Stack.delete` said stays, members of a cluster before it, keys last; gives what it cannot."""
        order = list(self._ways)
        left = [item for item in kept if item[0] not in order]
        for kind, found in sorted((item for item in kept if item[0] in order), key=lambda item: order.index(item[0])):
            try:
                await self._ways[kind](found)
                self._tell(f"gone  {kind} {found}")
            except Refused as cause:
                self._tell(f"{cause.code}  {kind} {found}")
        return left

    async def _bucket(self, name: str) -> None:
        s3 = self._services["s3"]
        while True:
            page = await s3.call("list_object_versions", told=("NoSuchBucket",), Bucket=name, MaxKeys=1000)
            found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            if not found:
                break
            objects = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]
            await s3.call("delete_objects", Bucket=name, Delete={"Objects": objects, "Quiet": True})
        await s3.call("delete_bucket", Bucket=name)

    async def _table(self, name: str) -> None:
        table = self._services["dynamodb"]
        absent = ("ResourceNotFoundException",)
        await table.call("update_table", told=absent, TableName=name, DeletionProtectionEnabled=False)
        await table.call("delete_table", told=absent, TableName=name)

    async def _stream(self, name: str) -> None:
        await self._services["kinesis"].call("delete_stream", told=("ResourceNotFoundException",), StreamName=name)

    async def _member(self, name: str) -> None:
        await self._services["rds"].call(
            "delete_db_instance", told=("DBInstanceNotFound",), DBInstanceIdentifier=name, SkipFinalSnapshot=True
        )

    async def _cluster(self, name: str) -> None:
        """A last snapshot of it stays: the one thing that no second word takes away."""
        rds, absent = self._services["rds"], ("DBClusterNotFoundFault",)
        await rds.call(
            "modify_db_cluster", told=absent, DBClusterIdentifier=name, DeletionProtection=False, ApplyImmediately=True
        )
        await rds.call(
            "delete_db_cluster",
            told=absent,
            DBClusterIdentifier=name,
            SkipFinalSnapshot=False,
            FinalDBSnapshotIdentifier=f"{self._name}-last",
        )

    async def _log(self, name: str) -> None:
        await self._services["logs"].call("delete_log_group", told=("ResourceNotFoundException",), logGroupName=name)

    async def _secret(self, name: str) -> None:
        await self._services["secretsmanager"].call(
            "delete_secret", told=("ResourceNotFoundException",), SecretId=name, RecoveryWindowInDays=_REGRET_DAYS
        )

    async def _key(self, name: str) -> None:
        await self._services["kms"].call(
            "schedule_key_deletion", told=("NotFoundException",), KeyId=name, PendingWindowInDays=_REGRET_DAYS
        )
