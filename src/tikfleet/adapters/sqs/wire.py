"""How a message stands in SQS: its body as base64 after the figure 1, and an attribute where it is not due yet.

SQS takes text of up to 256 KiB (1 MiB at some places since 2025), holds a message back for at most 900 s and hides one
for at most 12 hours (SQS API Reference: SendMessage, ChangeMessageVisibility).
"""

import base64
import binascii
import math
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tikfleet.ports.queue import Message

MAX_BODY_BYTES: Final = 190_000
MAX_DELAY_S: Final = 900
MAX_HIDDEN_S: Final = 43_200
_FORM: Final = "1"
_DUE: Final = "due_ms"


class Arrived(msgspec.Struct, frozen=True):
    """A message as SQS gave it, and when it is due, in ms since 1970 (0: at once)."""

    message: Message
    due_ms: int


def sent(body: bytes, delay_s: float, now_s: float) -> dict[str, Any]:
    """The parameters of SendMessage beside the queue. Raises ValueError for a body that SQS does not take."""
    if len(body) > MAX_BODY_BYTES:
        raise ValueError(f"a message has at most {MAX_BODY_BYTES} bytes: keep {len(body)} bytes as an object")
    values: dict[str, Any] = {
        "MessageBody": _FORM + base64.b64encode(body).decode(),
        "DelaySeconds": max(0, min(MAX_DELAY_S, math.ceil(delay_s))),
    }
    if delay_s > MAX_DELAY_S:
        due = {"DataType": "Number", "StringValue": str(round((now_s + delay_s) * 1000))}
        values["MessageAttributes"] = {_DUE: due}
    return values


def arrived(topic: str, item: Mapping[str, Any]) -> Arrived:
    """A message of ReceiveMessage. Raises ValueError where it is not of our form."""
    attributes = item.get("MessageAttributes", {})
    return _arrived(
        topic,
        (item["MessageId"], item["Body"], item["ReceiptHandle"]),
        item.get("Attributes", {}).get("ApproximateReceiveCount", "1"),
        attributes.get(_DUE, {}).get("StringValue", "0"),
    )


def handed_over(topic: str, record: Mapping[str, Any]) -> Arrived:
    """A record of the event by which SQS calls a function. Raises ValueError where it is not of our form."""
    attributes = record.get("messageAttributes", {})
    return _arrived(
        topic,
        (record["messageId"], record["body"], record["receiptHandle"]),
        record.get("attributes", {}).get("ApproximateReceiveCount", "1"),
        attributes.get(_DUE, {}).get("stringValue", "0"),
    )


def _arrived(topic: str, texts: tuple[str, str, str], attempts: str, due_ms: str) -> Arrived:
    number, text, receipt = texts
    if not text.startswith(_FORM):
        raise ValueError("the message is of another form")
    try:
        body = base64.b64decode(text[1:], validate=True)
    except binascii.Error as cause:
        raise ValueError("the message's body is no base64") from cause
    return Arrived(Message(number, topic, body, receipt, int(attempts)), int(due_ms))
