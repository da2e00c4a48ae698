"""What somebody sees who has nothing to do with a request: the same as where there is none."""

import re
from collections.abc import Iterator
from uuid import uuid4

from playwright.sync_api import APIResponse
from werkzeug.routing import Map, Rule

from tests.browser.visitor import Visitor

_DIFFERS_EACH_TIME = re.compile(
    r'nonce="[^"]*"'
    r'|name="csrf_token" value="[^"]*"'
    r'|data-seconds="[^"]*"'
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # correlation ids, and nothing else on these pages
)
_PAGE_AND_DOCUMENT = {"page_id": "geburtsort", "kind": "receipt"}
_FORM = {"action": "next", "outcome": "granted", "reasons": "Das steht so im Register."}


def assert_sees_nothing(stranger: Visitor, request_id: str, url_map: Map) -> None:
    """404 as for an unknown id, on every address of the request, the citizen's and the authority's."""
    rules = [rule for rule in url_map.iter_rules() if "request_id" in rule.arguments]
    assert len(rules) >= 15
    stranger.open("/konto")
    for method, rule in _methods(rules):
        real, unknown = (_ask(stranger, method, _address(rule, id)) for id in (request_id, str(uuid4())))
        what = f"{method} {rule.rule}"
        assert real.status == unknown.status == 404, f"{what}: {real.status}, {unknown.status}"
        assert _comparable(real) == _comparable(unknown), what


def _methods(rules: list[Rule]) -> Iterator[tuple[str, Rule]]:
    for rule in rules:
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield method, rule


def _address(rule: Rule, request_id: str) -> str:
    parts = {**_PAGE_AND_DOCUMENT, "request_id": request_id, "question_id": str(uuid4())}
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: parts[found[1]], rule.rule)


def _ask(stranger: Visitor, method: str, path: str) -> APIResponse:
    if method == "GET":
        return stranger.get(path)
    return stranger.post(path, {"idempotency_key": str(uuid4()), **_FORM})


def _comparable(response: APIResponse) -> str:
    return _DIFFERS_EACH_TIME.sub("…", response.text())
