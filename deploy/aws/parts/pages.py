"""The dashboard's files near people: a private bucket behind CloudFront, and the API by the same name."""

import aws_cdk as cdk
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from constructs import Construct
from parts.choices import Choices
from parts.kept import Kept

# Every path that is no file is the one page.
_TO_THE_PAGE = """
function handler(event) {
  var request = event.request;
  if (!/\\.[a-z0-9]+$/.test(request.uri)) request.uri = '/index.html';
  return request;
}
"""


class Pages(Construct):
    """`tikfleet deploy aws` puts the files into the bucket."""

    def __init__(self, scope: Construct, choices: Choices, kept: Kept) -> None:
        super().__init__(scope, "Pages")
        files = s3.Bucket(
            self,
            "Files",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=True,
            removal_policy=cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
            server_access_logs_bucket=kept.records,
            server_access_logs_prefix="pages/",
        )
        files.add_lifecycle_rule(noncurrent_version_expiration=cdk.Duration.days(30))
        api = cloudfront.BehaviorOptions(
            origin=origins.HttpOrigin(
                choices.domain,
                protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
                origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
                read_timeout=cdk.Duration.seconds(60),
            ),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        )
        page = cloudfront.Function(
            self,
            "ToThePage",
            code=cloudfront.FunctionCode.from_inline(_TO_THE_PAGE.strip()),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
        )
        distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"{choices.name}: dashboard",
            default_root_object="index.html",
            default_behavior=cloudfront.BehaviorOptions(
                origin=origins.S3BucketOrigin.with_origin_access_control(files),
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
                response_headers_policy=cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
                function_associations=[
                    cloudfront.FunctionAssociation(
                        function=page, event_type=cloudfront.FunctionEventType.VIEWER_REQUEST
                    )
                ],
            ),
            additional_behaviors={"/api/*": api},
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
        )
        cdk.CfnOutput(cdk.Stack.of(self), "PagesBucket", value=files.bucket_name)
        cdk.CfnOutput(cdk.Stack.of(self), "PagesId", value=distribution.distribution_id)
        cdk.CfnOutput(cdk.Stack.of(self), "PagesAddress", value=distribution.distribution_domain_name)
