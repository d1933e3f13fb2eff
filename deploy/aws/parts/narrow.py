"""CDK grants the use of keys by actions with a star; each is written out here."""

from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from constructs import IConstruct

_MEANT = {
    "kms:GenerateDataKey*": ["kms:GenerateDataKey"],
    "kms:ReEncrypt*": ["kms:ReEncryptFrom", "kms:ReEncryptTo"],
}


@jsii.implements(cdk.IAspect)
class Narrow:
    """Looks at every policy of the stack before it is written."""

    def visit(self, node: IConstruct) -> None:
        if not isinstance(node, iam.CfnPolicy):
            return
        document: dict[str, Any] = cdk.Stack.of(node).resolve(node.policy_document)
        for statement in document["Statement"]:
            actions = statement["Action"]
            actions = actions if isinstance(actions, list) else [actions]
            statement["Action"] = sorted({one for action in actions for one in _MEANT.get(action, [action])})
        node.policy_document = document
