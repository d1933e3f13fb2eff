"""P2: check-ins with a fresh TLS 1.3 handshake each, as routers send them, per CPU-second of the server.

`python -m bench.handshakes` prints them: the platform's own check-in path, durable, with its own certificate (ECDSA
P-256), and beside it with an RSA-2048 key, and a handler that keeps nothing. 64 routers at once, as in
`bench.checkins`, and three, who share hardly a sync. What the senders take is not counted.
"""

import socket
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import uvloop
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from granian.constants import SSLProtocols

from bench.servers import BareSessions
from tikfleet.app.certificates import own_certificates
from tikfleet.app.measuring import reports
from tikfleet.app.measuring.answering import durable, listener, written_tokens
from tikfleet.app.measuring.handshakes import run_handshakes, trusting
from tikfleet.app.measuring.load import LoadResult
from tikfleet.app.measuring.processes import child, cpu_s, free_port, wait_for_port

_DURATION_S: Final = 5.0
_ROUNDS: Final = 3
_MANY: Final = 64
_FEW: Final = 3
_RUNS: Final = {
    "checkins_per_cpu_s": ("edge", "ecdsa", _MANY),
    "bare_per_cpu_s": ("bare", "ecdsa", _MANY),
    "with_rsa_per_cpu_s": ("edge", "rsa", _MANY),
    "three_at_once_per_cpu_s": ("edge", "ecdsa", _FEW),
    "three_at_once_bare_per_cpu_s": ("bare", "ecdsa", _FEW),
}


def measure(duration_s: float = _DURATION_S) -> dict[str, Any]:
    """Each run three times, in turn, so that a noisy moment hurts all of them; the best one counts."""
    found: dict[str, list[tuple[float, LoadResult]]] = {name: [] for name in _RUNS}
    told: dict[str, str] = {}
    for name, (kind, key, at_once) in [*_RUNS.items()] * _ROUNDS:
        rate, result, session = _one(kind, key, at_once, duration_s)
        found[name].append((rate, result))
        told[name] = session
    best = {name: max(runs, key=lambda run: run[0]) for name, runs in found.items()}
    own = best["checkins_per_cpu_s"][1]
    return {
        "P2": {name: round(rate) for name, (rate, _) in best.items()}
        | {
            "checkins_per_s": round(own.answers / own.elapsed_s),
            "p50_ms": round(own.p50_ms, 1),
            "p99_ms": round(own.p99_ms, 1),
            "errors": sum(result.errors for runs in found.values() for _, result in runs),
            "session": told["checkins_per_cpu_s"],
            "session_with_rsa": told["with_rsa_per_cpu_s"],
        }
    }


def _one(kind: str, key: str, at_once: int, duration_s: float) -> tuple[float, LoadResult, str]:
    """Check-ins per CPU-second of the server, what the senders saw, and what was agreed on."""
    port = free_port()
    with (
        tempfile.TemporaryDirectory() as directory,
        child("bench.handshakes", "serve", kind, key, str(port), directory) as process,
    ):
        wait_for_port(port)
        tokens = Path(directory, "tokens").read_text().split()
        requests = [reports.requests_of(token, port) for token in tokens[:at_once]]
        run_handshakes(port, requests, 0.5)
        before = cpu_s(process.pid)
        result = run_handshakes(port, requests, duration_s)
        return result.answers / (cpu_s(process.pid) - before), result, _session(port)


def _session(port: int) -> str:
    """Protocol and key of one more connection with the senders' settings, and whether an earlier one was resumed."""
    with socket.create_connection(("127.0.0.1", port)) as plain, trusting().wrap_socket(plain) as wire:
        resumed = "resumed" if wire.session_reused else "not resumed"
        return f"{wire.version()}, {_key_of(wire.getpeercert(binary_form=True) or b'')}, {resumed}"


def _key_of(certificate: bytes) -> str:
    key = x509.load_der_x509_certificate(certificate).public_key()
    return key.curve.name if isinstance(key, EllipticCurvePublicKey) else type(key).__name__


async def _serve(kind: str, key: str, port: int, directory: Path) -> None:
    """The server under test, with the listener's options as `tikfleet serve` has them; RSA only for comparison."""
    secrets = written_tokens(directory)
    app = BareSessions(secrets) if kind == "bare" else durable(directory, secrets)
    made = own_certificates(directory / "keys", ["localhost"], datetime.now(UTC))
    chain, key_file = (made.chain, made.key) if key == "ecdsa" else _rsa(directory)
    await listener(app, port, ssl_cert=chain, ssl_key=key_file, ssl_protocol_min=SSLProtocols.tls12).serve()


def _rsa(directory: Path) -> tuple[Path, Path]:
    key, name = rsa.generate_private_key(65537, 2048), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=2))
    chain, key_file = directory / "rsa.pem", directory / "rsa.key"
    chain.write_bytes(builder.sign(key, SHA256()).public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return chain, key_file


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", kind, key, port, directory]:
            uvloop.run(_serve(kind, key, int(port), Path(directory)))
        case _:
            for name, figures in measure().items():
                print(name, figures)
