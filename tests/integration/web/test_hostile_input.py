"""Never a 500: every route with values nobody should send, by everybody who can reach it."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from servicekonto.web.access import Permission
from servicekonto.web.application import Servicekonto
from tests.builders.town import Town, create_town
from tests.support.client import PageClient
from tests.support.page import Page

ACCESS = {
    "visitor": "public",
    "citizen": Permission.OWN_REQUESTS,
    "clerk": Permission.PROCESS_REQUESTS,
    "approver": Permission.APPROVE_DECISIONS,
    "operator": Permission.OPERATE,
}
UNKNOWN = UUID("01890000-0000-7000-8000-000000000000")
# Percent-encoded already: some are no text at all.
RAW = (
    *(
        "%00",
        "a%00b",
        "%FF%FE",
        "%ED%A0%80",
        "%C0%AF",
        "%F0%9F%98%80",
        "%E2%80%AE",
        "%0D%0ASet-Cookie:%20a=b",
    ),
    *(
        "9" * 400,
        "-1",
        "1e999",
        "NaN",
        "-0",
        "%D9%A3",
        "%C2%B2",
        "0x10",
        "2147483648",
        "99999999999999999999",
    ),
    *(
        "0001-01-01T00:00:00%2B14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-01-01",
        "2026-01-01T00:00:00%2B00:00",
    ),
    *("0001-01-01T00:00:00%2B14:00~01890000-0000-7000-8000-000000000000", "2026-01-01T00:00:00Z~x"),
    *(
        "%27%20OR%201=1%20--",
        "%3Cscript%3E",
        "%7B%7B7*7%7D%7D",
        "%25s%25n",
        "..%2F..%2Fetc%2Fpasswd",
        "~",
        "a" * 5000,
    ),
    *("add:", "add:x", "remove:x:1", "remove:x:99999999999999999999", "add:applicant", "remove:applicant:-1"),
    *("%F0%9F%98%80" * 300, "HE-2026-%00000-0000-0", "ich", "niemand", "abgeschlossen", "", "%20", "None"),
)
TEXTS = (
    "\x00",
    "a\x00b",
    "\ufffd",
    "😀" * 300,
    "9" * 400,
    "1e999",
    "NaN",
    "٣",
    "²",
    "-1",
    "31.02.2026",
    "\r\n",
    "\u202e",
)
WITH_QUERY = {
    *(
        "accounts.sign_in",
        "authorities.competence",
        "catalogue.index",
        "catalogue.service",
        "catalogue.start",
        "data_protection.readings",
    ),
    *("postbox.index", "proofs.index", "service_requests.index", "service_requests.live", "workbench.inbox"),
    *("workbench.several", "workbench.choose_export", "workbench.statistics"),
    *("account_log.index", "notifications.demo_mails"),
}
QUERY = (
    *("q", "ort", "thema", "service", "vor", "nach", "status", "leistung", "wer", "suche", "neu", "code"),
    *("ordner", "ungelesen", "absender", "von", "bis", "antrag", "monate", "an"),
)


@pytest.fixture
def town(database: None, app: Servicekonto) -> Iterator[Town]:
    app.config["WTF_CSRF_ENABLED"] = False  # to get past the door
    yield create_town()
    app.config["WTF_CSRF_ENABLED"] = True


def rules(app: Servicekonto, method: str) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if method in (rule.methods or set())]


def addresses(rule: Rule, town: Town, *, with_raw: bool = False) -> Iterator[str]:
    """With every known id, with an unknown one, and with hostile words."""
    ids = {name: [*known, UNKNOWN] for name, known in town.ids.items()} | {"key": [UNKNOWN]}
    words: dict[str, list[str]] = {
        "slug": ["geburtsurkunde"],
        "page_id": ["beziehung", "ihre-angaben", "geburtsort"],
        "kind": ["receipt", "decision"],
        "token": ["a" * 43],
        "what": ["war-ich-nicht"],
        "root": ["kern-0123456789abcdef"],
        "path": ["kern.min.css"],
        "code": ["PR-7K3F-9QXM-2H4W-H"],
        "purpose": ["permanent_storage"],
    }
    options: dict[str, list[Any]] = {name: [UNKNOWN] for name in rule.arguments} | ids | words
    for name in rule.arguments:
        for value in options[name]:
            values = {other: options[other][0] for other in rule.arguments} | {name: value}
            yield _built(rule, values)
    for name in rule.arguments & words.keys() if with_raw else ():
        values = {other: options[other][0] for other in rule.arguments} | {name: "HOSTILE"}
        yield from (_built(rule, values).replace("HOSTILE", raw) for raw in RAW if raw)
    if not rule.arguments:
        yield rule.rule


def _built(rule: Rule, values: dict[str, Any]) -> str:
    built = rule.build(values)
    assert built is not None
    return built[1]


def check(answer: TestResponse, what: str) -> None:
    is_not_ready = answer.status_code == 503 and answer.request.path == "/readyz"
    assert answer.status_code < 500 or is_not_ready, f"{answer.status_code}: {what}"
    assert "X-Request-ID" in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "a=b" not in str(answer.headers.getlist("Set-Cookie"))


@pytest.mark.parametrize("actor", ACCESS)
def test_every_page_with_every_address(app: Servicekonto, town: Town, actor: str) -> None:
    client = town.client(actor).client
    checked: set[tuple[str, int]] = set()
    for rule in rules(app, "GET"):
        access = getattr(app.view_functions[rule.endpoint], "access", None)
        for address in addresses(rule, town, with_raw=access == ACCESS[actor]):
            answer = client.get(address)
            check(answer, f"{actor} GET {address}")
            if answer.mimetype == "text/html" and (rule.rule, answer.status_code) not in checked:
                checked.add((rule.rule, answer.status_code))
                if answer.status_code < 300 or answer.status_code >= 400:
                    Page(answer)


@pytest.mark.parametrize("actor", ["visitor", "citizen", "clerk"])
def test_every_page_with_every_query(app: Servicekonto, town: Town, actor: str) -> None:
    client = town.client(actor).client
    pages = [rule.rule for rule in rules(app, "GET") if not rule.arguments and rule.endpoint in WITH_QUERY]
    assert len(pages) == len(WITH_QUERY) - 1
    for page in [*pages, "/leistungen/geburtsurkunde"]:
        for raw in RAW:
            all_at_once = "&".join(f"{name}={raw}" for name in QUERY)
            check(client.get(f"{page}?{all_at_once}"), f"{actor} GET {page} {raw[:60]}")


def test_each_parameter_of_the_inbox_alone(town: Town) -> None:
    client = town.client("clerk").client
    for raw in RAW:
        for name in ("status", "leistung", "wer", "suche", "nach"):
            answer = client.get(f"/behoerde/?{name}={raw}")

            check(answer, f"{name}={raw[:60]}")
            assert answer.status_code in {200, 400, 422}


@pytest.mark.parametrize("actor", ["visitor", "citizen", "clerk", "approver", "operator"])
def test_every_form_with_every_field(app: Servicekonto, town: Town, actor: str) -> None:
    client = town.client(actor)
    fields = fields_of_all_forms(app, town, client)
    assert len(fields) > 5
    for rule in rules(app, "POST"):
        if rule.endpoint in {
            "accounts.sign_out",
            "oidc.sign_out_confirmed",
            "data_protection.request_deletion",
            "service_requests.discard",
        }:
            continue
        targets = list(addresses(rule, town))
        for number, text in enumerate(TEXTS):
            form = dict.fromkeys(fields, text) | {"idempotency_key": str(uuid4())}
            address = targets[number % len(targets)]
            check(client.client.post(address, data=form), f"{actor} POST {address} {text!r}")


def fields_of_all_forms(app: Servicekonto, town: Town, client: PageClient) -> set[str]:
    """One page of each kind is enough."""
    names = {"action", "account_id", "neu"}
    for rule in rules(app, "GET"):
        for address in addresses(rule, town):
            answer = client.client.get(address)
            if answer.mimetype == "text/html" and answer.status_code == 200:
                names |= {str(field["name"]) for field in Page(answer).select("form [name]")}
                if "page_id" not in rule.arguments:
                    break
    return names - {"csrf_token", "idempotency_key"}


def test_every_form_with_a_body_that_is_no_text(town: Town) -> None:
    client = town.client("citizen").client
    targets = {
        f"/antraege/{town.draft.id}/seite/ihre-angaben": ("applicant.given_names", "action"),
        f"/antraege/{town.draft.id}/seite/geburtsort": ("birth_place", "registry_year"),
        f"/antraege/{town.draft.id}/seite/urkunden": ("copies_certificate", "copies_electronic"),
        "/konto/daten": ("given_names", "birth_date-day", "birth_date-year"),
        "/anmelden": ("email", "password"),
        "/anmelden/demo": ("account_id",),
        f"/antraege/{town.draft.id}/einreichen": ("idempotency_key",),
    }
    for raw in RAW:
        for address, names in targets.items():
            body = "&".join(f"{quote(name)}={raw}" for name in names)
            answer = client.post(address, data=body, content_type="application/x-www-form-urlencoded")
            check(answer, f"POST {address} {raw[:60]}")


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=80))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_anywhere(town: Town, text: str) -> None:
    citizen, clerk = town.client("citizen").client, town.client("clerk").client
    page = f"/antraege/{town.draft.id}/seite/ihre-angaben"
    names = ("given_names", "family_name", "birth_name", "birth_date.day", "email", "phone")

    check(citizen.post(page, data={f"applicant.{name}": text for name in names}), page)
    check(citizen.get("/leistungen", query_string={"q": text}), "catalogue")
    check(citizen.get("/zustaendigkeit", query_string={"thema": text, "ort": text}), "competence")
    check(citizen.get("/leistungen/geburtsurkunde", query_string={"ort": text}), "service")
    check(clerk.get("/behoerde/", query_string={"suche": text}), "inbox")
    check(clerk.get("/behoerde/", query_string={"leistung": text}), "inbox")
