"""The firewall before people and programs: AWS's managed rules, with what is right here taken out of their reach.

The groups only label what they find in bodies and in arguments. Whether that is blocked is decided here, by the path:
telemetry, scripts and a router's own REST look like attacks. Everything else that the groups find is blocked by them.
"""

from typing import Any

from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct
from parts.choices import Choices

_WINDOW_S = 300
# Requests of one address in five minutes. Many routers may stand behind one.
_ROUTERS, _PROGRAMS, _SIGN_INS = 100_000, 20_000, 100
_DEVICE = r"api/v1/devices/dev_[a-z0-9]{1,32}/routeros(/|$)|rest(/|$)"
_FREE_BODY = rf"^/(agent/v1/|api/v1/(jobs|runs|library|scripts|configs|queries)(/|$)|{_DEVICE})"
_FREE_ARGUMENTS = rf"^/({_DEVICE})"
# Over 65,536 and over 1,048,576 bytes, as digits: a header is compared as text.
_OVER_64K = r"^(6553[7-9]|655[4-9][0-9]|65[6-9][0-9]{2}|6[6-9][0-9]{3}|[7-9][0-9]{4}|[0-9]{6,})$"
_OVER_1M = r"^(10[5-9][0-9]{4}|1[1-9][0-9]{5}|[2-9][0-9]{6}|[0-9]{8,})$"
_GROUPS: dict[str, tuple[str, dict[str, str]]] = {
    "AWSManagedRulesAmazonIpReputationList": ("", {}),
    "AWSManagedRulesCommonRuleSet": (
        "awswaf:managed:aws:core-rule-set",
        {
            "SizeRestrictions_BODY": "",
            "SizeRestrictions_QUERYSTRING": "",
            "CrossSiteScripting_BODY": "CrossSiteScripting_Body",
            "GenericLFI_BODY": "GenericLFI_Body",
            "GenericRFI_BODY": "GenericRFI_Body",
            "EC2MetaDataSSRF_BODY": "EC2MetaDataSSRF_Body",
            "CrossSiteScripting_QUERYARGUMENTS": "CrossSiteScripting_QueryArguments",
            "GenericLFI_QUERYARGUMENTS": "GenericLFI_QueryArguments",
            "GenericRFI_QUERYARGUMENTS": "GenericRFI_QueryArguments",
            "EC2MetaDataSSRF_QUERYARGUMENTS": "EC2MetaDataSSRF_QueryArguments",
        },
    ),
    "AWSManagedRulesKnownBadInputsRuleSet": (
        "awswaf:managed:aws:known-bad-inputs",
        {"JavaDeserializationRCE_BODY": "JavaDeserializationRCE_Body", "Log4JRCE_BODY": "Log4JRCE_Body"},
    ),
    "AWSManagedRulesSQLiRuleSet": (
        "awswaf:managed:aws:sql-database",
        {"SQLi_BODY": "SQLi_Body", "SQLi_QUERYARGUMENTS": "SQLi_QueryArguments"},
    ),
}


class Firewall(Construct):
    """`acl` is for a balancer of this region."""

    def __init__(self, scope: Construct, choices: Choices) -> None:
        super().__init__(scope, "Firewall")
        blocks: list[tuple[str, dict[str, Any]]] = [
            ("LargeReport", _all(_path("^/agent/"), _length(_OVER_64K))),
            ("LargeRequest", _length(_OVER_1M)),
            ("ManyRouters", _rate(_ROUTERS, _path("^/agent/"))),
            ("ManyRequests", _rate(_PROGRAMS, _not(_path("^/agent/")))),
            ("ManySignIns", _rate(_SIGN_INS, _path("^/api/v1/(session|setup|invitations/accept)$"))),
        ]
        rules = [_blocking(name, number, statement) for number, (name, statement) in enumerate(blocks)]
        rules += [_managed(name, len(blocks) + number) for number, name in enumerate(_GROUPS)]
        found = [("InBody", "_Body", _FREE_BODY), ("InArguments", "_QueryArguments", _FREE_ARGUMENTS)]
        for name, ending, free in found:
            statement = _all(_any(_labels(ending)), _not(_path(free)))
            rules.append(_blocking(name, len(rules), statement))
        self.acl = wafv2.CfnWebACL(
            self,
            "Acl",
            name=choices.name,
            scope="REGIONAL",
            default_action={"allow": {}},
            visibility_config=_seen(choices.name),
            rules=rules,
        )


def _managed(name: str, priority: int) -> dict[str, Any]:
    counted = [{"name": rule, "actionToUse": {"count": {}}} for rule in _GROUPS[name][1]]
    group = {"vendorName": "AWS", "name": name, "ruleActionOverrides": counted}
    return {
        "name": name,
        "priority": priority,
        "overrideAction": {"none": {}},
        "statement": {"managedRuleGroupStatement": group},
        "visibilityConfig": _seen(name),
    }


def _blocking(name: str, priority: int, statement: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "priority": priority,
        "action": {"block": {}},
        "statement": statement,
        "visibilityConfig": _seen(name),
    }


def _labels(ending: str) -> list[dict[str, Any]]:
    return [
        {"labelMatchStatement": {"scope": "LABEL", "key": f"{namespace}:{label}"}}
        for namespace, rules in _GROUPS.values()
        for label in rules.values()
        if label.endswith(ending)
    ]


def _path(pattern: str) -> dict[str, Any]:
    """The path as it is written; `%2f` does not get around it, since what matches is let off less, not more."""
    return _regex({"uriPath": {}}, pattern)


def _length(pattern: str) -> dict[str, Any]:
    return _regex({"singleHeader": {"Name": "content-length"}}, pattern)


def _regex(field: dict[str, Any], pattern: str) -> dict[str, Any]:
    return {
        "regexMatchStatement": {
            "fieldToMatch": field,
            "regexString": pattern,
            "textTransformations": [{"priority": 0, "type": "NONE"}],
        }
    }


def _rate(limit: int, scope: dict[str, Any]) -> dict[str, Any]:
    return {
        "rateBasedStatement": {
            "aggregateKeyType": "IP",
            "evaluationWindowSec": _WINDOW_S,
            "limit": limit,
            "scopeDownStatement": scope,
        }
    }


def _all(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"andStatement": {"statements": list(statements)}}


def _any(statements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"orStatement": {"statements": statements}}


def _not(statement: dict[str, Any]) -> dict[str, Any]:
    return {"notStatement": {"statement": statement}}


def _seen(name: str) -> dict[str, Any]:
    return {"cloudWatchMetricsEnabled": True, "metricName": name, "sampledRequestsEnabled": False}
