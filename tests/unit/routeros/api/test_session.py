import pytest
from hypothesis import given
from hypothesis import strategies as st

from tikfleet.routeros.api.command import command
from tikfleet.routeros.api.errors import ConnectionLost, Fatal, ProtocolError, Trap
from tikfleet.routeros.api.query import equals, greater, has, lacks, less, one_of
from tikfleet.routeros.api.session import Call, Reply, Session
from tikfleet.routeros.api.text import Text, legible
from tikfleet.routeros.api.words import encode_sentence

PRINT = command("/ip/address/print")


def started(session: Session, path: str = "/ip/address/print", *, streams: bool = False) -> Call:
    return session.start(command(path), streams=streams)[0]


def said(*sentences: tuple[str, ...]) -> bytes:
    return b"".join(encode_sentence(word.encode() for word in words) for words in sentences)


def result(session: Session, stream: bytes, size_bytes: int) -> tuple[list[dict[str, str]], str | None]:
    call = started(session)
    for at in range(0, len(stream), size_bytes):
        session.receive(stream[at : at + size_bytes])
    assert call.ended
    return list(call.reply), call.reply.ret


RECORDED = said(
    ("!re", "=.id=*1", "=name=ether1", "=comment=Büro=Süd", ".tag=1"),
    ("!re", ".tag=1", "=.id=*2", "=comment=", "=flag"),
    ("!re", "=name=of another command", ".tag=99"),
    ("!empty", ".tag=1"),
    ("!done", "=ret=2", ".tag=1"),
)
ROWS = [{".id": "*1", "name": "ether1", "comment": "Büro=Süd"}, {".id": "*2", "comment": "", "flag": ""}]


@pytest.mark.parametrize("size_bytes", [1, 2, 7, 4096])
def test_a_recorded_reply_means_the_same_in_any_chunks(size_bytes: int) -> None:
    assert result(Session(), RECORDED, size_bytes) == (ROWS, "2")


def test_a_recorded_reply_means_the_same_at_every_cut() -> None:
    for place in range(1, len(RECORDED)):
        session = Session()
        call = started(session)
        session.receive(RECORDED[:place])
        session.receive(RECORDED[place:])
        assert (list(call.reply), call.reply.ret, call.ended) == (ROWS, "2", True), f"cut at {place}"


def test_a_command_is_sent_with_its_words_in_order_and_a_tag_of_its_own() -> None:
    session = Session()
    what = command("/interface/print", {"detail": None}, ["name", "type"], one_of("type", "ether", "vlan"))
    words = ("/interface/print", "=detail=", "=.proplist=name,type", "?=type=ether", "?=type=vlan", "?#|")
    assert session.start(what)[1] == said((*words, ".tag=1"))
    assert session.start(PRINT)[1] == said(("/ip/address/print", ".tag=2"))


def test_replies_of_several_commands_are_told_apart_by_tag() -> None:
    session = Session()
    first, second = started(session), started(session)
    session.receive(said(("!re", "=n=2", ".tag=2"), ("!re", "=n=1", ".tag=1"), ("!done", ".tag=2")))
    assert (second.ended, first.ended) == (True, False)
    session.receive(said(("!done", ".tag=1")))
    assert (list(first.reply), list(second.reply)) == ([{"n": "1"}], [{"n": "2"}])
    assert session.under_way == 0


def test_a_trap_ends_its_command_at_its_done_with_text_and_category() -> None:
    session = Session()
    call = started(session)
    session.receive(said(("!trap", "=category=0", "=message=no such item", ".tag=1")))
    assert not call.ended
    session.receive(said(("!done", ".tag=1")))
    assert isinstance(call.error, Trap)
    assert (call.error.text, call.error.category, call.error.command) == ("no such item", 0, "/ip/address/print")


def test_of_several_traps_the_first_is_the_reason() -> None:
    session = Session()
    call = started(session)
    session.receive(said(("!trap", "=message=first", ".tag=1"), ("!trap", "=message=second", ".tag=1")))
    session.receive(said(("!done", ".tag=1")))
    assert isinstance(call.error, Trap)
    assert (call.error.text, call.error.category) == ("first", None)


@pytest.mark.parametrize("words", [("!fatal", "not logged in"), ("!fatal", "=message=not logged in")])
def test_fatal_ends_everything_with_the_router_s_reason(words: tuple[str, ...]) -> None:
    session = Session()
    with pytest.raises(Fatal, match=r"^not logged in$"):
        session.receive(said(words))


def test_a_lost_connection_ends_every_command_with_an_error_of_its_own() -> None:
    session = Session()
    calls = [started(session), started(session)]
    session.fail(ConnectionLost("gone"))
    assert [str(call.error) for call in calls] == ["gone", "gone"]
    assert calls[0].error is not calls[1].error


def test_an_abandoned_command_is_cancelled_and_its_late_replies_go_nowhere() -> None:
    session = Session()
    late = started(session)
    assert session.abandon(late) == said(("/cancel", "=tag=1", ".tag=2"))
    other = started(session)
    session.receive(said(("!re", "=n=late", ".tag=1"), ("!trap", "=message=interrupted", ".tag=1")))
    session.receive(said(("!done", ".tag=2"), ("!done", ".tag=1"), ("!re", "=n=3", ".tag=3"), ("!done", ".tag=3")))
    assert (list(late.reply), list(other.reply), session.under_way) == ([], [{"n": "3"}], 0)


def test_a_reply_without_a_tag_belongs_to_the_only_command_there_is() -> None:
    session = Session()
    call = started(session)
    session.receive(said(("!re", "=n=1"), ("!done", "=ret=x")))
    assert (list(call.reply), call.reply.ret) == ([{"n": "1"}], "x")


def test_a_reply_without_a_tag_is_refused_when_it_could_be_anyone_s() -> None:
    session = Session()
    started(session)
    started(session)
    with pytest.raises(ProtocolError, match="2 commands are under way"):
        session.receive(said(("!done",)))


def test_a_kind_of_reply_that_nobody_knows_yet_is_passed_over() -> None:
    session = Session()
    call = started(session)
    session.receive(said(("!novelty", "=a=b", ".tag=1"), ("!novelty",), ("!done", ".tag=1")))
    assert (call.ended, call.error) == (True, None)


def test_a_stream_tells_of_each_row_and_of_its_end() -> None:
    seen: list[int] = []
    session = Session()
    call, _ = session.start(command("/interface/listen"), lambda: seen.append(len(call.reply)), streams=True)
    session.receive(said(("!re", "=n=1", ".tag=1"), ("!re", ".tag=1", "=n=2"), ("!done", ".tag=1")))
    assert seen == [1, 2, 2]


@given(st.binary(min_size=1))
def test_any_bytes_are_text_and_come_back_as_they_were(word: bytes) -> None:
    text = Text()
    assert text.encode(text.decode(word)) == word


def test_latin_1_is_kept_and_can_be_shown() -> None:
    session = Session()
    call = started(session)
    session.receive(encode_sentence([b"!re", b"=comment=B\xfcro", b".tag=1"]) + said(("!done", ".tag=1")))
    comment = call.reply[0]["comment"]
    assert legible(comment) == "Büro"
    assert b"=comment=B\xfcro" in session.start(command("/ip/address/set", {"comment": comment}))[1]


def test_a_code_page_can_be_named_for_a_whole_connection() -> None:
    session = Session(Text("cp1252"))
    assert "=comment=Büro €".encode("cp1252") in session.start(command("/x/set", {"comment": "Büro €"}))[1]
    with pytest.raises(ValueError, match="can't be written in cp1252") as refused:
        session.start(command("/x/set", {"password": "秘密 secret"}))
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (has("comment"), "?comment"),
        (lacks("comment"), "?-comment"),
        (equals("disabled", value=False), "?=disabled=no"),
        (less("mtu", 1500) & greater("mtu", 100), "?<mtu=1500 ?>mtu=100 ?#&"),
        (~(equals("a", "x") | has("b")), "?=a=x ?b ?#| ?#!"),
        (one_of("t", "a", "b", "c"), "?=t=a ?=t=b ?#| ?=t=c ?#|"),
    ],
)
def test_a_query_becomes_words_operands_first(query: list[str], words: str) -> None:
    assert list(query) == words.split()


@pytest.mark.parametrize("name", ["", "-a", "<a", ">a", "#a", "?a", "a=b"])
def test_a_name_that_would_change_the_question_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="property's name"):
        has(name)


@pytest.mark.parametrize(
    ("value", "text"),
    [("a=b", "a=b"), (True, "yes"), (False, "no"), (7, "7"), (1.5, "1.5"), (None, ""), (["*1", "*2"], "*1,*2")],
)
def test_values_are_written_as_routeros_reads_them(value: object, text: str) -> None:
    assert command("/x/set", {"a": value}).words == (f"=a={text}",)  # type: ignore[dict-item]


@pytest.mark.parametrize("path", ["ip/address/print", "", "/", "/ip/address/"])
def test_a_path_that_is_none_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="written from the root"):
        command(path)


def test_only_a_print_that_ends_and_leaves_nothing_behind_is_a_read() -> None:
    assert command("/ip/address/print", {"detail": None}, query=has("file")).only_reads
    assert command("/ip/address/getall").only_reads
    for what in [
        command("/ip/address/add"), command("/interface/listen"), command("/log/print", {"follow": None}),
        command("/ip/address/print", {"file": "x"}), command("/interface/print", {"interval": "1s"}),
    ]:  # fmt: skip
        assert not what.only_reads


def test_a_command_does_not_show_its_words() -> None:
    assert "hunter2" not in repr(command("/user/add", {"name": "a", "password": "hunter2"}))
    assert Reply() == []
