"""Every page there is to look at, by who looks. Addresses hold the names of what ``Prepared`` finds out."""

from dataclasses import dataclass, field
from uuid import UUID

from tests.browser import birth_certificate
from tests.browser.birth_certificate import NEXT

NO_PAGE = {
    "administration.landing": "leads on",
    "accounts.remember_language": "leads on",
    "accounts.session_state": "JSON",
    "assets.show": "files",
    "data_protection.schema_of_export": "JSON",
    "health.livez": "JSON",
    "health.readyz": "JSON",
    "oidc.configuration": "JSON",
    "oidc.end_session": "leads on",
    "oidc.jwks": "JSON",
    "oidc.userinfo": "JSON",
    "proofs.compare_again": "leads on",
    "service_requests.begin": "leads on",
    "service_requests.live": "JSON",
    "service_requests.document": "a file",
    "service_requests.printed_form": "a file",
    "service_requests.resume": "leads on",
    "workbench.document": "a file",
}
UNKNOWN = UUID(int=7)


@dataclass(frozen=True)
class Look:
    """``press``: a button to press, having filled in ``fill`` and chosen a PDF that says ``pdf``.
    ``status``: of the last answer. ``is_sensitive``: only shown after a fresh proof of who is there.
    """

    endpoint: str
    path: str
    press: str | None = None
    fill: dict[str, str] = field(default_factory=dict)
    pdf: str | None = None
    status: int = 200
    is_sensitive: bool = False

    def __str__(self) -> str:
        filled = " ".join([*self.fill.values(), self.pdf or ""]).strip()
        return " ".join(part for part in (self.path, filled, self.press) if part)


def _wrong(endpoint: str, path: str, press: str, **fill: str) -> Look:
    return Look(endpoint, path, press=press, fill=fill, status=422)


_INFORMATION = (
    Look("information.help_page", "/hilfe"),
    Look("information.easy_language", "/leichte-sprache"),
    Look("information.accessibility", "/barrierefreiheit"),
    Look("information.privacy", "/datenschutz"),
    Look("information.imprint", "/impressum"),
    Look("information.licences", "/lizenzen"),
)
_CATALOGUE = (
    Look("catalogue.start", "/"),
    Look("catalogue.index", "/leistungen"),
    Look("catalogue.service", f"/leistungen/{birth_certificate.SLUG}?ort=Hanau"),
    Look("catalogue.service", "/leistungen/regionalkonferenz"),
    Look("authorities.competence", "/zustaendigkeit"),
    Look("accounts.signed_out", "/abmelden"),
    Look("proofs.index", "/pruefen"),
)
_COMPETENCE = "/zustaendigkeit?thema=registry_office_birth&ort="
PUBLIC = _CATALOGUE + _INFORMATION
SIGNED_OUT = (
    *PUBLIC,
    Look("catalogue.index", "/leistungen?q=Raumschiff"),
    Look("catalogue.service", f"/leistungen/{birth_certificate.SLUG}"),
    Look("catalogue.service", f"/leistungen/{birth_certificate.SLUG}?ort=Neustadt"),
    Look("catalogue.service", f"/leistungen/{birth_certificate.SLUG}?ort=Fulda"),
    Look("authorities.competence", f"{_COMPETENCE}Hanau"),
    Look("authorities.competence", f"{_COMPETENCE}Neustadt"),
    Look("authorities.competence", f"{_COMPETENCE}Berlin"),
    Look("authorities.competence", f"{_COMPETENCE}Hanua", status=422),
    Look("accounts.sign_in", "/anmelden"),
    _wrong("accounts.sign_in", "/anmelden", "Anmelden"),
    Look("accounts.register", "/registrieren"),
    _wrong(
        "accounts.register", "/registrieren", "Konto anlegen", **{"E-Mail-Adresse": "a@b", "Passwort": "kurz"}
    ),
    Look("accounts.registration_sent", "/registrieren/gesendet"),
    Look("accounts.confirm_email", "{confirm_email}"),
    Look("accounts.confirm_email", "/registrieren/bestaetigen/veraltet", status=404),
    Look("accounts.forgot_password", "/passwort-vergessen"),
    _wrong("accounts.forgot_password", "/passwort-vergessen", "Link senden"),
    Look("accounts.forgot_password_sent", "/passwort-vergessen/gesendet"),
    Look("accounts.reset_password", "{reset_password}"),
    _wrong("accounts.reset_password", "{reset_password}", "Passwort speichern"),
    Look("accounts.reset_password", "/passwort-neu/veraltet", status=404),
    Look("accounts.lost_everything", "/konto-verloren"),
    _wrong("accounts.lost_everything", "/konto-verloren", "Link senden"),
    Look("accounts.lost_everything_sent", "/konto-verloren/gesendet"),
    Look("accounts.finish_reset", "/konto-verloren/abschliessen/veraltet", status=404),
    Look("accounts.mail_link", "{that_was_not_me}"),
    Look("accounts.mail_link", "{reset_account}"),
    Look("accounts.mail_link", "/link/war-ich-nicht/veraltet", status=404),
    Look("authorities.invitation", "{invitation}"),
    _wrong("authorities.invitation", "{invitation}", "Einladung annehmen"),
    Look("authorities.invitation", "{invitation_taken}", status=409),
    Look("authorities.invitation", "/einladung/veraltet", status=404),
    Look("data_protection.deletion_noted", "/konto/loeschen/vorgemerkt"),
    Look("data_protection.stop_deletion", "{stop_deletion}"),
    Look("data_protection.stop_deletion", "/konto/loeschen/anhalten/veraltet", status=404),
    Look("demo.codes", "/demo/codes"),
    Look("oidc.authorize", "/oidc/authorize?client_id=unbekannt", status=400),
    Look("oidc.sign_out_page", "/oidc/abmelden"),
    Look("oidc.sign_out_page", "/oidc/end_session?client_id=standesamtsportal-musterstadt"),
    Look("oidc.sign_out_page", "/oidc/end_session?client_id=unbekannt", status=400),
    Look("notifications.demo_mails", "/demo/mails"),
    Look("notifications.demo_mails", "/demo/mails?an=niemand@example.org"),
    _wrong("proofs.index", "/pruefen", "Datei prüfen"),
    _wrong("proofs.index", "/pruefen", "Code prüfen", Prüfcode="PR-7K3F-9QXM-2H4W-1"),
    Look("proofs.show", "/pruefen/PR-7K3F-9QXM-2H4W-H", status=404),
    Look("proofs.show", "{proof}"),
    Look("proofs.index", "/pruefen", press="Datei prüfen", pdf="anything"),
    Look("proofs.index", "/pruefen", press="Datei prüfen", pdf="{proof}"),
)
_ACCOUNT = (
    Look("accounts.account", "/konto"),
    Look("accounts.personal_data", "/konto/daten"),
    Look("accounts.change_password", "/konto/passwort"),
    Look("accounts.confirm", "/anmelden/bestaetigen"),
    Look("accounts.security", "/konto/sicherheit"),
    Look("accounts.sign_ins", "/konto/anmeldungen"),
    Look("accounts.change_email", "/konto/email", is_sensitive=True),
    Look("account_log.index", "/konto/protokoll"),
    Look("data_protection.overview", "/konto/datenschutz"),
    Look("data_protection.export", "/konto/export"),
    Look("data_protection.consents", "/konto/einwilligungen"),
    Look("data_protection.confirm_deletion", "/konto/loeschen", is_sensitive=True),
    Look("oidc.websites", "/konto/websites"),
)
CITIZEN = (
    *PUBLIC,
    *_ACCOUNT,
    _wrong("accounts.personal_data", "/konto/daten", "Speichern", Tag="31", Monat="2"),
    _wrong("accounts.change_password", "/konto/passwort", "Passwort speichern"),
    _wrong("accounts.confirm", "/anmelden/bestaetigen", "Bestätigen"),
    Look("accounts.new_passkey", "/konto/sicherheit/passkey/neu", is_sensitive=True),
    Look("authorities.own_identity", "/konto/identitaet"),
    Look("data_protection.confirm_withdrawal", "/konto/einwilligungen/permanent_storage/widerrufen"),
    Look("data_protection.readings", "/konto/einsicht"),
    Look("data_protection.export", "/konto/export", press="Kopie erstellen", is_sensitive=True),
    Look("service_requests.index", "/antraege/"),
    Look("service_requests.show", "/antraege/{running}"),
    Look("service_requests.receipt", "/antraege/{running}/eingang"),
    Look("service_requests.show", "/antraege/{asked}"),
    Look("service_requests.confirm_withdraw", "/antraege/{asked}/zurueckziehen"),
    Look("service_requests.compose", "/antraege/{asked}/nachricht"),
    _wrong("service_requests.compose", "/antraege/{asked}/nachricht", "Nachricht senden"),
    Look("service_requests.answer_page", "{question}"),
    _wrong("service_requests.answer_page", "{question}", NEXT, **{"Jahr des Eintrags (freiwillig)": "bald"}),
    Look("service_requests.check_answer", "{question}/pruefen"),
    Look("service_requests.check", "/antraege/{incomplete}/pruefen"),
    Look("service_requests.confirm_discard", "/antraege/{incomplete}/loeschen"),
    Look("oidc.go_on", "{website_asks}"),
    Look("oidc.go_on", "{website_asks_little}"),
    Look("oidc.go_on", "{website_asks_for_facts}"),
    Look("oidc.go_on", "{website_lets_choose}"),
    Look("oidc.go_on", "{website_means_another}"),
    Look("oidc.go_on", "{website_needs_identity}"),
    Look("idempotency.outcome", f"/vorgang/{UNKNOWN}", status=404),
    Look("workbench.inbox", "/behoerde/", status=403),
)
CITIZEN_WITH_A_DECISION = (
    Look("service_requests.show", "/antraege/{decided}"),
    Look("postbox.index", "/postfach/"),
    Look("postbox.index", "/postfach/?ordner=archiv"),
    Look("postbox.index", "/postfach/?von=2026-01-01&bis=2026-01-02"),
    Look("postbox.index", "/postfach/?von=bald&bis=2026-13-01", status=422),
    Look("postbox.show", "{message}"),
    Look("service_requests.check", "/antraege/{ready}/pruefen"),
    Look("service_requests.check", "/antraege/{not_online}/pruefen"),
)
_FORM = "/antraege/{draft}/seite/"
_PAGES = (
    "beziehung",
    "grund",
    "ihre-angaben",
    "person",
    "geburtsort",
    "eltern",
    "urkunden",
    "inhalt",
    "zweck",
    "versand",
    "erklaerungen",
)
NEW_CITIZEN = (
    Look("service_requests.index", "/antraege/"),
    Look("postbox.index", "/postfach/"),
    *(Look("service_requests.page", _FORM + page) for page in _PAGES),
    *(
        _wrong("service_requests.page", _FORM + page, NEXT)
        for page in ("grund", "person", "zweck", "erklaerungen")
    ),
    _wrong("service_requests.page", _FORM + "geburtsort", NEXT, Geburtsort="Neustadt"),
    _wrong("service_requests.page", _FORM + "ihre-angaben", NEXT, Tag="31", Monat="2"),
)
CLERK = (
    *PUBLIC,
    *_ACCOUNT,
    Look("workbench.inbox", "/behoerde/"),
    Look("workbench.inbox", "/behoerde/?status=abgeschlossen"),
    Look(
        "workbench.inbox", "/behoerde/", press="Anwenden", fill={"Aktenzeichen oder genauer Name": "Niemand"}
    ),
    Look("workbench.inbox", "/behoerde/?suche=veraltet", status=422),
    Look("workbench.inbox", "/behoerde/?status=received&wer=niemand"),
    Look("workbench.list_views", "/behoerde/ansichten"),
    Look("workbench.statistics", "/behoerde/statistik"),
    Look("workbench.choose_export", "/behoerde/export?status=in_review&wer=ich"),
    Look("workbench.several", "/behoerde/mehrere"),
    Look("workbench.several", "/behoerde/mehrere?antrag={received}&antrag={in_review}"),
    _wrong("workbench.several", "/behoerde/mehrere?antrag={received}", "Alle abschließen"),
    Look("workbench.several_report", "{several_report}"),
    Look("workbench.show", "/behoerde/antraege/{received}?status=received"),
    Look("workbench.show", "/behoerde/antraege/{in_review}"),
    _wrong("workbench.show", "/behoerde/antraege/{in_review}", "Zur Freigabe vorschlagen"),
    Look("workbench.show", "/behoerde/antraege/{decision_proposed}"),
    Look("workbench.show", "/behoerde/antraege/{abgeschlossen}"),
    Look("workbench.show", "/behoerde/antraege/{asked}"),
    Look("workbench.confirm_close", "/behoerde/antraege/{in_review}/abschliessen"),
    _wrong("workbench.confirm_close", "/behoerde/antraege/{in_review}/abschliessen", "Antrag abschließen"),
    Look("workbench.compose", "/behoerde/antraege/{asked}/nachricht"),
    Look("workbench.compose_question", "/behoerde/antraege/{in_review}/rueckfrage"),
    _wrong("workbench.compose_question", "/behoerde/antraege/{in_review}/rueckfrage", "Rückfrage senden"),
    Look("workbench.compose_forward", "/behoerde/antraege/{in_review}/weiterleiten"),
    _wrong("workbench.compose_forward", "/behoerde/antraege/{in_review}/weiterleiten", "Antrag weiterleiten"),
    Look("workbench.list_templates", "/behoerde/textbausteine"),
    Look("workbench.new_template", "/behoerde/textbausteine/neu"),
    _wrong("workbench.new_template", "/behoerde/textbausteine/neu", "Speichern"),
    Look("workbench.edit_template", "{text_template}"),
    Look("workbench.list_places", "/behoerde/plaetze"),
    Look("service_requests.index", "/antraege/"),
)
APPROVER = (
    *PUBLIC,
    Look("accounts.account", "/konto"),
    Look("workbench.inbox", "/behoerde/?status=decision_proposed"),
    Look("workbench.show", "/behoerde/antraege/{decision_proposed}"),
)
_ADMINISTRATION = "/behoerde/verwaltung/"
_MEMBER = f"{_ADMINISTRATION}beschaeftigte/{{staff_member}}"
ADMINISTRATOR = (
    Look("administration.index", _ADMINISTRATION),
    Look("administration.staff", f"{_ADMINISTRATION}beschaeftigte"),
    Look("administration.staff_member", _MEMBER),
    _wrong(
        "administration.staff_member",
        _MEMBER,
        "Speichern",
        **{"Name, wie Kolleginnen und Kollegen ihn sehen": ""},
    ),
    Look("administration.invite", f"{_ADMINISTRATION}beschaeftigte/einladen"),
    _wrong("administration.invite", f"{_ADMINISTRATION}beschaeftigte/einladen", "Einladung senden"),
    Look("administration.offers", f"{_ADMINISTRATION}leistungen"),
    Look("administration.offer", f"{_ADMINISTRATION}leistungen/{birth_certificate.SLUG}"),
    Look("administration.contact", f"{_ADMINISTRATION}kontakt"),
    _wrong("administration.contact", f"{_ADMINISTRATION}kontakt", "Speichern", Postleitzahl="1"),
    Look("administration.log", f"{_ADMINISTRATION}protokoll"),
    Look("administration.log", f"{_ADMINISTRATION}protokoll?aktion=staff.deactivated"),
)
_PLACES = f"{_ADMINISTRATION}leistungen/regionalkonferenz/plaetze"
HOST = (
    Look("workbench.list_places", "/behoerde/plaetze"),
    Look("workbench.places_of_offer", "/behoerde/plaetze/regionalkonferenz"),
    Look("workbench.places_of_offer", "/behoerde/plaetze/regionalkonferenz?liste=warteliste"),
    Look("administration.offer", f"{_ADMINISTRATION}leistungen/regionalkonferenz"),
    Look("administration.places_of_offer", _PLACES),
    _wrong("administration.places_of_offer", _PLACES, "Speichern", **{"Zahl der Plätze": "viele"}),
)
CITIZEN_WITH_FACTORS = (
    Look("accounts.security", "/konto/sicherheit"),
    Look("accounts.factor", "{app}"),
    Look("accounts.factor", "{new_app}"),
    Look("accounts.factor", "{codes}"),
    Look("accounts.factor", "{password}"),
    _wrong("accounts.factor", "{new_app}", "Code prüfen", Code="000000"),
    Look("accounts.sign_ins", "/konto/anmeldungen"),
    Look("authorities.own_identity", "/konto/identitaet"),
)
CITIZEN_WITH_PASSKEY = (Look("accounts.security", "/konto/sicherheit"), Look("accounts.factor", "{passkey}"))
COUNTER = (
    Look("workbench.identity_code", "/behoerde/identitaet"),
    _wrong("workbench.identity_code", "/behoerde/identitaet", "Weiter", **{"Code der Person": "7K3F9 QXM2H"}),
    Look("workbench.identity_check", "{identity_check}"),
    _wrong("workbench.identity_check", "{identity_check}", "Ausgewählte Angaben bestätigen"),
)
WAITING_CITIZEN = (Look("service_requests.show", "/antraege/{waiting}"),)
OPERATOR = (
    *PUBLIC,
    *_ACCOUNT,
    Look("operations.index", "/betrieb/"),
    Look("clients.index", "/betrieb/websites/"),
    Look("clients.show", "/betrieb/websites/{website}"),
    Look("clients.show", "/betrieb/websites/{website}", press="Neues Geheimnis anlegen", is_sensitive=True),
    Look("clients.new", "/betrieb/websites/neu", is_sensitive=True),
    Look("clients.edit", "/betrieb/websites/{website}/aendern", is_sensitive=True),
    Look("demo.confirm_reset", "/betrieb/zuruecksetzen"),
    Look("demo.progress", "/demo/zuruecksetzen"),
)

LOOKS: dict[str, tuple[Look, ...]] = {
    "signed out": SIGNED_OUT,
    "citizen": CITIZEN,
    "citizen with a decision": CITIZEN_WITH_A_DECISION,
    "new citizen": NEW_CITIZEN,
    "clerk": CLERK,
    "approver": APPROVER,
    "administrator": ADMINISTRATOR,
    "host": HOST,
    "waiting citizen": WAITING_CITIZEN,
    "citizen with factors": CITIZEN_WITH_FACTORS,
    "citizen with a passkey": CITIZEN_WITH_PASSKEY,
    "counter": COUNTER,
    "operator": OPERATOR,
}
