"""E-mail addresses in one written form, and their fingerprint for look-ups."""

from email_validator import EmailNotValidError, validate_email

from servicekonto.core.sealing import blind_index

MAXIMUM_LENGTH = 254  # RFC 5321 § 4.5.3.1.3, without the angle brackets


def normalised(text: str) -> str | None:
    """The address with its domain in lower case and Unicode, or None. Asks no name server."""
    text = text.strip()
    if len(text) > MAXIMUM_LENGTH:
        return None
    try:
        return validate_email(text, check_deliverability=False, strict=True).normalized
    except EmailNotValidError:
        return None


def fingerprint(address: str) -> bytes:
    """Of a normalised address. Capital letters make no difference: nobody has two mailboxes by case.

    Only ``lower``: ``casefold`` would make one of addresses that belong to different people (ſ and s).
    """
    return blind_index("account.email", address.lower())
