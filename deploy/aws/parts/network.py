"""A network of two zones: the balancer outside, everything else without an address of its own."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct
from parts.choices import Choices


class Network(Construct):
    """`vpc`, and who may speak to whom: balancer to container, functions and container to the database."""

    def __init__(self, scope: Construct, choices: Choices) -> None:
        super().__init__(scope, "Network")
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            max_azs=2,
            nat_gateways=choices.size.nat_gateways,
            restrict_default_security_group=False,
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name="outside", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=24, map_public_ip_on_launch=False
                ),
                ec2.SubnetConfiguration(name="inside", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=20),
                ec2.SubnetConfiguration(name="data", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24),
            ],
            gateway_endpoints={
                "S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3),
                "DynamoDb": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.DYNAMODB),
            },
        )
        self.balancer = self._group("Balancer", "The balancer: anybody on 443", outward=False)
        self.code = self._group("Code", "Functions and the container", outward=True)
        self.database = self._group("Database", "The database", outward=False)
        self.balancer.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "Routers and people")
        self.balancer.add_egress_rule(self.code, ec2.Port.tcp(8080), "The container")
        self.code.add_ingress_rule(self.balancer, ec2.Port.tcp(8080), "The balancer")
        self.database.add_ingress_rule(self.code, ec2.Port.tcp(5432), "Functions and the container")
        if choices.size.stream_endpoint:
            self._endpoint()

    def _group(self, name: str, description: str, *, outward: bool) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            self, name, vpc=self.vpc, description=description, allow_all_outbound=outward, disable_inline_rules=True
        )

    def _endpoint(self) -> None:
        """Reports go to Kinesis by a way that costs a quarter of the NAT gateway's."""
        group = self._group("Stream", "The way to Kinesis", outward=False)
        group.add_ingress_rule(self.code, ec2.Port.tcp(443), "Functions and the container")
        self.vpc.add_interface_endpoint(
            "Kinesis",
            service=ec2.InterfaceVpcEndpointAwsService.KINESIS_STREAMS,
            security_groups=[group],
            open=False,
            subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
        )
        cdk.Tags.of(group).add("for", "reports")
