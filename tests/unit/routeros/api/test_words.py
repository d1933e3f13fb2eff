import time
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tikfleet.routeros.api.decoder import Decoder, Limits
from tikfleet.routeros.api.errors import ProtocolError
from tikfleet.routeros.api.words import encode_length, encode_sentence

WORDS = st.one_of(st.binary(min_size=1, max_size=40), st.integers(1, 20_000).map(lambda size: b"\x00\xff" * size))
SENTENCES = st.lists(st.lists(WORDS, min_size=1, max_size=6).map(tuple), max_size=5)
RECORDING = b"".join(
    encode_sentence(words)
    for words in [
        (b"!re", b"=.id=*1", b"=name=ether1", b"=comment=" + "Büro Zürich".encode()),
        (b"!re", b"=.id=*2", b"=comment=" + bytes(range(256)), b"=source=" + b"x" * 20_000),
        (b"!empty", b".tag=1"),
        (b"!done", b".tag=1"),
        (b"!trap", b"=category=2", b"=message=interrupted", b".tag=ff"),
    ]
)


def decoded(pieces: Iterable[bytes], limits: Limits | None = None) -> list[tuple[bytes, ...]]:
    decoder = Decoder(limits)
    return [sentence for piece in pieces for sentence in decoder.feed(piece)]


def chunks(stream: bytes, size_bytes: int) -> list[bytes]:
    return [stream[at : at + size_bytes] for at in range(0, len(stream), size_bytes)]


@given(SENTENCES)
@example([(b"x" * 0x20_0000,)])
def test_any_words_come_back_as_they_were(sentences: list[tuple[bytes, ...]]) -> None:
    assert decoded([b"".join(map(encode_sentence, sentences))]) == sentences


@given(SENTENCES, st.data())
def test_any_cuts_give_the_same_sentences(sentences: list[tuple[bytes, ...]], data: st.DataObject) -> None:
    stream = b"".join(map(encode_sentence, sentences))
    places = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    bounds = [0, *places, len(stream)]
    assert decoded(stream[begin:end] for begin, end in pairwise(bounds)) == sentences


def test_every_single_cut_of_a_recording_gives_the_same_sentences() -> None:
    whole = decoded([RECORDING])
    assert len(whole) == 5
    for place in range(len(RECORDING) + 1):
        assert decoded([RECORDING[:place], RECORDING[place:]]) == whole, f"cut at {place}"


@pytest.mark.parametrize("size_bytes", [1, 2, 7, 4096])
def test_a_recording_in_chunks_gives_the_same_sentences(size_bytes: int) -> None:
    assert decoded(chunks(RECORDING, size_bytes)) == decoded([RECORDING])


@pytest.mark.parametrize(
    ("size_bytes", "prefix"),
    [
        (0, "00"), (0x7F, "7f"), (0x80, "8080"), (0x3FFF, "bfff"), (0x4000, "c04000"), (0x1F_FFFF, "dfffff"),
        (0x20_0000, "e0200000"), (0xFFF_FFFF, "efffffff"), (0x1000_0000, "f010000000"), (0xFFFF_FFFF, "f0ffffffff"),
    ],
)  # fmt: skip
def test_a_length_takes_its_shortest_form(size_bytes: int, prefix: str) -> None:
    assert encode_length(size_bytes).hex() == prefix


def test_a_length_beyond_five_bytes_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than the API can say"):
        encode_length(1 << 32)


@pytest.mark.parametrize("prefix", ["05", "8005", "c00005", "e0000005", "f000000005"])
def test_every_form_of_a_length_is_read_in_any_chunks(prefix: str) -> None:
    stream = bytes.fromhex(prefix) + b"!done" + bytes.fromhex(prefix) + b"=ret=" + b"\0"
    for size_bytes in (1, 2, 3, 100):
        assert decoded(chunks(stream, size_bytes)) == [(b"!done", b"=ret=")]


def test_an_empty_word_inside_a_sentence_is_refused() -> None:
    with pytest.raises(ValueError, match="can't be empty"):
        encode_sentence([b"/system/identity/print", b"", b"/system/reboot"])


def test_empty_sentences_are_skipped() -> None:
    assert decoded([b"\0\0\0" + encode_sentence([b"!done"]) + b"\0"]) == [(b"!done",)]


@pytest.mark.parametrize("first", range(0xF8, 0x100))
def test_reserved_first_bytes_are_refused(first: int) -> None:
    with pytest.raises(ProtocolError, match=f"reserved byte {first:02X}"):
        decoded([bytes([first])])


@pytest.mark.parametrize("size_bytes", [1, 4096])
def test_a_word_over_the_limit_is_refused_before_it_came(size_bytes: int) -> None:
    stream = encode_length(5000)
    with pytest.raises(ProtocolError, match="word of 5000 bytes is over the limit of 4096"):
        decoded(chunks(stream, size_bytes), Limits(word_bytes=4096))


def test_a_length_of_four_gibibytes_and_more_is_over_every_usual_limit() -> None:
    with pytest.raises(ProtocolError, match="over the limit"):
        decoded([b"\xf7\xff\xff\xff\xff"])


@pytest.mark.parametrize("size_bytes", [1, 7, 4096])
def test_a_sentence_over_the_limit_is_refused_before_it_ends(size_bytes: int) -> None:
    stream = encode_length(100) + b"x" * 100
    with pytest.raises(ProtocolError, match="sentence is over the limit of 1000 bytes"):
        decoded(chunks(stream * 11, size_bytes), Limits(sentence_bytes=1000))


def test_a_word_that_would_pass_the_sentence_s_limit_is_refused_before_it_came() -> None:
    with pytest.raises(ProtocolError, match="sentence is over the limit"):
        decoded([encode_length(5000)], Limits(sentence_bytes=1000))


@pytest.mark.parametrize("size_bytes", [1, 4096])
def test_too_many_words_are_refused(size_bytes: int) -> None:
    with pytest.raises(ProtocolError, match="limit of 10 words"):
        decoded(chunks(b"\x01x" * 12, size_bytes), Limits(words=10))


def test_limits_are_of_one_sentence_and_not_of_the_connection() -> None:
    sentence = encode_sentence([b"x" * 100] * 5)
    limits = Limits(sentence_bytes=len(sentence), words=5)
    assert len(decoded(chunks(sentence * 50, 7), limits)) == 50
    assert decoded([b"\0" * 5000], limits) == []


def test_good_sentences_before_a_bad_one_are_given_and_the_failure_stays() -> None:
    decoder = Decoder()
    result = decoder.feed(encode_sentence([b"!done"]) + b"\xff")
    assert next(result) == (b"!done",)
    with pytest.raises(ProtocolError):
        next(result)
    with pytest.raises(ProtocolError, match="reserved"):
        decoder.feed(encode_sentence([b"!done"]))


def test_bytes_are_taken_even_when_nobody_reads_the_result() -> None:
    decoder = Decoder()
    decoder.feed(b"\x05!do")
    assert not decoder.between_sentences
    assert list(decoder.feed(b"ne\0")) == [(b"!done",)]
    assert decoder.between_sentences


def test_a_long_word_in_tiny_chunks_takes_linear_time() -> None:
    def spent_s(size_bytes: int) -> float:
        stream = encode_sentence([b"x" * size_bytes])
        began = time.process_time()
        assert len(decoded(chunks(stream, 16))) == 1
        return time.process_time() - began

    small = min(spent_s(100_000) for _ in range(3))
    large = min(spent_s(1_600_000) for _ in range(3))
    assert large < 64 * max(small, 0.001)
