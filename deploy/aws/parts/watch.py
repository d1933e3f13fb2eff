"""Alarms, and a page in CloudWatch with what an operator looks at first."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_elasticloadbalancingv2 as balancing
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct
from parts.choices import Choices
from parts.front import Front
from parts.functions import Functions
from parts.kept import Kept
from parts.streams import Streams

_FIVE_MINUTES = cdk.Duration.minutes(5)


class Watch(Construct):
    """Alarms go to a topic, and from there by mail to `alarms_to`."""

    def __init__(
        self, scope: Construct, choices: Choices, kept: Kept, streams: Streams, functions: Functions, front: Front
    ) -> None:
        super().__init__(scope, "Watch")
        self._topic = sns.Topic(self, "Alarms", master_key=kept.key, enforce_ssl=True)
        if choices.alarms_to:
            self._topic.add_subscription(subscriptions.EmailSubscription(choices.alarms_to))
        behind = streams.inbox.metric_get_records_iterator_age_milliseconds(statistic="max", period=_FIVE_MINUTES)
        refused = streams.inbox.metric("WriteProvisionedThroughputExceeded", statistic="sum", period=_FIVE_MINUTES)
        broken = front.balancer.metrics.http_code_target(
            balancing.HttpCodeTarget.TARGET_5XX_COUNT, period=_FIVE_MINUTES
        )
        unanswered = front.balancer.metrics.http_code_elb(balancing.HttpCodeElb.ELB_5XX_COUNT, period=_FIVE_MINUTES)
        busy = kept.database.metric_cpu_utilization(period=_FIVE_MINUTES)
        self._alarm("InboxBehind", behind, 300_000, "Reports wait for more than five minutes")
        self._alarm("InboxFull", refused, 0, "The stream takes no more: it needs another shard")
        self._alarm("Failing", broken, 10, "Requests fail inside")
        self._alarm("Unanswered", unanswered, 10, "The balancer finds nobody who answers")
        self._alarm("DatabaseBusy", busy, 90, "The database is at its largest size")
        letters = [*streams.dead.values(), streams.failures]
        for number, queue in enumerate(letters):
            waiting = queue.metric_approximate_number_of_messages_visible(statistic="max", period=_FIVE_MINUTES)
            self._alarm(f"DeadLetters{number}", waiting, 0, "Something was given up: look at it, and replay it")
        for name, function in functions.by_name.items():
            self._alarm(f"{name.title()}Errors", function.metric_errors(period=_FIVE_MINUTES), 5, f"{name} ends badly")
        page = cloudwatch.Dashboard(self, "Page", dashboard_name=choices.name)
        page.add_widgets(
            cloudwatch.GraphWidget(title="Requests", left=[front.balancer.metrics.request_count()], width=8),
            cloudwatch.GraphWidget(title="Failing", left=[broken, unanswered], width=8),
            cloudwatch.GraphWidget(title="Inbox: ms behind", left=[behind], width=8),
        )
        page.add_widgets(
            cloudwatch.GraphWidget(
                title="Functions: ms at p99",
                left=[function.metric_duration(statistic="p99") for function in functions.by_name.values()],
                width=12,
            ),
            cloudwatch.GraphWidget(title="Database: percent of its processor", left=[busy], width=12),
        )

    def _alarm(self, name: str, metric: cloudwatch.IMetric, over: float, says: str) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            metric=metric,
            threshold=over,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=2,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=says,
        )
        alarm.add_alarm_action(actions.SnsAction(self._topic))
