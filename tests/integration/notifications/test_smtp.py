import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from servicekonto.notifications import smtp
from tests.support.certificates import make_tls
from tests.support.mail_server import free_port, mail_server


def a_message() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "servicekonto@localhost", "erika@example.org"
    message.set_content("Guten Tag")
    return message


def test_a_server_whose_certificate_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    port, context = free_port(), make_tls(tmp_path).of_a_server()

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
