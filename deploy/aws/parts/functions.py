"""The functions: one for each entry point of `tikfleet.app.lambdas`, each with a role of its own."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as functions
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_logs as logs
from constructs import Construct
from parts.choices import Choices
from parts.kept import Kept
from parts.network import Network
from parts.streams import WORKED_ON, Streams

_MONTH = logs.RetentionDays.ONE_MONTH


@dataclass(frozen=True)
class Entry:
    """`name` is the module of `tikfleet.app.lambdas`; time in seconds."""

    name: str
    does: str
    memory_mb: int
    timeout_s: int
    most_at_once: int


class Functions(Construct):
    """`by_name`, the alias of `http` that the balancer calls, and the environment that all of them have."""

    def __init__(self, scope: Construct, choices: Choices, network: Network, kept: Kept, streams: Streams) -> None:
        super().__init__(scope, "Functions")
        self._choices, self._network, self._kept, self._streams = choices, network, kept, streams
        self.environment = environment(choices, kept, streams)
        size = choices.size
        entries = [
            Entry("http", "Routers and the API", size.http_memory_mb, 60, 500),
            Entry("consume", "Reports to history and last state", size.background_memory_mb, 300, size.shards * 2),
            Entry("work", "Work that waits in queues", size.background_memory_mb, 300, 20),
            Entry("tick", "What comes due: offline watch, jobs, runs", size.background_memory_mb, 120, 1),
            Entry("migrate", "The database's schema", 512, 900, 1),
        ]
        self.by_name = {entry.name: self._function(entry) for entry in entries}
        self._permissions()
        self.http = functions.Alias(
            self,
            "Live",
            alias_name="live",
            version=self.by_name["http"].current_version,
            provisioned_concurrent_executions=choices.provisioned or None,
        )
        self._sources()

    def _function(self, entry: Entry) -> functions.Function:
        name = entry.name.title()
        group = logs.LogGroup(
            self,
            f"{name}Log",
            retention=_MONTH,
            encryption_key=self._kept.key,
            removal_policy=cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
        role = iam.Role(self, f"{name}Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        group.grant_write(role)
        return functions.Function(
            self,
            name,
            description=f"Tikfleet: {entry.does}",
            role=role,
            runtime=functions.Runtime.PYTHON_3_12,
            architecture=functions.Architecture.ARM_64,
            handler=f"tikfleet.app.lambdas.{entry.name}.handler",
            code=functions.Code.from_asset(self._choices.code),
            memory_size=entry.memory_mb,
            timeout=cdk.Duration.seconds(entry.timeout_s),
            reserved_concurrent_executions=entry.most_at_once,
            environment=self.environment,
            environment_encryption=self._kept.key,
            log_group=group,
            tracing=functions.Tracing.ACTIVE,
            vpc=self._network.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
            security_groups=[self._network.code],
            dead_letter_queue=self._streams.failures,
        )

    def _permissions(self) -> None:
        """All may seal, open, remember and read objects; who writes to what is said here."""
        kept, streams = self._kept, self._streams
        for name in ("http", "consume", "work", "tick"):
            function = self.by_name[name]
            kept.sealing.grant(function, "kms:Decrypt", "kms:GenerateDataKey")
            grant_cache(function, kept)
            grant_objects(function, kept)
            for queue in streams.queues.values():
                grant_send(function, queue.queue_arn)
        for letters in (*streams.dead.values(), streams.failures):
            grant_take(self.by_name["http"], letters.queue_arn)
        streams.inbox.grant(
            self.by_name["http"], "kinesis:PutRecord", "kinesis:PutRecords", "kinesis:DescribeStreamSummary"
        )
        for function in self.by_name.values():
            grant_key(function, kept)
            for secret in (kept.login, kept.settings):
                secret.grant_read(function)

    def _sources(self) -> None:
        self.by_name["consume"].add_event_source(
            sources.KinesisEventSource(
                self._streams.inbox,
                starting_position=functions.StartingPosition.TRIM_HORIZON,
                batch_size=500,
                max_batching_window=cdk.Duration.seconds(5),
                parallelization_factor=1,
                bisect_batch_on_error=True,
                report_batch_item_failures=True,
                # Until the stream itself forgets: what Lambda gives up is read by nobody afterwards.
                retry_attempts=-1,
                on_failure=sources.SqsDlq(self._streams.failures),
            )
        )
        work = self._streams.queues[WORKED_ON]
        self.by_name["work"].add_event_source(
            sources.SqsEventSource(work, batch_size=10, report_batch_item_failures=True, max_concurrency=10)
        )
        rule = events.Rule(self, "Ticks", schedule=events.Schedule.rate(cdk.Duration.minutes(1)))
        rule.add_target(targets.LambdaFunction(self.by_name["tick"], retry_attempts=0))
        for name in ("tick", "migrate"):
            self.by_name[name].configure_async_invoke(
                retry_attempts=0 if name == "tick" else 2,
                on_failure=destinations.SqsDestination(self._streams.failures),
            )


def environment(choices: Choices, kept: Kept, streams: Streams) -> dict[str, str]:
    """Settings of Tikfleet. What is secret is read from Secrets Manager when a function starts."""
    return {
        "TIKFLEET_ADAPTERS": "aws",
        "TIKFLEET_BLOBS_URL": f"s3://{kept.objects.bucket_name}",
        "TIKFLEET_S3_ENCRYPTION": "none",
        "TIKFLEET_QUEUE_URL": f"sqs://{choices.name}",
        "TIKFLEET_CACHE_URL": f"dynamodb://{choices.name}-cache",
        "TIKFLEET_INBOX_URL": f"kinesis://{choices.name}-inbox",
        "TIKFLEET_VAULT_URL": f"kms://{kept.sealing.key_arn}",
        "TIKFLEET_DATA": "/tmp/tikfleet",
        "TIKFLEET_HTTPS_PORT": "0",
        "TIKFLEET_PUBLIC_URL": f"https://{choices.domain}",
        "TIKFLEET_TRUSTED_PROXIES": "10.0.0.0/16",
        "TIKFLEET_DATABASE_URL": f"postgresql+asyncpg://{kept.database.cluster_endpoint.socket_address}/tikfleet?ssl=require",
        "TIKFLEET_AWS_SECRETS": f"{kept.login.secret_arn},{kept.settings.secret_arn}",
        "TIKFLEET_WAREHOUSE_URL": choices.warehouse_url,
        "TIKFLEET_LOG_JSON": "true",
    }


def grant_cache(grantee: iam.IGrantable, kept: Kept) -> None:
    kept.cache.grant(grantee, "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem")


def grant_objects(grantee: iam.IGrantable, kept: Kept) -> None:
    """`HeadObject` on what is not there says so only to who may list."""
    principal = grantee.grant_principal
    objects = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:AbortMultipartUpload"]
    principal.add_to_principal_policy(
        iam.PolicyStatement(actions=objects, resources=[kept.objects.arn_for_objects("*")])
    )
    principal.add_to_principal_policy(
        iam.PolicyStatement(actions=["s3:ListBucket", "s3:ListBucketVersions"], resources=[kept.objects.bucket_arn])
    )


def grant_send(grantee: iam.IGrantable, arn: str) -> None:
    actions = ["sqs:SendMessage", "sqs:GetQueueUrl", "sqs:GetQueueAttributes"]
    grantee.grant_principal.add_to_principal_policy(iam.PolicyStatement(actions=actions, resources=[arn]))


def grant_take(grantee: iam.IGrantable, arn: str) -> None:
    actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueUrl"]
    grantee.grant_principal.add_to_principal_policy(iam.PolicyStatement(actions=actions, resources=[arn]))


def grant_key(grantee: iam.IGrantable, kept: Kept) -> None:
    """What AWS stores is encrypted with this key, on the way in and out."""
    kept.key.grant(grantee, "kms:Decrypt", "kms:GenerateDataKey")
