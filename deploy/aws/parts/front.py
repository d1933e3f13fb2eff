"""The balancer: the one thing that the world reaches. TLS ends here; the firewall looks first."""

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as certificates
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as balancing
from aws_cdk import aws_elasticloadbalancingv2_targets as targets
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct
from parts.choices import Choices
from parts.firewall import Firewall
from parts.functions import Functions
from parts.kept import Kept
from parts.live import PORT, Live
from parts.network import Network

# What holds connections, or has to meet what holds them, is the container's.
_HELD = [
    ["/agent/v1/live", "/api/v1/events/stream", "/api/v1/devices/*/live"],
    ["/api/v1/devices/*/routeros/*", "/rest/*", "/api/v1/queries", "/api/v1/queries/*/ask"],
]


class Front(Construct):
    """`balancer`; and with `own_balancer_for_routers` one more, that only knows `/agent/` and has no firewall."""

    def __init__(
        self, scope: Construct, choices: Choices, network: Network, kept: Kept, functions: Functions, live: Live
    ) -> None:
        super().__init__(scope, "Front")
        self._choices, self._network, self._kept = choices, network, kept
        lambda_targets = balancing.ApplicationTargetGroup(
            self,
            "Function",
            targets=[targets.LambdaTarget(functions.http)],
            target_type=balancing.TargetType.LAMBDA,
            multi_value_headers_enabled=True,
        )
        container = balancing.ApplicationTargetGroup(
            self,
            "Container",
            vpc=network.vpc,
            port=PORT,
            protocol=balancing.ApplicationProtocol.HTTP,
            target_type=balancing.TargetType.IP,
            targets=[live.service],
            deregistration_delay=cdk.Duration.seconds(30),
            health_check=balancing.HealthCheck(path="/readyz", healthy_http_codes="200"),
        )
        self.balancer = self._balancer("Balancer", "balancer")
        listener = self._listener(self.balancer, balancing.ListenerAction.forward([lambda_targets]))
        self._hold(listener, container)
        self._protect(choices)
        cdk.CfnOutput(cdk.Stack.of(self), "Address", value=self.balancer.load_balancer_dns_name)
        if choices.own_balancer_for_routers:
            self._routers(lambda_targets, container)

    def _balancer(self, name: str, prefix: str) -> balancing.ApplicationLoadBalancer:
        balancer = balancing.ApplicationLoadBalancer(
            self,
            name,
            vpc=self._network.vpc,
            internet_facing=True,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
            security_group=self._network.balancer,
            deletion_protection=True,
            drop_invalid_header_fields=True,
            idle_timeout=cdk.Duration.seconds(120),
            desync_mitigation_mode=balancing.DesyncMitigationMode.STRICTEST,
            # The listener writes the caller's address; what a caller says of its own way is thrown away.
            x_amzn_tls_version_and_cipher_suite_headers=False,
        )
        balancer.set_attribute("access_logs.s3.enabled", "true")
        balancer.set_attribute("access_logs.s3.bucket", self._kept.records.bucket_name)
        balancer.set_attribute("access_logs.s3.prefix", prefix)
        assert self._kept.records.policy is not None
        balancer.node.add_dependency(self._kept.records.policy)
        return balancer

    def _listener(
        self, balancer: balancing.ApplicationLoadBalancer, otherwise: balancing.ListenerAction
    ) -> balancing.ApplicationListener:
        listener = balancer.add_listener(
            "Tls",
            port=443,
            open=False,
            protocol=balancing.ApplicationProtocol.HTTPS,
            ssl_policy=balancing.SslPolicy.TLS13_RES,
            certificates=[
                certificates.Certificate.from_certificate_arn(
                    self, f"{balancer.node.id}Certificate", self._choices.certificate
                )
            ],
            default_action=otherwise,
        )
        listener.add_action(
            "Metrics",
            priority=1,
            conditions=[balancing.ListenerCondition.path_patterns(["/metrics", "/metrics/*"])],
            action=balancing.ListenerAction.fixed_response(404, content_type="text/plain"),
        )
        return listener

    def _hold(self, listener: balancing.ApplicationListener, container: balancing.ApplicationTargetGroup) -> None:
        agents = [["/agent/*"]] if self._choices.container_for_routers else []
        for number, paths in enumerate([*_HELD, *agents]):
            listener.add_action(
                f"Held{number}",
                priority=10 + number,
                conditions=[balancing.ListenerCondition.path_patterns(paths)],
                action=balancing.ListenerAction.forward([container]),
            )

    def _routers(
        self, lambda_targets: balancing.ApplicationTargetGroup, container: balancing.ApplicationTargetGroup
    ) -> None:
        """Looking at a report costs more than taking it; Tikfleet holds reports to types and sizes itself."""
        balancer = self._balancer("Routers", "routers")
        listener = self._listener(balancer, balancing.ListenerAction.fixed_response(404, content_type="text/plain"))
        answering = container if self._choices.container_for_routers else lambda_targets
        for number, (path, group) in enumerate([("/agent/v1/live", container), ("/agent/*", answering)]):
            listener.add_action(
                f"Agent{number}",
                priority=10 + number,
                conditions=[balancing.ListenerCondition.path_patterns([path])],
                action=balancing.ListenerAction.forward([group]),
            )
        cdk.CfnOutput(cdk.Stack.of(self), "RoutersAddress", value=balancer.load_balancer_dns_name)

    def _protect(self, choices: Choices) -> None:
        firewall = Firewall(self, choices)
        wafv2.CfnWebACLAssociation(
            self,
            "Protected",
            resource_arn=self.balancer.load_balancer_arn,
            web_acl_arn=firewall.acl.attr_arn,
        )
        # AWS wants this beginning of the name.
        group = logs.LogGroup(
            self,
            "FirewallLog",
            log_group_name=f"aws-waf-logs-{choices.name}",
            retention=logs.RetentionDays.ONE_MONTH,
            encryption_key=self._kept.key,
            removal_policy=cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
        wafv2.CfnLoggingConfiguration(
            self,
            "Logged",
            resource_arn=firewall.acl.attr_arn,
            log_destination_configs=[
                cdk.Stack.of(self).format_arn(
                    service="logs",
                    resource="log-group",
                    resource_name=group.log_group_name,
                    arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
                )
            ],
            redacted_fields=[{"singleHeader": {"Name": name}} for name in ("authorization", "cookie")],
            logging_filter={
                "DefaultBehavior": "DROP",
                "Filters": [
                    {
                        "Behavior": "KEEP",
                        "Requirement": "MEETS_ANY",
                        "Conditions": [{"ActionCondition": {"Action": "BLOCK"}}],
                    }
                ],
            },
        )
