"""Certificates, made once per process, and the server contexts that show them.

A bad certificate has exactly one fault: the one with the wrong name is valid and signed by the
authority that clients trust, the expired one has the right name, and so on.
The keys are P-256: one takes a millisecond to make, an RSA key of trustme takes 300.
"""

from __future__ import annotations

import ssl
import threading
import warnings
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fake_servers.files import scratch
from fake_servers.listen_address import listen_address
from fake_servers.trace.timeline import FAULTS

GOOD = "good"

NAMES = ("localhost", "127.0.0.1", "::1")
"""What a good certificate is for, in addition to the host that clients are told."""

WRONG_NAME = "elsewhere.example.org"
CLIENT = "client"
"""The common name of the client's certificate: the user that EXTERNAL logs in."""

_BEGIN = datetime(2000, 1, 1)
_PAST = datetime(2001, 1, 1)
_FUTURE = datetime(2037, 1, 1)
_END = datetime(2038, 1, 1)
_making = threading.RLock()


@dataclass(frozen=True, slots=True)
class _Issued:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def ca_file() -> Path:
    """The certificate of the authority that a client is to trust, as PEM."""
    with _making:
        return _ca_file()


def client_files() -> tuple[Path, Path]:
    """A client's certificate, signed by the same authority, and its key, as PEM."""
    with _making:
        return _client_files()


def server_file() -> Path:
    """A good server's key and certificate in one file, as PEM."""
    with _making:
        return _server_file(GOOD)


def server_context(kind: str = GOOD, asks_client: bool = False) -> ssl.SSLContext:
    """The context of a server whose TLS is GOOD or has one of FAULTS.

    `tls1.1` shows a good certificate but speaks only an old version of the protocol.
    With `asks_client` the server asks for a certificate, which the client need not have.
    Raises ValueError for an unknown kind.
    """
    if kind != GOOD and kind not in FAULTS:
        raise ValueError(f"unknown certificate {kind!r}; known are {', '.join((GOOD, *FAULTS))}")
    with _making:
        return _server_context(kind, asks_client)


@cache
def _server_context(kind: str, asks_client: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    setattr(context, "num_tickets", 0)  # typeshed does not know it
    context.load_cert_chain(_server_file(GOOD if kind == "tls1.1" else kind))
    if kind == "tls1.1":
        _speak_tls11_only(context)
    if asks_client:
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(_ca_file())
    return context


def _speak_tls11_only(context: ssl.SSLContext) -> None:
    """OpenSSL 3 allows TLS 1.1 only at security level 0, because its signatures use SHA-1."""
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1_1
        context.maximum_version = ssl.TLSVersion.TLSv1_1


# -- the files --------------------------------------------------------------------------


@cache
def _folder() -> Path:
    return scratch.make("tls")


def _write(name: str, octets: bytes) -> Path:
    """A new file that only its owner may read."""
    path = _folder() / name
    path.touch(mode=0o600)
    path.write_bytes(octets)
    return path


@cache
def _ca_file() -> Path:
    return _write("ca.pem", _authority("trusted").certificate_pem)


@cache
def _client_files() -> tuple[Path, Path]:
    issued = _issue(CLIENT, [], _authority("trusted"))
    certificate = _write("client.pem", issued.certificate_pem)
    return certificate, _write("client-key.pem", issued.key_pem)


@cache
def _server_file(kind: str) -> Path:
    """Key and certificate of a server in one file."""
    names = (
        [WRONG_NAME]
        if kind == "wrong-name"
        else list(dict.fromkeys([*NAMES, *listen_address().names]))
    )
    authority: _Issued | None = _authority("unknown" if kind == "unknown-ca" else "trusted")
    if kind == "self-signed":
        authority = None
    begin = _FUTURE if kind == "not-yet-valid" else _BEGIN
    end = _PAST if kind == "expired" else _END
    issued = _issue(names[0], names, authority, begin=begin, end=end)
    return _write(f"{kind}.pem", issued.key_pem + issued.certificate_pem)


# -- the certificates -------------------------------------------------------------------


@cache
def _authority(name: str) -> _Issued:
    return _issue(f"mailspec {name} authority", [], None, is_authority=True)


def _issue(
    common_name: str,
    names: list[str],
    issuer: _Issued | None,
    *,
    begin: datetime = _BEGIN,
    end: datetime = _END,
    is_authority: bool = False,
) -> _Issued:
    """A certificate for names and addresses; self-signed if there is no issuer."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    signer = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .add_extension(_usage(is_authority), critical=True)
    )
    if not is_authority:
        purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    if names:
        alternatives = x509.SubjectAlternativeName([_general_name(name) for name in names])
        builder = builder.add_extension(alternatives, critical=False)
    return _Issued(builder.sign(signer, hashes.SHA256()), key)


def _usage(is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
