"""What is under way: reports on Kinesis, work on SQS, each queue with its dead letters."""

import aws_cdk as cdk
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_sqs as sqs
from constructs import Construct
from parts.choices import Choices
from parts.kept import Kept

# A function has five minutes for a message, and puts this off while it works.
_SHOWN_AGAIN = cdk.Duration.minutes(6)
_HAND_OUTS = 5
# A function works on the first; the worker's container takes callbacks.
WORKED_ON = "work"
TOPICS = (WORKED_ON, "callbacks")


class Streams(Construct):
    """Queues are named as `tikfleet.adapters.sqs.queue` names them: `NAME-TOPIC` and `NAME-TOPIC-dead`."""

    def __init__(self, scope: Construct, choices: Choices, kept: Kept) -> None:
        super().__init__(scope, "Streams")
        self.inbox = kinesis.Stream(
            self,
            "Inbox",
            stream_name=f"{choices.name}-inbox",
            shard_count=choices.size.shards,
            retention_period=cdk.Duration.days(2),
            encryption=kinesis.StreamEncryption.KMS,
            encryption_key=kept.key,
            removal_policy=cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
        self.dead: dict[str, sqs.Queue] = {}
        self.queues: dict[str, sqs.Queue] = {}
        for topic in TOPICS:
            self.dead[topic] = self._queue(kept, choices, f"{topic}-dead", None)
            letters = sqs.DeadLetterQueue(queue=self.dead[topic], max_receive_count=_HAND_OUTS)
            self.queues[topic] = self._queue(kept, choices, topic, letters)
        # Where Lambda notes stretches of the inbox that it gave up, and calls that failed three times.
        self.failures = self._queue(kept, choices, "failures-dead", None)

    def _queue(self, kept: Kept, choices: Choices, name: str, letters: sqs.DeadLetterQueue | None) -> sqs.Queue:
        return sqs.Queue(
            self,
            name.title().replace("-", ""),
            queue_name=f"{choices.name}-{name}",
            encryption=sqs.QueueEncryption.KMS,
            encryption_master_key=kept.key,
            data_key_reuse=cdk.Duration.hours(1),
            enforce_ssl=True,
            retention_period=cdk.Duration.days(14),
            visibility_timeout=_SHOWN_AGAIN,
            dead_letter_queue=letters,
        )
