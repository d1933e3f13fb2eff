"""The stack in AWS CDK: what the checkers say of its template, and the properties of security that it has to keep."""

import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any

from tests.conftest import ROOT
from tikfleet.app.settings import Settings, load_settings

from .synthesis import STACK, properties, resources, synthesised, template, tool

# Actions that AWS gives no resource to, or whose resource is the key that the policy hangs on.
_WITHOUT_RESOURCE = {"ecr:GetAuthorizationToken", "xray:PutTraceSegments", "xray:PutTelemetryRecords"}
_BORROWED = ("service-role/AWSLambdaVPCAccessExecutionRole", "service-role/AmazonRDSEnhancedMonitoringRole")


def statements() -> Iterator[tuple[str, dict[str, Any]]]:
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role"):
        for name, made in template()["Resources"].items():
            if made["Type"] == kind:
                documents = [made["Properties"].get("PolicyDocument"), *_inline(made["Properties"])]
                for document in filter(None, documents):
                    yield from ((name, statement) for statement in document["Statement"])


def _inline(role: dict[str, Any]) -> list[dict[str, Any]]:
    return [policy["PolicyDocument"] for policy in role.get("Policies", [])]


def several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_cloudformations_own_linter_finds_nothing() -> None:
    file = synthesised() / "tikfleet.template.json"
    command = [tool("cfn-lint"), "--template", str(file), "--ignore-checks", "W3005", "--format", "parseable"]

    said = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (said.returncode, said.stdout) == (0, "")


def test_the_policy_checker_finds_nothing() -> None:
    file = synthesised() / "tikfleet.template.json"
    command = [tool("checkov"), "--config-file", str(STACK / "checkov.yaml"), "-f", str(file), "-o", "json"]

    said = subprocess.run(command, capture_output=True, text=True, check=False)

    found = json.loads(said.stdout)
    assert [f"{check['check_id']} {check['resource']}" for check in found["results"]["failed_checks"]] == []
    assert found["summary"]["passed"] > 200


def test_nothing_listens_to_the_world_but_balancers_on_443() -> None:
    for balancer in properties("AWS::ElasticLoadBalancingV2::LoadBalancer"):
        assert balancer["Scheme"] == "internet-facing"
    for listener in properties("AWS::ElasticLoadBalancingV2::Listener"):
        assert (listener["Port"], listener["Protocol"]) == (443, "HTTPS")
        assert "TLS13" in listener["SslPolicy"]
    opened = [rule for rule in properties("AWS::EC2::SecurityGroupIngress") if "CidrIp" in rule or "CidrIpv6" in rule]
    assert [(rule["CidrIp"], rule["FromPort"], rule["ToPort"]) for rule in opened] == [("0.0.0.0/0", 443, 443)]
    for group in properties("AWS::EC2::SecurityGroup"):
        assert "SecurityGroupIngress" not in group
    assert all(member["PubliclyAccessible"] is False for member in properties("AWS::RDS::DBInstance"))
    assert all(
        "MapPublicIpOnLaunch" not in net or not net["MapPublicIpOnLaunch"] for net in properties("AWS::EC2::Subnet")
    )
    network = properties("AWS::ECS::Service")[0]["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert network["AssignPublicIp"] == "DISABLED"
    assert "AWS::Lambda::Url" not in {made["Type"] for made in template()["Resources"].values()}


def test_buckets_are_closed_and_want_tls() -> None:
    for bucket in properties("AWS::S3::Bucket"):
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["BucketEncryption"]
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        assert bucket["LifecycleConfiguration"]
    for policy in properties("AWS::S3::BucketPolicy"):
        denied = [rule for rule in policy["PolicyDocument"]["Statement"] if rule["Effect"] == "Deny"]
        assert any(rule["Condition"].get("Bool") == {"aws:SecureTransport": "false"} for rule in denied)


def test_everything_that_is_stored_is_encrypted() -> None:
    assert all(queue["KmsMasterKeyId"] for queue in properties("AWS::SQS::Queue"))
    assert all(table["SSESpecification"]["SSEEnabled"] for table in properties("AWS::DynamoDB::Table"))
    assert all(stream["StreamEncryption"]["EncryptionType"] == "KMS" for stream in properties("AWS::Kinesis::Stream"))
    assert all(cluster["StorageEncrypted"] and cluster["KmsKeyId"] for cluster in properties("AWS::RDS::DBCluster"))
    assert all(secret["KmsKeyId"] for secret in properties("AWS::SecretsManager::Secret"))
    assert all(group["KmsKeyId"] for group in properties("AWS::Logs::LogGroup"))
    assert all(topic["KmsMasterKeyId"] for topic in properties("AWS::SNS::Topic"))
    assert all(function["KmsKeyArn"] for function in properties("AWS::Lambda::Function"))
    assert all(key["EnableKeyRotation"] for key in properties("AWS::KMS::Key"))


def test_no_role_may_do_everything_of_something() -> None:
    for name, statement in statements():
        if statement["Effect"] != "Allow":
            continue
        actions = several(statement["Action"])
        assert not [action for action in actions if "*" in action], f"{name} may {actions}"
        if "*" in several(statement["Resource"]):
            assert set(actions) <= _WITHOUT_RESOURCE, f"{name} may {actions} on everything"


def test_roles_borrow_nothing_but_network_and_measuring() -> None:
    for role in properties("AWS::IAM::Role"):
        for policy in role.get("ManagedPolicyArns", []):
            assert any(name in json.dumps(policy) for name in _BORROWED)


def test_each_function_may_do_what_its_entry_point_does() -> None:
    allowed: dict[str, set[str]] = {}
    for name, statement in statements():
        allowed.setdefault(name, set()).update(several(statement["Action"]))
    policies = {name: actions for name, actions in allowed.items() if name.startswith("Functions")}

    def of(entry: str) -> set[str]:
        return next(actions for name, actions in policies.items() if name.startswith(f"Functions{entry}Role"))

    assert {"kinesis:PutRecords"} <= of("Http")
    assert "kinesis:GetRecords" not in of("Http")
    assert {"kinesis:GetRecords"} <= of("Consume")
    assert not {"kinesis:PutRecord", "kinesis:PutRecords"} & of("Consume")
    assert "sqs:ReceiveMessage" in of("Work")
    assert "sqs:ReceiveMessage" not in of("Consume") | of("Tick")
    assert not [action for action in of("Migrate") if action.startswith(("s3:", "dynamodb:", "kinesis:"))]
    assert all("secretsmanager:GetSecretValue" in of(name) for name in ("Http", "Consume", "Work", "Tick", "Migrate"))


def takes_from(role: str) -> set[str]:
    """The names of the queues that a role may take messages from."""
    queues = resources("AWS::SQS::Queue")
    return {
        queues[resource["Fn::GetAtt"][0]]["Properties"]["QueueName"].removeprefix("tikfleet-")
        for name, statement in statements()
        if name.startswith(role) and "sqs:ReceiveMessage" in several(statement["Action"])
        for resource in several(statement["Resource"])
    }


def test_callbacks_are_taken_by_the_container_and_dead_letters_by_who_serves_the_api() -> None:
    letters = {"work-dead", "callbacks-dead", "failures-dead"}

    assert takes_from("FunctionsHttpRole") == letters
    assert takes_from("LiveTaskTaskRole") == {"callbacks"} | letters
    assert takes_from("FunctionsWorkRole") == {"work"}


def test_every_queue_of_work_has_dead_letters_and_an_alarm_for_them() -> None:
    queues = resources("AWS::SQS::Queue")
    dead = {name for name, made in queues.items() if made["Properties"]["QueueName"].endswith("-dead")}
    for name in queues.keys() - dead:
        target = queues[name]["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        assert target in dead
    watched = {
        dimension["Value"]["Fn::GetAtt"][0]
        for alarm in properties("AWS::CloudWatch::Alarm")
        for dimension in alarm.get("Dimensions", [])
        if dimension["Name"] == "QueueName"
    }
    assert watched == dead
    assert all(function["DeadLetterConfig"] for function in properties("AWS::Lambda::Function"))
    for source in properties("AWS::Lambda::EventSourceMapping"):
        assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_what_is_kept_outlives_the_stack_and_can_be_brought_back() -> None:
    for kind in ("AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::Kinesis::Stream", "AWS::KMS::Key"):
        for made in resources(kind).values():
            assert made["DeletionPolicy"] == "RetainExceptOnCreate"
            assert made["UpdateReplacePolicy"] == "Retain"
    for made in resources("AWS::RDS::DBCluster").values():
        assert made["DeletionPolicy"] == "RetainExceptOnCreate"
        assert made["Properties"]["DeletionProtection"] is True
        assert made["Properties"]["BackupRetentionPeriod"] >= 7
    table = properties("AWS::DynamoDB::Table")[0]
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_the_table_is_the_one_that_the_adapter_writes_to() -> None:
    table = properties("AWS::DynamoDB::Table")[0]

    assert table["KeySchema"] == [{"AttributeName": "k", "KeyType": "HASH"}]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "t", "Enabled": True}


def test_settings_are_understood_and_no_secret_is_in_clear() -> None:
    for function in properties("AWS::Lambda::Function"):
        written = {name: _text(value) for name, value in function["Environment"]["Variables"].items()}
        assert "resolve:secretsmanager" not in json.dumps(function)
        assert "TIKFLEET_WAREHOUSE_PASSWORD" not in written
        assert "@" not in written["TIKFLEET_DATABASE_URL"]
        assert len(written["TIKFLEET_AWS_SECRETS"].split(",")) == 2
        known = {f"TIKFLEET_{name.upper()}" for name in Settings.__struct_fields__}
        assert set(written) <= known
        # What CloudFormation puts in, by something of the same form.
        whole = {name: re.sub(r"<.*?>", "given", value) for name, value in written.items()}
        assert load_settings(whole).public_url == "https://fleet.example.com"
    secret = {"TIKFLEET_DATABASE_URL", "TIKFLEET_WAREHOUSE_PASSWORD"}
    for container in properties("AWS::ECS::TaskDefinition")[0]["ContainerDefinitions"]:
        assert {item["Name"] for item in container["Secrets"]} == secret
        assert not secret & {item["Name"] for item in container["Environment"]}
        assert container["ReadonlyRootFilesystem"] is True
        assert container["User"] == "10001:10001"


def test_a_worker_beside_the_api_leaves_the_stream_and_what_is_due_to_functions() -> None:
    (task,) = properties("AWS::ECS::TaskDefinition")
    parts = {container["Name"]: container for container in task["ContainerDefinitions"]}
    (service,) = properties("AWS::ECS::Service")

    assert {name: part["Command"] for name, part in parts.items()} == {"api": ["api"], "worker": ["worker"]}
    for part in parts.values():
        written = {item["Name"]: _text(item["Value"]) for item in part["Environment"]}
        whole = {name: re.sub(r"<.*?>", "given", value) for name, value in written.items()}
        assert load_settings(whole).beside_functions is True
        assert part["Essential"] is True
    assert "PortMappings" not in parts["worker"] or not parts["worker"]["PortMappings"]
    assert (service["DesiredCount"], service["DeploymentConfiguration"]["MaximumPercent"]) == (1, 100)
    allowed = {action for name, one in statements() if name.startswith("LiveTask") for action in several(one["Action"])}
    assert "kinesis:GetRecords" not in allowed
    assert "kinesis:PutRecords" in allowed


def test_reports_are_tried_again_until_the_stream_forgets_them() -> None:
    consumer = next(item for item in properties("AWS::Lambda::EventSourceMapping") if "StartingPosition" in item)

    assert consumer["MaximumRetryAttempts"] == -1
    assert consumer["ParallelizationFactor"] == 1


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        return "".join(_text(part) for part in value["Fn::Join"][1])
    return "<given>"


def test_an_entry_point_is_a_module_that_is_named_as_it_is_built() -> None:
    handlers = {function["Handler"] for function in properties("AWS::Lambda::Function")}

    assert handlers == {
        f"tikfleet.app.lambdas.{name}.handler" for name in ("http", "consume", "work", "tick", "migrate")
    }


def test_what_holds_connections_is_the_containers_and_metrics_are_nobodys() -> None:
    container = next(
        name
        for name, made in resources("AWS::ElasticLoadBalancingV2::TargetGroup").items()
        if made["Properties"]["TargetType"] == "ip"
    )
    held, hidden = set(), set()
    for rule in properties("AWS::ElasticLoadBalancingV2::ListenerRule"):
        paths = rule["Conditions"][0]["PathPatternConfig"]["Values"]
        action = rule["Actions"][0]
        if action["Type"] == "fixed-response":
            hidden |= set(paths)
        elif action["TargetGroupArn"] == {"Ref": container}:
            held |= set(paths)
    assert {"/agent/v1/live", "/api/v1/events/stream"} <= held
    assert "/metrics" in hidden
    for balancer in properties("AWS::ElasticLoadBalancingV2::LoadBalancer"):
        chosen = {item["Key"]: item["Value"] for item in balancer["LoadBalancerAttributes"]}
        assert int(chosen["idle_timeout.timeout_seconds"]) >= 60
        assert chosen["routing.http.desync_mitigation_mode"] == "strictest"
        assert chosen["deletion_protection.enabled"] == "true"


def test_routers_are_answered_by_the_container_where_that_is_chosen() -> None:
    chosen = synthesised(("container_for_routers", "true"), ("size", "small"), ("own_balancer_for_routers", "false"))
    made = json.loads((chosen / "tikfleet.template.json").read_text())["Resources"]
    (container,) = (
        name
        for name, one in made.items()
        if one["Type"].endswith("::TargetGroup") and one["Properties"]["TargetType"] == "ip"
    )

    (rule,) = (
        one["Properties"]
        for one in made.values()
        if one["Type"].endswith("::ListenerRule")
        and one["Properties"]["Conditions"][0]["PathPatternConfig"]["Values"] == ["/agent/*"]
    )

    assert rule["Actions"][0]["TargetGroupArn"] == {"Ref": container}
    assert len([one for one in made.values() if one["Type"].endswith("::LoadBalancer")]) == 1


def test_the_firewalls_exceptions_are_those_of_nginx() -> None:
    """Two files say which bodies are not looked at; they say the same."""
    rules = {rule["Name"]: rule for rule in properties("AWS::WAFv2::WebACL")[0]["Rules"]}
    free = rules["InBody"]["Statement"]["AndStatement"]["Statements"][1]["NotStatement"]["Statement"]
    pattern = re.compile(free["RegexMatchStatement"]["RegexString"])
    nginx = (ROOT / "deploy" / "proxies" / "nginx" / "before.conf").read_text()
    other = re.compile(re.search(r'REQUEST_FILENAME "!@rx (\S+)"', nginx)[1])  # type: ignore[index]
    document = json.loads((ROOT / "web" / "openapi.json").read_text())
    paths = [re.sub(r"\{device_id\}", "dev_01m3k5x0v7q2a9bc", path) for path in document["paths"]]
    paths += ["/agent/v1/checkin", "/rest/ip/address", "/restaurant", "/api/v1/jobsx", "/agent", "/setup"]

    assert [bool(pattern.search(path)) for path in paths] == [bool(other.search(path)) for path in paths]
    assert pattern.search("/agent/v1/checkin")
    assert not pattern.search("/api/v1/session")


def test_the_firewall_counts_what_it_finds_in_bodies_and_then_decides_by_the_path() -> None:
    rules = properties("AWS::WAFv2::WebACL")[0]["Rules"]
    managed = [rule["Statement"]["ManagedRuleGroupStatement"] for rule in rules if "OverrideAction" in rule]
    counted = {item["Name"] for group in managed for item in group["RuleActionOverrides"]}
    blocked = json.dumps([rule for rule in rules if rule["Name"] in ("InBody", "InArguments")]).lower()

    assert {group["Name"] for group in managed} >= {"AWSManagedRulesCommonRuleSet", "AWSManagedRulesSQLiRuleSet"}
    for name in counted - {"SizeRestrictions_BODY", "SizeRestrictions_QUERYSTRING"}:
        assert name.lower() in blocked, f"what {name} finds would not be blocked anywhere"
    assert {rule["Name"] for rule in rules} >= {"LargeReport", "ManyRouters", "ManyRequests", "ManySignIns"}
    assert [rule["Priority"] for rule in rules] == list(range(len(rules)))


def test_the_bounds_on_length_are_the_platforms() -> None:
    rules = {rule["Name"]: rule["Statement"] for rule in properties("AWS::WAFv2::WebACL")[0]["Rules"]}
    report = rules["LargeReport"]["AndStatement"]["Statements"][1]["RegexMatchStatement"]["RegexString"]
    request = rules["LargeRequest"]["RegexMatchStatement"]["RegexString"]

    for bound, pattern in ((65_536, report), (1_048_576, request)):
        lengths = [0, 9, 65_535, 65_536, 65_537, 65_540, 66_000, 70_000, 99_999, 100_000, 1_048_575, 1_048_576]
        lengths += [1_050_000, 1_100_000, 2_000_000, 9_999_999, 10_000_000, 123_456_789]
        for length in lengths:
            if not bound < length < bound * 1.002:
                assert bool(re.search(pattern, str(length))) == (length > bound), length
