"""Certificates that are brought: what is wrong with them is said before anything listens."""

import datetime as dt
import ssl
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.conftest import PlatformProcess, pick_port
from tikfleet.app.certificates import Certificates, own_certificates
from tikfleet.app.given_certificates import given_certificates
from tikfleet.app.settings import SettingsWrong

NOW = dt.datetime.now(dt.UTC)


@pytest.fixture
def made(tmp_path: Path) -> Certificates:
    return own_certificates(tmp_path / "other", ["fleet.example.com", "*.branches.example.com", "192.0.2.7"], NOW)


@pytest.mark.parametrize("host", ["fleet.example.com", "FLEET.example.com", "one.branches.example.com", "192.0.2.7"])
def test_good_files_are_taken_as_they_are(made: Certificates, host: str) -> None:
    with capture_logs() as logs:
        found = given_certificates(made.chain, made.key, host, NOW)
    assert (found.chain, found.key, found.ca_pem) == (made.chain, made.key, "")
    assert logs == []


@pytest.mark.parametrize("host", ["other.example.com", "two.one.branches.example.com", "192.0.2.8", "[2001:db8::1]"])
def test_a_name_that_is_not_in_it_is_told_in_the_log(made: Certificates, host: str) -> None:
    with capture_logs() as logs:
        given_certificates(made.chain, made.key, host, NOW)
    assert [one["address"] for one in logs] == [host]


def test_one_that_has_ended_is_told_in_the_log(made: Certificates) -> None:
    with capture_logs() as logs:
        given_certificates(made.chain, made.key, "fleet.example.com", NOW + dt.timedelta(days=500))
    assert "has ended" in logs[0]["event"]


def test_what_the_listener_could_not_use_is_refused_with_the_setting_and_the_file(
    made: Certificates, tmp_path: Path
) -> None:
    other = own_certificates(tmp_path / "another", ["fleet.example.com"], NOW)
    rubbish = tmp_path / "rubbish.pem"
    rubbish.write_text("-----BEGIN CERTIFICATE-----\nnot so\n-----END CERTIFICATE-----\n")
    for chain, key, said in (
        (tmp_path / "absent.pem", made.key, "tls_certificate: .*absent.pem cannot be read"),
        (made.chain, tmp_path, "tls_key: .* cannot be read"),
        (rubbish, made.key, "tls_certificate: .*rubbish.pem holds no certificate"),
        (made.key, made.key, "tls_certificate: .* holds no certificate"),
        (made.chain, made.chain, "tls_key: .* holds no private key"),
        (made.chain, other.key, "is not the key of the first certificate"),
    ):
        with pytest.raises(SettingsWrong, match=said):
            given_certificates(chain, key, "", NOW)


def test_the_platform_listens_with_it_and_ends_with_a_sentence_where_it_cannot(tmp_path: Path) -> None:
    made = own_certificates(tmp_path / "other", ["localhost"], NOW)
    port = pick_port()
    given = {"TIKFLEET_TLS_CERTIFICATE": str(made.chain), "TIKFLEET_TLS_KEY": str(made.key)}
    platform = PlatformProcess(tmp_path / "data", **given)
    platform.https_port = port
    platform.start()
    try:
        assert ssl.get_server_certificate(("127.0.0.1", port)) == made.chain.read_text().partition("-----END")[0] + (
            "-----END CERTIFICATE-----\n"
        )
        assert not (tmp_path / "data" / "keys" / "ca.pem").exists()
    finally:
        platform.terminate()
    broken = PlatformProcess(tmp_path / "data", **(given | {"TIKFLEET_TLS_KEY": "/nowhere/key.pem"}))
    broken.https_port = port
    broken.launch()
    assert broken.process.wait(60) == 1
    assert "tls_key: /nowhere/key.pem cannot be read" in broken.said()
