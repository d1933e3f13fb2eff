"""The containers beside the functions: `api` for what holds connections, `worker` for what runs for ever.

Live mode, server-sent events, questions to the fleet and their schedules are the first's, calls of addresses at
the end of jobs the second's. Reports and what is due each minute are left to the functions.
"""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct
from parts.choices import Choices
from parts.functions import grant_cache, grant_key, grant_objects, grant_send, grant_take
from parts.kept import Kept
from parts.network import Network
from parts.streams import Streams

# The container is given what functions read themselves.
_SECRET = ("TIKFLEET_DATABASE_URL", "TIKFLEET_AWS_SECRETS")
PORT = 8080


class Live(Construct):
    """One task with both: whoever asks a router and the router's held request have to meet in one process.

    The worker brings the database to the release that runs; the other waits for it.
    """

    def __init__(
        self,
        scope: Construct,
        choices: Choices,
        network: Network,
        kept: Kept,
        streams: Streams,
        environment: dict[str, str],
    ) -> None:
        super().__init__(scope, "Live")
        cluster = ecs.Cluster(self, "Cluster", vpc=network.vpc, container_insights_v2=ecs.ContainerInsights.ENABLED)
        task = self._task(choices, kept, environment)
        self._permissions(task, kept, streams)
        self.service = ecs.FargateService(
            self,
            "Service",
            cluster=cluster,
            task_definition=task,
            desired_count=1,
            min_healthy_percent=0,
            max_healthy_percent=100,
            circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
            health_check_grace_period=cdk.Duration.minutes(5),
            security_groups=[network.code],
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
            assign_public_ip=False,
            platform_version=ecs.FargatePlatformVersion.VERSION1_4,
        )

    def _task(self, choices: Choices, kept: Kept, environment: dict[str, str]) -> ecs.FargateTaskDefinition:
        group = logs.LogGroup(
            self,
            "Log",
            retention=logs.RetentionDays.ONE_MONTH,
            encryption_key=kept.key,
            removal_policy=cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
        task = ecs.FargateTaskDefinition(
            self,
            "Task",
            cpu=choices.size.live_cpu,
            memory_limit_mib=choices.size.live_memory_mb,
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=ecs.CpuArchitecture.ARM64, operating_system_family=ecs.OperatingSystemFamily.LINUX
            ),
            volumes=[ecs.Volume(name="data"), ecs.Volume(name="tmp")],
        )
        settings = {name: value for name, value in environment.items() if name not in _SECRET} | {
            "TIKFLEET_DATA": "/data",
            "TIKFLEET_HTTP_HOST": "0.0.0.0",
            "TIKFLEET_HTTP_PORT": str(PORT),
            "TIKFLEET_BESIDE_FUNCTIONS": "true",
        }
        secrets = {
            "TIKFLEET_DATABASE_URL": ecs.Secret.from_secrets_manager(kept.database_url),
            "TIKFLEET_WAREHOUSE_PASSWORD": ecs.Secret.from_secrets_manager(kept.settings, "warehouse_password"),
        }
        for part in ("api", "worker"):
            container = task.add_container(
                part,
                image=ecs.ContainerImage.from_registry(choices.image),
                command=[part],
                user="10001:10001",
                readonly_root_filesystem=True,
                environment=settings,
                secrets=secrets,
                logging=ecs.LogDrivers.aws_logs(stream_prefix=part, log_group=group),
                port_mappings=[ecs.PortMapping(container_port=PORT)] if part == "api" else [],
                stop_timeout=cdk.Duration.seconds(30),
            )
            container.add_mount_points(
                ecs.MountPoint(container_path="/data", source_volume="data", read_only=False),
                ecs.MountPoint(container_path="/tmp", source_volume="tmp", read_only=False),
            )
        repository = cdk.Stack.of(self).format_arn(service="ecr", resource="repository", resource_name=choices.name)
        role = task.obtain_execution_role()
        role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                resources=[repository],
            )
        )
        # AWS knows no resource for this one.
        role.add_to_principal_policy(iam.PolicyStatement(actions=["ecr:GetAuthorizationToken"], resources=["*"]))
        return task

    def _permissions(self, task: ecs.FargateTaskDefinition, kept: Kept, streams: Streams) -> None:
        kept.sealing.grant(task.task_role, "kms:Decrypt", "kms:GenerateDataKey")
        grant_cache(task.task_role, kept)
        grant_objects(task.task_role, kept)
        grant_key(task.task_role, kept)
        streams.inbox.grant(task.task_role, "kinesis:PutRecord", "kinesis:PutRecords", "kinesis:DescribeStreamSummary")
        for queue in streams.queues.values():
            grant_send(task.task_role, queue.queue_arn)
        for queue in (streams.queues["callbacks"], *streams.dead.values(), streams.failures):
            grant_take(task.task_role, queue.queue_arn)
