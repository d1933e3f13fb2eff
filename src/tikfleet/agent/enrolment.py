"""The one line that an operator pastes into a router's terminal."""

import base64
import binascii
import hashlib
import re
import ssl
from typing import Final, Literal

from tikfleet.agent.settings import AgentSettings, CertificateCheck
from tikfleet.routeros.script.quoting import quote

Generation = Literal["v6", "v7"]

_PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=\s]+)\n-----END CERTIFICATE-----")
# How the DER of a certificate begins: a sequence whose length takes two bytes.
_SEQUENCE: Final = b"\x30\x82"
_INSTALLER: Final = "tikfleet-install.rsc"
_CA_FILE: Final = "tikfleet-ca.txt"
_OUR_CA: Final = '[/certificate find where name="tikfleet-ca" or name="tikfleet-ca.txt_0"]'
_HINTS: Final = (
    "tikfleet: the installer did not come. What can stand in the way:",
    " the clock: /system clock print must show today",
    " device mode: /system device-mode print must show fetch: yes (7.17 and later)",
    " trust: RouterOS before 7.19 knows no authority, paste the line that brings one",
    " the key: expired, used up or mistyped (401)",
    "Nothing was added. RouterOS itself says:",
)
_LEFT: Final = (
    f':if ($n and [:len [/system script find where name="tikfleet-token"]]=0) do={{/certificate remove {_OUR_CA}}}'
)
# 7.19 and 7.20 have authorities but trust none; from 7.21 fetch trusts them unless somebody said otherwise.
_TRUST: Final = (
    ':do {:if ([[:parse ":return [/certificate settings get builtin-trust-anchors]"]]!="trusted") do={'
    ':put "tikfleet: telling RouterOS to trust its built-in authorities";'
    '[[:parse "/certificate settings set builtin-trust-anchors=trusted"]]}} on-error={}'
)


def enrolment_line(generation: Generation, server_url: str, key_secret: str, ca_pem: str | None) -> str:
    """One line of printable ASCII for the terminal of a router.

    It brings `ca_pem` (one PEM certificate) as the authority to check the server with, so that nothing is taken
    unchecked; without one it leans on RouterOS's own. Then it fetches the installer, which says what it will add
    before it does, and runs it. Raises `ValueError` for an address or a certificate that is none.
    """
    AgentSettings(server_url, "0")
    address = quote(f"{server_url}/agent/v1/install?version=").replace("?", "\\3F")
    fetch = _fetch(generation, server_url)
    undo = f";:if ($n) do={{/certificate remove {_OUR_CA}}}" if ca_pem is not None else ""
    steps = [
        f":local u {address}",
        f":local h {quote('Authorization: Bearer ' + key_secret)}",
        ":local v [/system resource get version]",
        ':set u ($u.[:pick $v 0 [:find ($v." ") " "]])',
        ":local n false",
        *([_TRUST] if ca_pem is None and generation == "v7" else []),
        *(_authority(ca_pem) if ca_pem is not None else []),
        f":do {{{fetch}}} on-error={{{_hints()}{undo};{fetch}}}",
        ":delay 1s",
        f':do {{/import file-name={_INSTALLER}}} on-error={{:put "tikfleet: the installer stopped"}}',
        f"/file remove {_INSTALLER}",
        *([_LEFT] if ca_pem is not None else []),
    ]
    return "{" + ";".join(steps) + "}"


def ca_fingerprint(pem: str) -> str:
    """SHA-256 of the certificate in lower-case hex, as `/certificate` shows it in RouterOS 7."""
    return hashlib.sha256(_der(pem)).hexdigest()


def _der(pem: str) -> bytes:
    match = _PEM.fullmatch(pem.strip())
    try:
        der = base64.b64decode("".join(match[1].split()), validate=True) if match else b""
    except binascii.Error as cause:
        raise ValueError("the authority is not base64 between its BEGIN and END lines") from cause
    if not der.startswith(_SEQUENCE):
        raise ValueError("the authority is not one certificate in PEM form")
    return der


def _fetch(generation: Generation, server_url: str) -> str:
    # RouterOS 6 takes the scheme from its own argument.
    mode = f" mode={server_url.partition(':')[0]}" if generation == "v6" else ""
    return (
        f"/tool fetch url=$u{mode} http-header-field=$h check-certificate={CertificateCheck.WITHOUT_CRL}"
        f" dst-path={_INSTALLER}"
    )


def _authority(pem: str) -> list[str]:
    """Writes the certificate to a file by the one way that every release has, and imports it under our name."""
    body = ssl.DER_cert_to_PEM_cert(_der(pem))
    known = f'[:len [/certificate find where fingerprint="{ca_fingerprint(pem)}"]]'
    steps = [
        ':put "tikfleet: importing the authority of the server as tikfleet-ca"',
        f":execute file=tikfleet-ca script={quote(':put ' + quote(body))}",
        ":delay 2s",
        f'/certificate import file-name={_CA_FILE} passphrase=""',
        ":set n true",
        ':do {/certificate set [/certificate find where name="tikfleet-ca.txt_0"] name=tikfleet-ca} on-error={}',
        f":do {{/certificate set {_OUR_CA} trusted=yes}} on-error={{}}",
        f"/file remove {_CA_FILE}",
    ]
    return [f":if ({known}=0) do={{{';'.join(steps)}}}"]


def _hints() -> str:
    return ";".join(f":put {quote(hint)}" for hint in _HINTS)
