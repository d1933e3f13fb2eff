import time

from hypothesis import given
from hypothesis import strategies as st

from tikfleet.domains.audit.model import REDACTED, bounded_name, fit_to_keep
from tikfleet.kernel.secrets import new_secret


def test_secrets_are_known_by_their_names():
    kept = fit_to_keep(
        {
            "password": "a",
            "new_password": "a",
            "api_key": "a",
            "clientSecret": "a",
            "wpa2-pre-shared-key": "a",
            "Authorization": "a",
            "nested": [{"private_key": "a", "name": "b"}],
            "community": "public",
        }
    )
    assert kept == {
        "password": REDACTED,
        "new_password": REDACTED,
        "api_key": REDACTED,
        "clientSecret": REDACTED,
        "wpa2-pre-shared-key": REDACTED,
        "Authorization": REDACTED,
        "nested": [{"private_key": REDACTED, "name": "b"}],
        "community": REDACTED,
    }


def test_what_only_speaks_of_a_secret_stays():
    state = {
        "enrolment_key_id": "key_1",
        "token_count": 3,
        "password_set_at": "2026",
        "has_secret": True,
        "token": None,
    }
    assert fit_to_keep(state) == state


def test_credentials_and_assignments_inside_texts_are_replaced():
    token = new_secret("tfd_")
    kept = fit_to_keep(
        {
            "script": f'/user add name=x password="a \\" b" group=full; :local t {token}; /snmp set community=open',
            "url": "https://bob:hunter2@host/path",
            "header": "Authorization: Bearer abcdefghijk",
            "pem": "x -----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- y",
        }
    )
    assert kept == {
        "script": f"/user add name=x password={REDACTED} group=full; :local t {REDACTED}; "
        f"/snmp set community={REDACTED}",
        "url": f"https://bob:{REDACTED}@host/path",
        "header": f"Authorization: Bearer {REDACTED}",
        "pem": f"x {REDACTED} y",
    }
    assert token not in bounded_name(f"named {token}")


def test_a_credential_at_the_cut_does_not_survive_in_part():
    token = new_secret("tfd_")
    for pad in range(960, 1010):
        assert token[:12] not in str(fit_to_keep({"text": "x" * pad + " " + token}))
    for pad in range(7940, 8010):
        assert token[:12] not in str(fit_to_keep({"text": "password=" + "x" * pad + " " + token}))


def test_states_have_a_bounded_size_and_depth():
    deep: dict[str, object] = {}
    for _ in range(50):
        deep = {"in": deep}
    kept = fit_to_keep({"text": "y" * 100_000, "list": list(range(5_000)), "deep": deep, "nul": "a\x00b"})
    assert kept is not None
    assert len(kept["text"]) == 1_001
    assert len(kept["list"]) == 101
    assert kept["nul"] == "a\ufffdb"
    huge = fit_to_keep({f"field {n}": "z" * 1_000 for n in range(100)})
    assert huge is not None
    assert set(huge) == {"cut", "fields"}


def test_hostile_text_is_read_in_linear_time():
    started = time.perf_counter()
    for text in ("password" * 10_000, "://" * 30_000, 'token="' * 10_000, "a" * 100_000, "BEGIN PRIVATE KEY" * 5_000):
        fit_to_keep({"text": text})
    assert time.perf_counter() - started < 2


@given(
    st.dictionaries(st.text(max_size=20), st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=20))
)
def test_any_state_can_be_kept(state):
    assert fit_to_keep(state) is not None
