"""Packets of flow exporters with faults in them: bits, bytes, lengths, cuts, joins."""

import random
from functools import cache

from bench.flow_packets import (
    IPV4_FIELDS,
    IPV6_FIELDS,
    TEMPLATES,
    Talk,
    a_set,
    ipfix,
    messages,
    record,
    some_talks,
    template,
    v5,
    v9,
)
from tikfleet.domains.flows.wire.decoder import Decoder

_EXPORTERS = 64
_DRAIN = 64


@cache
def packets_to_mutate() -> tuple[bytes, ...]:
    """Whole packets of every form: templates first, then what they are for."""
    talks = some_talks(30)
    six = record(Talk(source="2001:db8::1", destination="2001:db8::2"), IPV6_FIELDS)
    variable = b"\x01\x04\x00\x03\x00\x01\x00\x04\x00\x52\xff\xff\x00\x02\x00\x04"
    record_of_variable = (1000).to_bytes(4, "big") + b"\x06ether1" + (5).to_bytes(4, "big")
    options = b"\x01\x2d\x00\x04\x00\x04" + b"\x00\x01\x00\x04" + b"\x00\x22\x00\x04"
    return (
        TEMPLATES,
        next(messages(talks)),
        ipfix(a_set(259, six * 5, 4)),
        v9(a_set(0, template(300, IPV4_FIELDS)), a_set(300, record(talks[0], IPV4_FIELDS) * 3)),
        v9(a_set(1, options, 4), a_set(301, bytes(4) + (1).to_bytes(4, "big"))),
        ipfix(a_set(2, variable), a_set(260, record_of_variable * 4)),
        v5(talks[:10]),
    )


def mutated(packet: bytes, dice: random.Random) -> bytes:
    """The packet with one to four faults."""
    data = bytearray(packet)
    for _ in range(dice.randrange(1, 5)):
        place = dice.randrange(len(data)) if data else 0
        match dice.randrange(6):
            case 0 if data:
                data[place] ^= 1 << dice.randrange(8)
            case 1 if data:
                data[place] = dice.choice((0, 1, 127, 128, 254, 255))
            case 2 if len(data) > 1:
                place = dice.randrange(len(data) - 1)
                data[place : place + 2] = dice.choice((0, 1, 255, 256, 32_768, 65_535)).to_bytes(2, "big")
            case 3:
                del data[place:]
            case 4:
                data[place:place] = dice.randbytes(dice.randrange(40))
            case _:
                data += dice.choice(packets_to_mutate())
    return bytes(data)


def decode_mutated(decoder: Decoder, dice: random.Random, count: int) -> tuple[int, int]:
    """Feed so many; gives how many flows came out, and how many packets could not be read."""
    whole = packets_to_mutate()
    flows = malformed = 0
    for number in range(count):
        decoder.feed(dice.randrange(_EXPORTERS), mutated(dice.choice(whole), dice), number)
        if number % _DRAIN == _DRAIN - 1:
            flows += len(decoder.drain())
            malformed += sum(tally.malformed for tally in decoder.tallies(number).values())
    flows += len(decoder.drain())
    malformed += sum(tally.malformed for tally in decoder.tallies(count).values())
    return flows, malformed
