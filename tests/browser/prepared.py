"""Signs everybody in once, and finds or makes the rows that pages are about."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.browser import birth_certificate
from tests.browser.visitor import Visitor
from tests.support.server import Server

Arrive = Callable[[], Visitor]


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
        "operator": arrive().sign_in_as(server.people["operators"][0]),
    }
    addresses = {
        **_links(visitors["signed out"]),
        **_of_citizens(visitors),
        **_of_the_registry(visitors["clerk"]),
        "waiting": id_behind(visitors["waiting citizen"], "/antraege/", "section a"),
        **_of_the_administration(visitors["administrator"]),
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
