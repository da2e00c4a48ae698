"""Signs everybody in once, and finds or makes the rows that pages are about."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from tests.browser import birth_certificate
from tests.browser.visitor import Account, Visitor
from tests.support.server import Server

Arrive = Callable[[], Visitor]
SCOPES_OF_ALL = ("--scope", "profile", "--scope", "email", "--scope", "address")
ASKED = {
    "client_id": "standesamtsportal-musterstadt",
    "redirect_uri": "http://localhost:8124/callback",
    "response_type": "code",
    "scope": "openid profile email address offline_access",
    "prompt": "consent",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}
"""What the example website asks for, and more."""


@dataclass(frozen=True)
class Prepared:
    """``visitors`` by who looks, ``addresses`` by the names in the paths of ``looks``."""

    visitors: dict[str, Visitor]
    addresses: dict[str, str]


def prepare(server: Server, arrive: Arrive) -> Prepared:
    citizens = server.people["citizens"]
    visitors = {
        "signed out": arrive(),
        "citizen": arrive().sign_in_as(citizens[0]),
        "citizen with a decision": arrive().sign_in_as(citizens[1]),
        "new citizen": arrive().sign_in_as(citizens[2]),
        "clerk": arrive().sign_in_as(server.employee("standesamt.hanau")),
        "approver": arrive().sign_in_as(server.employee("leitung.hanau")),
        "administrator": arrive().sign_in_as(server.employee("leitung.kassel")),
        "host": arrive().sign_in_as(server.employee("konferenz.hmd")),
        "waiting citizen": arrive().sign_in_as(citizens[3]),
        "citizen with factors": arrive().sign_in_as(citizens[5]),
        "citizen with a passkey": arrive().sign_in_with_one_click(citizens[6]["label"]),
        "counter": arrive().sign_in_as(server.employee("passamt.hanau")),
        "operator": arrive().sign_in_as(server.people["operators"][0]),
    }
    addresses = {
        **_links(visitors["signed out"]),
        **_of_citizens(visitors),
        **_of_the_registry(visitors["clerk"]),
        "waiting": id_behind(visitors["waiting citizen"], "/antraege/", "section a"),
        **_of_the_administration(visitors["administrator"]),
        "website": id_behind(visitors["operator"], "/betrieb/websites/", "tr:last-of-type a"),
        **_websites_ask(server, visitors["citizen"]),
        **_of_factors(visitors["citizen with factors"]),
        "passkey": _factor(visitors["citizen with a passkey"], "passkey"),
        "identity_check": _identity_check(visitors["citizen with factors"], visitors["counter"]),
        **_links_that_protect(arrive, citizens[4]),
    }
    return Prepared(visitors, addresses)


def _links(visitor: Visitor) -> dict[str, str]:
    """The links of mails that nobody has opened yet."""
    visitor.register_unconfirmed("neu@example.org")
    confirm = visitor.link_in_mail_to("neu@example.org")
    visitor.open("/passwort-vergessen")
    visitor.fill("E-Mail-Adresse", "erika.mustermann@example.org")
    visitor.press("Link senden")
    visitor.open("/demo/mails")
    reset = visitor.page.locator("main a[href*='/passwort-neu/']").first.get_attribute("href")
    return {"confirm_email": confirm, "reset_password": reset or "", "stop_deletion": _stop_link(visitor)}


def _stop_link(visitor: Visitor) -> str:
    """Somebody registers and wants to end the account at once."""
    email = "kurz@example.org"
    visitor.register(email)
    visitor.sign_in(email)
    visitor.open("/konto/loeschen")
    visitor.press("Ja, mein Konto löschen")
    visitor.open(f"/demo/mails?an={email}")
    link = visitor.page.locator("main a[href*='/konto/loeschen/anhalten/']").first
    return link.get_attribute("href") or ""


def _links_that_protect(arrive: Arrive, citizen: Account) -> dict[str, str]:
    """From the mails about a second browser and about an account that is lost."""
    arrive().sign_in_as(citizen)
    visitor = arrive().sign_in_as(citizen)
    visitor.open("/konto-verloren")
    visitor.fill("E-Mail-Adresse", citizen["email"])
    visitor.press("Link senden")
    visitor.open(f"/demo/mails?an={citizen['email']}")
    found = {"that_was_not_me": "war-ich-nicht", "reset_account": "neu-anfangen"}
    return {name: _first_link(visitor, f"/link/{what}/") for name, what in found.items()}


def _of_factors(citizen: Visitor) -> dict[str, str]:
    """An app and codes that are not in use yet; whoever made them here before is not asked."""
    found = {"app": _factor(citizen, "app"), "password": _factor(citizen, "passwort")}
    for name, button in (("new_app", "App einrichten"), ("codes", "Neue Notfallcodes anlegen")):
        confirm_in_the_demonstration(citizen)
        citizen.open("/konto/sicherheit").press(button)
        found[name] = citizen.path
    return found


def confirm_in_the_demonstration(visitor: Visitor) -> None:
    visitor.open("/anmelden/bestaetigen").press("In der Demonstration: einfach bestätigen")


def _factor(citizen: Visitor, kind: str) -> str:
    return _first_link(citizen.open("/konto/sicherheit"), f"/konto/sicherheit/{kind}/")


def _first_link(visitor: Visitor, path: str) -> str:
    return visitor.page.locator(f"main a[href*='{path}']").first.get_attribute("href") or ""


def _websites_ask(server: Server, citizen: Visitor) -> dict[str, str]:
    """The pages on the way to a website: to agree to what it wants to know, to choose an account, to be told
    that an authority has to check who this is.
    """
    single = {"birthdate": {"essential": True}, "email": None}
    return {
        "website_asks": _website_asks(citizen),
        "website_asks_little": _website_asks(citizen, scope="openid"),
        "website_asks_for_facts": _website_asks(
            citizen, scope="openid", claims=json.dumps({"userinfo": single})
        ),
        "website_lets_choose": _website_asks(citizen, prompt="select_account"),
        "website_means_another": _website_asks(
            citizen, claims=json.dumps({"id_token": {"sub": {"value": "somebody else"}}})
        ),
        "website_needs_identity": _website_asks(citizen, client_id=strict_website(server)),
    }


def strict_website(server: Server) -> str:
    """The client_id of a new one that lets nobody in whose identity is not checked."""
    said = server.flask(
        "clients", "register", "--name", "Kfz-Zulassung Musterkreis", "--purpose", "Sie melden ein Auto an.",
        "--purpose-en", "You register a car.", "--contact-email", "zulassung@musterkreis.example.org",
        "--home-page", "http://localhost:8124/", "--redirect-uri", "http://localhost:8124/callback",
        "--min-level", "substantial", *SCOPES_OF_ALL,
    )  # fmt: skip
    return said.partition("client_id: ")[2].split()[0]


def _website_asks(citizen: Visitor, **changes: str) -> str:
    return citizen.open(f"/oidc/authorize?{urlencode(ASKED | changes)}").path


def _identity_check(citizen: Visitor, counter: Visitor) -> str:
    confirm_in_the_demonstration(citizen)
    citizen.open("/konto/identitaet").press("Code holen")
    code = citizen.page.locator(".sk-code--large").inner_text()
    counter.open("/behoerde/identitaet").fill("Code der Person", code)
    counter.press("Weiter")
    return counter.path


def _of_citizens(visitors: dict[str, Visitor]) -> dict[str, str]:
    first, second, third = (visitors[name] for name in ("citizen", "citizen with a decision", "new citizen"))
    found = {
        "incomplete": id_behind(first, "/antraege/", "section:first-of-type a"),
        "running": id_behind(first, "/antraege/", "section:nth-of-type(2) a"),
        "decided": id_behind(second, "/antraege/", "section a"),
    }
    found["asked"] = id_behind(first, "/antraege/", "article:has-text('Rückfrage') a")
    first.open(f"/antraege/{found['asked']}")
    question = first.page.locator("main a[href*='/rueckfrage/']").first
    found["question"] = question.get_attribute("href") or ""
    second.open(f"/antraege/{found['decided']}")
    proofs = second.page.locator(".sk-documents a[href^='/pruefen/']")
    found["proof"] = proofs.last.get_attribute("href") or ""
    second.open("/postfach/")
    found["message"] = second.page.locator("main table a").first.get_attribute("href") or ""
    for name, place in (("ready", "Hanau"), ("not_online", "Fulda")):
        found[name] = birth_certificate.begin(second).rpartition("/")[2]
        birth_certificate.fill_in(second, place=place)
    return found | {"draft": _draft_with_all_pages(third)}


def _draft_with_all_pages(citizen: Visitor) -> str:
    draft = birth_certificate.begin(citizen)
    citizen.choose("Um die Geburt einer anderen Person")
    citizen.press(birth_certificate.NEXT)
    citizen.open(f"{draft}/seite/urkunden")
    birth_certificate.one_certificate(citizen)
    citizen.fill("Beglaubigter Ausdruck aus dem Geburtenregister (freiwillig)", "1")
    citizen.press(birth_certificate.NEXT)
    return draft.rpartition("/")[2]


def _of_the_registry(clerk: Visitor) -> dict[str, str]:
    found = {
        status: id_behind(clerk, f"/behoerde/?status={status}", "table a")
        for status in ("received", "decision_proposed", "abgeschlossen")
    }
    clerk.open("/behoerde/textbausteine")
    found["text_template"] = clerk.page.locator("main table a").first.get_attribute("href") or ""
    found["in_review"] = id_behind(clerk, "/behoerde/?status=in_review&wer=ich", "table a")
    return found | {"several_report": _report_of_several(clerk, found["in_review"])}


def _report_of_several(clerk: Visitor, request_id: str) -> str:
    """Assigned to whoever has it already: nothing changes."""
    clerk.open(f"/behoerde/mehrere?antrag={request_id}")
    clerk.page.get_by_label("Zuweisen an").select_option(label="Sabine Sorgfalt")
    clerk.press("Alle zuweisen")
    return clerk.path


def _of_the_administration(administrator: Visitor) -> dict[str, str]:
    staff = "/behoerde/verwaltung/beschaeftigte"
    return {
        "staff_member": id_behind(administrator, staff, "section:last-of-type tbody a"),
        "invitation": _invitation(administrator, "neue.kraft@example.org"),
        "invitation_taken": _invitation(administrator, "jonas.beispiel@example.org"),
    }


def _invitation(administrator: Visitor, email: str) -> str:
    """The link in the mail to somebody who is invited, by this worker or by another before it."""
    administrator.open("/behoerde/verwaltung/beschaeftigte/einladen")
    administrator.fill("Dienstliche E-Mail-Adresse", email)
    administrator.fill("Name, wie Kolleginnen und Kollegen ihn sehen", "Nora Neuling")
    administrator.choose("Sachbearbeitung")
    administrator.choose("Standesamt")
    administrator.press("Einladung senden")
    administrator.open("/demo/mails")
    mail = administrator.page.locator("main article").filter(has_text=email)
    return mail.locator("a[href*='/einladung/']").first.get_attribute("href") or ""


def id_behind(visitor: Visitor, path: str, selector: str) -> str:
    """The id of the first request, or draft, that a list leads to."""
    visitor.open(path)
    address = visitor.page.locator(f"main {selector}").first.get_attribute("href") or ""
    return next(part for part in urlsplit(address).path.split("/") if part.count("-") == 4)
