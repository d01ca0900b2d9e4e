"""Keys made for one run: a service account's, and a certificate for TLS on loopback."""

import ipaddress
import json
import ssl
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

PROJECT = "jobvej-test"
CLIENT_EMAIL = f"push@{PROJECT}.iam.gserviceaccount.com"


@cache
def service_key() -> rsa.RSAPrivateKey:
    """The key of the service account of this process; one is enough, since making it takes a tenth of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def service_public_pem() -> bytes:
    """The public half, by which the token endpoint knows the account."""
    return (
        service_key()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def service_account(token_uri: str) -> dict[str, Any]:
    """A service-account file's contents, with its token endpoint at `token_uri`."""
    key = service_key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "type": "service_account",
        "project_id": PROJECT,
        "private_key_id": "loopback",
        "private_key": key.decode(),
        "client_email": CLIENT_EMAIL,
        "client_id": "1",
        "token_uri": token_uri,
    }


def write_service_account(path: Path, token_uri: str) -> Path:
    """Write a service-account file to sign in with at a stand-in of this process."""
    path.write_text(json.dumps(service_account(token_uri)))
    return path


def write_certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 and localhost with its key in one PEM file; clients trust it by SSL_CERT_FILE."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    hosts = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "loopback.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + secret)
    return path


def server_tls(certificate: Path) -> ssl.SSLContext:
    """TLS of a server that offers HTTP/2."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.set_alpn_protocols(["h2"])
    return context
