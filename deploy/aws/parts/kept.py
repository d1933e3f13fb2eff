"""What is kept: keys, objects, the database, secrets. None of it goes when the stack does."""

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct
from parts.choices import Choices
from parts.network import Network

# Kept when the stack goes; not when it never came to be, so that the next attempt finds the names free.
_KEPT = cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE


class Kept(Construct):
    """`key` encrypts what AWS stores, `sealing` is the vault's own."""

    def __init__(self, scope: Construct, choices: Choices, network: Network) -> None:
        super().__init__(scope, "Kept")
        self.key = self._key("Key", f"{choices.name}: what AWS stores")
        self.sealing = self._key("Sealing", f"{choices.name}: secrets of organisations")
        self._allow_logs()
        self._watch(network)
        self.records = self._bucket("Records", days=90, encrypted=s3.BucketEncryption.S3_MANAGED)
        self.records.add_to_resource_policy(self._balancer_may_write())
        self.objects = self._bucket("Objects", days=0, encrypted=s3.BucketEncryption.KMS)
        self.objects.add_lifecycle_rule(
            noncurrent_version_expiration=cdk.Duration.days(30),
            abort_incomplete_multipart_upload_after=cdk.Duration.days(2),
            transitions=[
                s3.Transition(storage_class=s3.StorageClass.INTELLIGENT_TIERING, transition_after=cdk.Duration.days(30))
            ],
        )
        self.cache = self._table(choices)
        self.database = self._cluster(choices, network)
        assert self.database.secret is not None
        self.login = self.database.secret
        self.database_url = self._url()
        self.settings = secretsmanager.Secret(
            self,
            "Settings",
            description="Settings that are secrets, as a JSON object: put the password of your telemetry server here",
            encryption_key=self.key,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template="{}", generate_string_key="warehouse_password", exclude_punctuation=True
            ),
            removal_policy=_KEPT,
        )

    def _key(self, name: str, description: str) -> kms.Key:
        return kms.Key(self, name, description=description, enable_key_rotation=True, removal_policy=_KEPT)

    def _allow_logs(self) -> None:
        """Logs and alarms write with it; the condition names the only groups that may."""
        stack = cdk.Stack.of(self)
        self.key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
                actions=["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey"],
                resources=["*"],
                conditions={
                    "ArnLike": {"kms:EncryptionContext:aws:logs:arn": stack.format_arn(service="logs", resource="*")}
                },
            )
        )
        self.key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=["*"],
                conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
            )
        )

    def _watch(self, network: Network) -> None:
        """Connections that were refused are written down."""
        group = logs.LogGroup(
            self, "Refused", retention=logs.RetentionDays.ONE_MONTH, encryption_key=self.key, removal_policy=_KEPT
        )
        destination = ec2.FlowLogDestination.to_cloud_watch_logs(group)
        network.vpc.add_flow_log("Flows", destination=destination, traffic_type=ec2.FlowLogTrafficType.REJECT)

    def _bucket(self, name: str, *, days: int, encrypted: s3.BucketEncryption) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            name,
            encryption=encrypted,
            encryption_key=self.key if encrypted is s3.BucketEncryption.KMS else None,
            bucket_key_enabled=encrypted is s3.BucketEncryption.KMS or None,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=True,
            removal_policy=_KEPT,
            server_access_logs_bucket=None if name == "Records" else self.records,
            server_access_logs_prefix=None if name == "Records" else f"{name.lower()}/",
        )
        if days:
            bucket.add_lifecycle_rule(
                expiration=cdk.Duration.days(days), noncurrent_version_expiration=cdk.Duration.days(days)
            )
        return bucket

    def _balancer_may_write(self) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            principals=[iam.ServicePrincipal("logdelivery.elasticloadbalancing.amazonaws.com")],
            actions=["s3:PutObject"],
            resources=[self.records.arn_for_objects("balancer/*")],
            conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}},
        )

    def _table(self, choices: Choices) -> dynamodb.Table:
        """Its keys are those of `tikfleet.adapters.dynamodb.cache`."""
        return dynamodb.Table(
            self,
            "Cache",
            table_name=f"{choices.name}-cache",
            partition_key=dynamodb.Attribute(name="k", type=dynamodb.AttributeType.STRING),
            time_to_live_attribute="t",
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=self.key,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=True,
            removal_policy=_KEPT,
        )

    def _cluster(self, choices: Choices, network: Network) -> rds.DatabaseCluster:
        def member(name: str, *, writes: bool) -> rds.IClusterInstance:
            return rds.ClusterInstance.serverless_v2(
                name,
                scale_with_writer=None if writes else True,
                publicly_accessible=False,
                auto_minor_version_upgrade=True,
                enable_performance_insights=True,
                performance_insight_encryption_key=self.key,
            )

        return rds.DatabaseCluster(
            self,
            "Database",
            engine=rds.DatabaseClusterEngine.aurora_postgres(version=rds.AuroraPostgresEngineVersion.VER_17_9),
            writer=member("writer", writes=True),
            readers=[member(f"reader{number}", writes=False) for number in range(choices.size.database_readers)],
            serverless_v2_min_capacity=choices.size.database_min_acu,
            serverless_v2_max_capacity=choices.size.database_max_acu,
            default_database_name="tikfleet",
            credentials=rds.Credentials.from_generated_secret(
                "tikfleet", encryption_key=self.key, exclude_characters=" !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
            ),
            vpc=network.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            security_groups=[network.database],
            storage_encrypted=True,
            storage_encryption_key=self.key,
            iam_authentication=True,
            backup=rds.BackupProps(retention=cdk.Duration.days(14)),
            copy_tags_to_snapshot=True,
            deletion_protection=True,
            cloudwatch_logs_exports=["postgresql"],
            monitoring_interval=cdk.Duration.minutes(1),
            parameters={"rds.force_ssl": "1", "log_statement": "ddl", "log_min_duration_statement": "1000"},
            removal_policy=_KEPT,
        )

    def _url(self) -> secretsmanager.Secret:
        """The address with its password, for the container: a secret too, which CloudFormation puts together."""
        password = self.login.secret_value_from_json("password").unsafe_unwrap()
        host = self.database.cluster_endpoint.socket_address
        return secretsmanager.Secret(
            self,
            "DatabaseUrl",
            description="Address of the database, with its password",
            encryption_key=self.key,
            secret_string_value=cdk.SecretValue.unsafe_plain_text(
                f"postgresql+asyncpg://tikfleet:{password}@{host}/tikfleet?ssl=require"
            ),
            removal_policy=_KEPT,
        )
