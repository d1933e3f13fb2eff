"""How an envelope stands in a Kinesis record: a byte for the form, then MessagePack, compressed where that is shorter.

A record has at most 1 MiB with its key, a PutRecords at most 500 records and 5 MiB (Kinesis API Reference, PutRecords).
Writes are charged by the started KB or 25 KB, so a report of 1.4 KB is worth the compression.
"""

import zlib
from collections.abc import Sequence
from typing import Final

import msgspec

from tikfleet.adapters.kinesis.ledger import Stretch
from tikfleet.ports.inbox import Envelope, InboxBatch

MAX_RECORD_BYTES: Final = 1_000_000
_PLAIN, _COMPRESSED = b"\x01", b"\x02"
# What a body may come to when it is opened again: far beyond what the agent's path takes.
_MAX_OPEN_BYTES: Final = 16 << 20
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Envelope)


def to_record(envelope: Envelope) -> bytes:
    """The data of a record."""
    plain = _encoder.encode(envelope)
    small = zlib.compress(plain, 6)
    return _COMPRESSED + small if len(small) < len(plain) else _PLAIN + plain


def from_record(data: bytes) -> Envelope | None:
    """The envelope of a record, or None where it is damaged or none of ours."""
    form, content = data[:1], data[1:]
    try:
        if form == _COMPRESSED:
            opened = zlib.decompressobj()
            content = opened.decompress(content, _MAX_OPEN_BYTES)
            if not opened.eof:
                return None
        elif form != _PLAIN:
            return None
        return _decoder.decode(content)
    except (zlib.error, msgspec.MsgspecError, ValueError):
        return None


def batch_of(stretches: Sequence[Stretch], found: Sequence[bytes]) -> InboxBatch:
    """The records of stretches that follow each other; those that are missing or can't be read are damaged."""
    envelopes = [envelope for envelope in map(from_record, found) if envelope is not None]
    asked = sum(part.records for stretch in stretches for part in stretch.parts)
    return InboxBatch(stretches[0].first, stretches[-1].last, envelopes, asked - len(envelopes))
