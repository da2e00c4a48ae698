import smtplib
import ssl
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from servicekonto.core import clock
from servicekonto.notifications import smtp
from tests.support.mail_server import free_port, mail_server


def a_message() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "servicekonto@localhost", "erika@example.org"
    message.set_content("Guten Tag")
    return message


def certificate_nobody_knows(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(clock.now() - timedelta(days=1))
        .not_valid_after(clock.now() + timedelta(days=1))
        .sign(key, SHA256())
    )
    file = folder / "server.pem"
    file.write_bytes(
        certificate.public_bytes(Encoding.PEM)
        + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_a_server_whose_certificate_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    port, context = free_port(), certificate_nobody_knows(tmp_path)

    with mail_server(port, tls_context=context) as received, pytest.raises(ssl.SSLCertVerificationError):
        smtp.deliver(a_message(), f"starttls://127.0.0.1:{port}")

    assert received.messages == []


def test_a_server_without_encryption_gets_nothing_where_encryption_is_configured() -> None:
    port = free_port()

    with mail_server(port) as received, pytest.raises(smtplib.SMTPNotSupportedError):
        smtp.deliver(a_message(), f"starttls://127.0.0.1:{port}")

    assert received.messages == []


def test_name_and_password_come_out_of_the_address() -> None:
    given: list[object] = []

    def remember(_server: object, _session: object, _envelope: object, _how: str, data: object) -> AuthResult:
        given.append(data)
        return AuthResult(success=True)

    port = free_port()
    with mail_server(port, auth_require_tls=False, authenticator=remember) as received:
        smtp.deliver(a_message(), f"smtp://erika:p%40ss%2Fword@127.0.0.1:{port}")

    assert given == [LoginPassword(b"erika", b"p@ss/word")]
    assert len(received.messages) == 1
