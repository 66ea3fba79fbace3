"""No socket to an address that is not public, whatever name leads there (law 6); TLS is verified."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from index.crawl import CrawlSettings, Target, crawl
from index.crawl.addresses import is_public
from index.pages import PageStore
from index.records import Outcome
from tests.sites.server import Site

QUICK = CrawlSettings(delay=0.01, timeout=5, allow_private=True, retries=0)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PageStore]:
    with PageStore(tmp_path / "pages.sqlite") as store:
        yield store


def outcome(store: PageStore, url: str, *, private: bool) -> tuple[Outcome | int, str]:
    crawl([Target("key", url)], store, replace(QUICK, allow_private=private), lambda _: None)
    page, failure = store.page("key"), store.unread("key")
    if page is not None:
        return page.status, ""
    assert failure is not None
    return failure[0].outcome, failure[0].reason


@pytest.mark.parametrize(
    "address",
    ["64:ff9b:1:a00:0:100:808:808", "64:ff9b::10.0.0.1", "fec0::1", "3fff::1", "4000::1", "2a00::200:5efe:7f00:1", "2a00::5efe:a00:1",
     "2001:0:7f00:1::", "2002:a9fe:a9fe::1", "::ffff:169.254.169.254", "fd00:ec2::254", "168.63.129.16", "100.100.100.200", "192.0.0.192",
     "192.88.99.1", "198.18.0.1", "240.0.0.1"],
)  # fmt: skip
def test_addresses_that_lead_into_a_network_of_ones_own_are_not_public(address: str) -> None:
    assert not is_public(address)


@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(["::ffff:0:0", "64:ff9b::", "::", "2a00::5efe:0:0", "2a00::200:5efe:0:0"]),
)
@settings(max_examples=200, deadline=None)
def test_a_wrapped_address_is_as_public_as_what_it_wraps(number: int, around: str) -> None:
    wrapped = str(ipaddress.IPv6Address(int(ipaddress.IPv6Address(around)) | number))
    assert is_public(wrapped) == is_public(str(ipaddress.IPv4Address(number)))


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "10.0.0.1", "169.254.169.254"]
)
def test_a_name_is_judged_by_the_address_it_resolves_to_at_that_moment(
    store: PageStore, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    scope = (0, 0) if ":" in address else ()
    asked: list[Any] = []

    def resolve(host: Any, port: Any, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [(family, socket.SOCK_STREAM, 6, "", (address, int(port or 0), *scope))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with Site() as site:
        port = site.url.rpartition(":")[2]
        assert (
            outcome(store, f"http://harmless.example.org:{port}/article", private=False)[0] == Outcome.REFUSED_ADDRESS
        )
        assert asked
        assert not site.hits


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """Make a key and a certificate for a host, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    today = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / f"{name}.pem", folder / f"{name}.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


class Locked(Site):
    """The small web behind TLS."""

    def __init__(self, chain: tuple[Path, Path]) -> None:
        super().__init__()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*chain)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that hangs up is meant
        self.url = f"https://localhost:{self._server.server_port}"


@pytest.mark.parametrize(
    ("name", "trusted", "expected"),
    [("localhost", True, 200), ("localhost", False, Outcome.NETWORK), ("other.example.org", True, Outcome.NETWORK)],
)
def test_a_certificate_counts_only_where_it_is_trusted_and_for_its_own_host(
    store: PageStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, trusted: bool, expected: Outcome | int
) -> None:
    chain = certificate(tmp_path, name)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(chain[0]))
    with Locked(chain) as site:
        found, reason = outcome(store, f"{site.url}/article", private=True)
        assert found == expected
        if expected == Outcome.NETWORK:
            assert "certificate" in reason.lower()
            assert not site.hits
