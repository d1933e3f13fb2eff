"""Certificates and what trusts them."""

from typing import Final

from tikfleet.virtual.menus.facts.words import (
    boolean,
    choice,
    duration,
    fixed,
    listing,
    moment,
    number,
    reference,
    secret,
    shown,
    single,
    table,
    text,
)
from tikfleet.virtual.menus.schema import MenuFacts

MENUS: Final[tuple[MenuFacts, ...]] = (
    table(
        "/certificate",
        text("name+"),
        choice("key-size=2048", "1024 1536 2048 4096 8192 prime256v1 secp384r1 secp521r1"),
        number("days-valid=365"),
        boolean("trusted=false"),
        listing(
            "key-usage=digital-signature,key-encipherment,data-encipherment,key-cert-sign,"
            "crl-sign,tls-server,tls-client",
            words="digital-signature content-commitment key-encipherment data-encipherment key-agreement "
            "key-cert-sign crl-sign encipher-only decipher-only tls-server tls-client code-sign "
            "email-protect timestamp ocsp-sign dvcs",
        ),
        listing("subject-alt-name"),
        shown(
            text(
                "acme-status akid ca-crl-host ca-fingerprint challenge-password directory-url domain-names "
                "fingerprint issuer key-type req-fingerprint scep-url skid status"
            ),
            number("serial-number"),
            boolean("acme-managed authority ca crl dynamic=false expired issued private-key revoked smart-card-key"),
            duration("expires-after"),
            moment("invalid-after invalid-before"),
        ),
    ),
    single("/certificate/settings", choice("crl-store=ram", "ram system"), boolean("crl-download=false crl-use=false")),
    table(
        "/certificate/crl",
        text("url!"),
        shown(
            text("akid cert fingerprint= last-update next-update num signature trust-store"),
            boolean("dynamic=false expired invalid=false revoked"),
        ),
    ),
    fixed(
        "/certificate/builtin",
        shown(
            text(
                "akid common-name country days-valid issuer key-type key-usage locality organization skid state "
                "subject-alt-name unit"
            ),
            number("key-size serial-number"),
            moment("invalid-after invalid-before"),
        ),
        since="7.19",
    ),
    table(
        "/certificate/scep-server",
        text("path!"),
        reference("ca-cert!", "/certificate"),
        number("days-valid=365"),
        boolean("disabled=false"),
        duration("request-lifetime=1d"),
    ),
    table(
        "/certificate/scep-server/ra",
        text("name!+ server-url! template!"),
        boolean("disabled=false"),
        duration("ra-transaction-lifetime"),
        secret(text("challenge-password")),
        shown(text("ca-fingerprint req-fingerprint status"), boolean("smart-card-key")),
    ),
)
