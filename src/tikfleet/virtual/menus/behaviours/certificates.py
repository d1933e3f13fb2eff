"""Certificates: templates that are signed here, and PEM files that are imported. Fields are those of real X.509.

Keys of P-256 stand in for RSA of whatever size, since making those takes seconds: `key-size` is what was asked for.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from tikfleet.routeros.values import format_duration
from tikfleet.virtual.menus.behaviours import files
from tikfleet.virtual.menus.behaviours.moments import stamp
from tikfleet.virtual.menus.commands import targets
from tikfleet.virtual.menus.hooks import Behaviours
from tikfleet.virtual.menus.request import ARGUMENT, GENERAL, MISSING, Answer, Refused, Request
from tikfleet.virtual.menus.store import Store
from tikfleet.virtual.menus.table import Item

CERTIFICATE: Final = "/certificate"
_SUBJECT: Final = {
    "common-name": NameOID.COMMON_NAME, "country": NameOID.COUNTRY_NAME, "state": NameOID.STATE_OR_PROVINCE_NAME,
    "locality": NameOID.LOCALITY_NAME, "organization": NameOID.ORGANIZATION_NAME,
    "unit": NameOID.ORGANIZATIONAL_UNIT_NAME,
}  # fmt: skip
_LONGEST_DAYS: Final = 36_500
_BEGIN: Final = b"-----BEGIN "
_END: Final = b"-----END "


def attach(behaviours: Behaviours) -> None:
    behaviours.on(CERTIFICATE).show.append(_show)
    behaviours.on(CERTIFICATE).before_add.append(_template)
    behaviours.command(f"{CERTIFICATE}/sign", sign, "write")
    behaviours.command(f"{CERTIFICATE}/import", import_file, "write")


def _template(store: Store, item: Item) -> None:
    if "common-name" not in item and "_pem" not in item:
        item.setdefault("common-name", item.get("name", ""))


def sign(store: Store, request: Request) -> Answer:
    """Turn a template into a certificate, of its own authority or of the one that `ca` names."""
    (_, item), *_ = targets(store, request)
    if "_pem" in item:
        raise Refused("failure: certificate already signed", GENERAL)
    key = ec.generate_private_key(ec.SECP256R1())
    issuer, issuer_key = _authority(store, request.arguments.get("ca", ""))
    subject = _subject(item)
    begins = datetime.fromtimestamp(store.now_s(), UTC).replace(microsecond=0)
    days = min(_LONGEST_DAYS, int(item.get("days-valid", store.schema(CERTIFICATE).defaults.get("days-valid", "365"))))
    usage = item.get("key-usage", "digital-signature,key-cert-sign,crl-sign").split(",")
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca="key-cert-sign" in usage, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    made = builder.sign(issuer_key or key, hashes.SHA256())
    values = _values(store, made) | {"_key": _private_pem(key), "private-key": "true"}
    if issuer is None:
        values["trusted"] = "true"
    else:
        values |= {"issued": "true", "ca": request.arguments["ca"]}
    store.update(CERTIFICATE, item, values)
    return Answer(rows=[{"progress": "done"}])


def _subject(item: Item) -> x509.Name:
    try:
        return x509.Name([x509.NameAttribute(oid, item[name]) for name, oid in _SUBJECT.items() if item.get(name)])
    except ValueError as cause:
        # A country that is no two letters, or a name that is too long for X.509.
        raise Refused("failure: invalid subject", GENERAL) from cause


def _private_pem(key: ec.EllipticCurvePrivateKey) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def _authority(store: Store, name: str) -> tuple[x509.Certificate | None, ec.EllipticCurvePrivateKey | None]:
    if not name:
        return None, None
    found = store.find(CERTIFICATE, name)
    if found is None:
        raise Refused("input does not match any value of ca", ARGUMENT)
    if "_pem" not in found[1] or "_key" not in found[1]:
        raise Refused("failure: CA private key missing", GENERAL)
    key = serialization.load_pem_private_key(found[1]["_key"].encode(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Refused("failure: CA private key missing", GENERAL)
    return x509.load_pem_x509_certificate(found[1]["_pem"].encode()), key


def import_file(store: Store, request: Request) -> Answer:
    """Take certificates and keys out of a PEM file, and say how many."""
    name = request.arguments.get("file-name", "")
    data = files.read(store, name)
    if data is None:
        raise Refused("no such item", MISSING)
    counts = dict.fromkeys(
        ("certificates-imported", "private-keys-imported", "files-imported", "decryption-failures"), 0
    ) | {"keys-with-no-certificate": 0}
    head = request.arguments.get("name") or f"{name.rpartition('/')[2]}_"
    for kind, block in _blocks(data):
        if kind == "CERTIFICATE":
            counts["certificates-imported"] += _take_certificate(store, head, block, request)
        elif kind.endswith("PRIVATE KEY"):
            outcome = _take_key(store, block, request.arguments.get("passphrase", ""))
            counts[outcome] += 1
    counts["files-imported"] = 1 if counts["certificates-imported"] or counts["private-keys-imported"] else 0
    return Answer(rows=[{key: str(value) for key, value in counts.items()}])


def _blocks(data: bytes) -> Iterator[tuple[str, bytes]]:
    """PEM blocks with what they say they are."""
    for part in data.split(_BEGIN)[1:]:
        kind = part.partition(b"-----")[0]
        end = part.find(_END)
        if end >= 0:
            yield kind.decode("ascii", "replace"), _BEGIN + part[:end] + _END + kind + b"-----\n"


def _take_certificate(store: Store, head: str, block: bytes, request: Request) -> int:
    try:
        found = x509.load_pem_x509_certificate(block)
    except ValueError:
        return 0
    values = _values(store, found)
    if any(item.get("fingerprint") == values["fingerprint"] for item in store.table(CERTIFICATE).items):
        return 0
    number = sum(1 for item in store.table(CERTIFICATE).items if item.get("name", "").startswith(head))
    name = head if request.arguments.get("name") and number == 0 else f"{head}{number}"
    trusted = "false" if request.arguments.get("trusted") in ("no", "false") else "true"
    store.insert(CERTIFICATE, {"name": name, **values, "trusted": trusted})
    return 1


def _take_key(store: Store, block: bytes, passphrase: str) -> str:
    """Which of the counts a key adds to."""
    encrypted = b"ENCRYPTED" in block
    try:
        key = serialization.load_pem_private_key(block, passphrase.encode() if encrypted else None)
    except (ValueError, TypeError):
        return "decryption-failures"
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        return "keys-with-no-certificate"
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    for item in store.table(CERTIFICATE).items:
        if "_pem" in item and _public(item["_pem"]) == public:
            store.update(CERTIFICATE, item, {"private-key": "true", "_key": block.decode("ascii", "replace")})
            return "private-keys-imported"
    return "keys-with-no-certificate"


def _public(pem: str) -> bytes:
    return (
        x509.load_pem_x509_certificate(pem.encode())
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def _values(store: Store, found: x509.Certificate) -> Item:
    """What the menu shows of a certificate."""
    values: Item = {}
    for name, oid in _SUBJECT.items():
        for attribute in found.subject.get_attributes_for_oid(oid)[:1]:
            values[name] = str(attribute.value)
    public = found.public_key()
    values["key-type"] = "ec" if isinstance(public, ec.EllipticCurvePublicKey) else "rsa"
    if isinstance(public, rsa.RSAPublicKey):
        values["key-size"] = str(public.key_size)
    values["issuer"] = ",".join(part.rfc4514_string() for part in found.issuer.rdns)
    values["serial-number"] = f"{found.serial_number:X}"
    values["fingerprint"] = found.fingerprint(hashes.SHA256()).hex()
    values["days-valid"] = str((found.not_valid_after_utc - found.not_valid_before_utc).days)
    begins_s, ends_s = found.not_valid_before_utc.timestamp(), found.not_valid_after_utc.timestamp()
    values |= {"invalid-before": stamp(store, begins_s), "invalid-after": stamp(store, ends_s)}
    values |= {"_ends": str(ends_s), "_pem": found.public_bytes(serialization.Encoding.PEM).decode()}
    try:
        constraints = found.extensions.get_extension_for_class(x509.BasicConstraints).value
        values["authority"] = "true" if constraints.ca else "false"
    except x509.ExtensionNotFound:
        values["authority"] = "false"
    return values


def _show(store: Store, row: Item) -> None:
    if "_ends" in row:
        left_s = float(row["_ends"]) - store.now_s()
        row["expires-after"] = format_duration(int(max(0.0, left_s)))
        row["expired"] = "true" if left_s <= 0 else "false"
