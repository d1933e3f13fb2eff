"""The stack as an app of AWS CDK: `cdk synth` here, or `tikfleet deploy aws`, which calls it.

Environment-agnostic: nothing is looked up in an account, so it synthesises without one.
"""

import aws_cdk as cdk
from parts.choices import read
from parts.stack import Platform

app = cdk.App()
choices = read(app.node)
# Packages lie in a bucket that `tikfleet deploy aws` makes, so an account needs no bootstrap of CDK.
bucket = f"{choices.name}-deploy-${{AWS::AccountId}}-${{AWS::Region}}"
synthesizer = cdk.DefaultStackSynthesizer(file_assets_bucket_name=bucket, generate_bootstrap_version_rule=False)
Platform(app, choices, synthesizer)
cdk.Tags.of(app).add("application", choices.name)
app.synth()
