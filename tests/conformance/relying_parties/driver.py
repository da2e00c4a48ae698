"""Runs a website as a program of its own, and is the browser of its visitor."""

import json
import sys
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.conformance.clients import Client
from tests.conformance.node import Program, running_node, running_program
from tests.conformance.provider import Provider
from tests.conformance.user_agent import Callback, UserAgent
from tests.conformance.website import follow

FOLDER = Path(__file__).parent


def converse(
    script: str, provider: Provider, client: Client, agent: UserAgent, folder: Path, **further: Any
) -> dict[str, Any]:
    """What the script has found out in the end. ``further``: more of its settings."""
    settings = folder / "settings.json"
    settings.write_text(json.dumps(_settings(provider, client) | further))
    with _running(FOLDER / script, settings, provider) as program:
        while "done" not in (message := program.read()):
            program.write({"came_back": _go(provider, agent, message["open"])})
    return dict(message["done"])


def _running(script: Path, settings: Path, provider: Provider) -> AbstractContextManager[Program]:
    if script.suffix == ".mjs":
        return running_node(script, settings, tls=provider.tls)
    return running_program([sys.executable, str(script), str(settings)], {}, settings.parent)


def _settings(provider: Provider, client: Client) -> dict[str, Any]:
    known = {name: value for name, value in asdict(client).items() if isinstance(value, str)}
    key = client.key.as_dict(private=True, kid=client.key.thumbprint()) if client.key else None
    return {
        "issuer": provider.issuer,
        "authority": str(provider.tls.authority),
        "client": {**known, "id": client.client_id, "key": key},
    }


def _go(provider: Provider, agent: UserAgent, url: str) -> str:
    end, _shown = follow(provider, agent, agent.open(url))
    assert isinstance(end, Callback), f"no way back: {end}"
    return f"{end.uri}?{urlencode(end.parameters)}"
