"""The stack as an app of AWS CDK: `cdk synth` here, or `tikfleet deploy aws`, which calls it.

Environment-agnostic: nothing is looked up in an account, so it synthesises without one.
"""

import aws_cdk as cdk
from parts.choices import read
from parts.stack import Platform

app = cdk.App()
choices = read(app.node)
Platform(app, choices.name, choices, description="Tikfleet: routers, API and dashboard")
cdk.Tags.of(app).add("application", choices.name)
app.synth()
