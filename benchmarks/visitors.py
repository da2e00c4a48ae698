"""People of the demonstration in a server that is measured."""

import re

from benchmarks.harness import Server

_TOKEN = re.compile(rb'name="csrf_token" value="([^"]+)"')
_KEY = re.compile(rb'name="idempotency_key" value="([^"]+)"')
_QUESTION = re.compile(rb'name="question" value="([^"]*)"')
_TILE = r'name="account_id" value="([^"]+)">\s*<button[^>]*>\s*<span class="kern-label">{}'


def hidden(page: bytes, form: str) -> dict[str, str]:
    """The hidden fields of the form that is sent to an address with this ending."""
    found = re.search(rb'<form[^>]*action="[^"]*%s".*?</form>' % re.escape(form.encode()), page, re.DOTALL)
    if found is None:
        raise LookupError(f"no form for {form}")
    fields = {"csrf_token": _TOKEN, "idempotency_key": _KEY, "question": _QUESTION}
    values = {name: match for name, field in fields.items() if (match := field.search(found[0]))}
    return {name: match[1].decode() for name, match in values.items()}


def sign_in(server: Server, label: str) -> None:
    """By one click on the tile with this text."""
    page = server.get("/anmelden")
    tile = re.search(_TILE.format(re.escape(label)).encode(), page)
    if tile is None:
        raise LookupError(f"nobody is called {label}")
    server.post("/anmelden/demo", {**hidden(page, "/anmelden/demo"), "account_id": tile[1].decode()})


def first_link(page: bytes, pattern: str) -> str:
    found = re.search(rb'href="(' + pattern.encode() + rb')"', page)
    if found is None:
        raise LookupError(f"no link {pattern}")
    return found[1].decode()
