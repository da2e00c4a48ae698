"""What a website may register as the address that is told when a session ends. It is asked by our own
servers, so more is forbidden than for addresses that browsers go to.
"""

import ipaddress
from collections.abc import Iterator

from flask_babel import gettext as _

from servicekonto.core.settings import settings
from servicekonto.oidc import client_rules, reachable

_LOCAL = (".localhost", ".local", ".internal", ".localdomain", ".home.arpa")


def problem_of_backchannel(uri: str) -> str | None:
    """ "" is fine: the website is not told. This machine itself only in a demonstration."""
    return next(_problems(uri), None) if uri else None


def _problems(uri: str) -> Iterator[str]:
    sentence = client_rules.problem_of_uri(uri)
    if sentence is not None:
        yield sentence
    host = client_rules.host_of(uri)
    is_local = host in {"localhost", "127.0.0.1", "::1"}
    if is_local and settings().is_demo:
        return
    if not uri.startswith("https://"):
        yield _("Die Abmeldung schicken wir nur verschlüsselt. Die Adresse beginnt mit https://")
    if is_local or host.endswith(_LOCAL) or "." not in host or not _is_public(host):
        yield _("Diese Adresse liegt nicht im öffentlichen Internet. Dorthin schicken wir nichts.")


def _is_public(host: str) -> bool:
    """Also when the name of a server is a number (IPv4); other names are looked up when we send."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return reachable.is_reachable(host)
