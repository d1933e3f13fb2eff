from pathlib import Path

import pytest
from api_stub import TOKEN, Stub

from tikfleet.cli import configuration
from tikfleet.cli.terminal import Terminal


@pytest.fixture
def stranger(terminal: Terminal) -> Terminal:
    """Nobody is signed in."""
    terminal.environment = {"HOME": terminal.environment["HOME"]}
    return terminal


def test_login_by_password_makes_a_token_and_keeps_no_session(run, stub: Stub, stranger: Terminal) -> None:
    result = run("login", "http://fleet.test", "--email", "ada@acme.example", "--stdin", given="secret\n")

    assert result.exit_code == 0, result.output
    path = configuration.path_of(stranger.environment)
    assert path.stat().st_mode & 0o777 == 0o600
    stored = configuration.stored_at(path)
    assert stored == configuration.Credentials("http://fleet.test", TOKEN, "", "tok_1")
    assert stub.asked("POST", "/tokens")[0]["scopes"] == ["devices:read"]
    assert ("DELETE", "/session") in [(method, path) for method, path, _, _ in stub.requests]
    assert run("devices", "list").exit_code == 0


def test_login_with_a_token_tries_it_first(run, stranger: Terminal) -> None:
    refused = run("login", "http://fleet.test", "--stdin", given="tft_wrong\n")
    assert refused.exit_code == 3
    assert not configuration.path_of(stranger.environment).exists()

    assert run("login", "http://fleet.test", "--stdin", given=TOKEN + "\n").exit_code == 0
    assert run("whoami").exit_code == 0


def test_logout_revokes_what_login_made(run, stub: Stub, stranger: Terminal) -> None:
    run("login", "http://fleet.test", "--email", "ada@acme.example", "--stdin", given="secret\n")
    assert run("logout").exit_code == 0
    assert ("DELETE", "/tokens/tok_1") in [(method, path) for method, path, _, _ in stub.requests]
    assert run("devices", "list").exit_code == 3


def test_without_credentials_the_answer_is_how_to_sign_in(run, stranger: Terminal) -> None:
    result = run("devices", "list")
    assert result.exit_code == 3
    assert "tikfleet login" in result.stderr


def test_a_stored_token_is_never_shown_to_another_server(stranger: Terminal, run) -> None:
    run("login", "http://fleet.test", "--stdin", given=TOKEN + "\n")
    stranger.environment = {**stranger.environment, "TIKFLEET_URL": "http://elsewhere.test"}
    assert run("devices", "list").exit_code == 3


def test_a_configuration_survives_any_text(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    odd = configuration.Credentials('http://x/"q"\\', "t\nü", "/a b/ca.pem", "")
    configuration.write(path, odd)
    assert configuration.stored_at(path) == odd


def test_whoami_says_where_commands_go(run) -> None:
    result = run("whoami", "--json")
    assert '"organisation": "Acme"' in result.stdout
