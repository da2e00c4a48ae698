"""Every view of the application, so that none can be forgotten."""

import pytest
from werkzeug.routing import Rule

from servicekonto.web.access import Permission
from servicekonto.web.application import SAFE_METHODS, Servicekonto
from tests.builders.town import create_town
from tests.support.client import PageClient

PUBLIC = {
    *("accounts.choose_language", "accounts.remember_language"),
    *("accounts.confirm_email", "accounts.confirm_email_submit", "accounts.demo_sign_in"),
    *("accounts.forgot_password", "accounts.forgot_password_sent", "accounts.forgot_password_submit"),
    *("accounts.register", "accounts.register_submit", "accounts.registration_sent"),
    *("accounts.finish_reset", "accounts.finish_reset_submit"),
    *("accounts.mail_link", "accounts.mail_link_submit"),
    *("accounts.lost_everything", "accounts.lost_everything_sent", "accounts.lost_everything_submit"),
    *("accounts.passkey_question", "accounts.sign_in_with_passkey"),
    *("accounts.reset_password", "accounts.reset_password_submit"),
    *("accounts.sign_in", "accounts.sign_in_submit", "accounts.sign_out", "accounts.signed_out"),
    *("assets.show", "authorities.accept_invitation", "authorities.competence", "authorities.invitation"),
    *("catalogue.index", "catalogue.service", "catalogue.start"),
    *("data_protection.deletion_noted", "data_protection.schema_of_export"),
    *("data_protection.stop_deletion", "data_protection.stop_deletion_submit"),
    *("demo.codes", "demo.progress"),
    *("health.livez", "health.readyz", "notifications.demo_mails"),
    *("information.accessibility", "information.help_page", "information.imprint"),
    "information.easy_language",
    *("information.licences", "information.privacy"),
    *("oidc.configuration", "oidc.jwks", "oidc.published_options"),
    *("oidc.answer", "oidc.authorize", "oidc.authorize_by_post", "oidc.go_on", "oidc.par"),
    *("oidc.token", "oidc.userinfo", "oidc.userinfo_by_post", "oidc.introspect", "oidc.revoke"),
    *("oidc.token_options", "oidc.userinfo_options", "oidc.revoke_options"),
    *("oidc.end_session", "oidc.end_session_by_post", "oidc.sign_out_confirmed", "oidc.sign_out_page"),
    *("proofs.compare", "proofs.compare_again", "proofs.index", "proofs.show"),
}
FOR_WEBSITES = {
    *("oidc.authorize_by_post", "oidc.par", "oidc.token", "oidc.userinfo_by_post"),
    *("oidc.introspect", "oidc.revoke", "oidc.end_session_by_post"),
    "oidc.sign_out_confirmed",  # checks it itself, for whoever is still signed in
}
"""They bring no cookies of ours that would count, or prove themselves with a secret of their own."""
WRITE_ON_GET = {
    "oidc.authorize",  # the request is kept here instead of in addresses
    "oidc.sign_out_page",  # on the word of a website that knows who is there
    "oidc.go_on",  # the code a website gets at the end
    "postbox.show",  # the first retrieval of a message is recorded
    "proofs.show",  # looking up a code is counted, so that nobody tries one after the other
    "service_requests.document",  # a receipt that nobody has made yet is made and kept
}
OWN_UNITS_OF_WORK = {
    "accounts.change_password_submit",  # password hash
    "accounts.confirm_submit",  # password hash
    "accounts.finish_reset_submit",  # password hash
    "accounts.register_submit",  # password hash
    "accounts.reset_password_submit",  # password hash
    "accounts.sign_in_submit",  # password hash
    "accounts.sign_in_with_passkey",  # the attempt is counted before the signature is checked
    "assets.show",  # needs no database
    "authorities.accept_invitation",  # password hash
    "oidc.configuration",  # needs no database
    "oidc.introspect",  # two statements that stand alone; a transaction when an assertion comes along
    "oidc.jwks",  # one statement that stands alone
    "oidc.published_options",  # needs no database
    "oidc.userinfo",  # one statement that stands alone; a transaction when a proof comes along
    "postbox.show",  # the first retrieval is committed before the message is shown
    "service_requests.document",  # PDF
    "service_requests.printed_form",  # PDF
}
FOR_SCRIPTS = {
    *("accounts.session_state", "accounts.extend_session", "service_requests.live"),
    *("accounts.new_passkey_question", "accounts.passkey_question"),
    *("service_requests.autosave", "service_requests.autosave_answer", "service_requests.autosave_message"),
}
UNKNOWN = "01890000-0000-7000-8000-000000000000"


def rules(app: Servicekonto) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)


def marked(app: Servicekonto, mark: str) -> set[str]:
    return {name for name, view in app.view_functions.items() if hasattr(view, mark)}


def some_address(rule: Rule) -> str:
    built = rule.build(dict.fromkeys(rule.arguments, UNKNOWN))
    assert built is not None
    return built[1]


def test_every_view_declares_who_may_use_it(app: Servicekonto) -> None:
    declared = {name: getattr(view, "access", None) for name, view in app.view_functions.items()}

    assert {name for name, access in declared.items() if access is None} == set()
    assert {name for name, access in declared.items() if access == "public"} == PUBLIC
    assert {access for access in declared.values() if access != "public"} <= set(Permission)


def test_the_views_that_write_on_get_are_these(app: Servicekonto) -> None:
    assert marked(app, "writes_on_get") == WRITE_ON_GET


def test_the_views_with_units_of_work_of_their_own_are_these(app: Servicekonto) -> None:
    assert marked(app, "own_units_of_work") == OWN_UNITS_OF_WORK


def test_the_views_for_scripts_are_these(app: Servicekonto) -> None:
    assert marked(app, "for_scripts") == FOR_SCRIPTS


def test_no_view_reads_and_writes(app: Servicekonto) -> None:
    both = {
        rule.endpoint
        for rule in rules(app)
        if (rule.methods or set()) - SAFE_METHODS and "GET" in (rule.methods or set())
    }

    assert both == set()


def test_no_post_works_without_the_csrf_token(client: PageClient, app: Servicekonto) -> None:
    """Whoever is not signed in either is asked to sign in first, where that is needed."""
    posts = [rule for rule in rules(app) if "POST" in (rule.methods or set())]
    answers = {rule.endpoint: client.client.post(some_address(rule)) for rule in posts}

    assert len(answers) > 20
    assert all("Formular" not in answers.pop(name).text for name in FOR_WEBSITES)
    expired = {name: answer for name, answer in answers.items() if name in PUBLIC}
    others = [answer for name, answer in answers.items() if name not in PUBLIC | FOR_SCRIPTS]
    assert {answers[name].status_code for name in (FOR_SCRIPTS - PUBLIC) & set(answers)} == {401}
    assert {answer.status_code for answer in expired.values()} == {403}
    assert all("Formular" in answer.text for answer in expired.values())
    assert {(answer.status_code, answer.location) for answer in others} == {(303, "/anmelden")}


def test_no_post_of_somebody_signed_in_works_without_the_csrf_token(
    database: None, app: Servicekonto
) -> None:
    town = create_town()
    for name in town.accounts:
        client = town.client(name).client
        for rule in rules(app):
            if "POST" in (rule.methods or set()) and rule.endpoint not in FOR_WEBSITES:
                answer = client.post(some_address(rule))

                assert answer.status_code == 403, f"{name} {rule.rule}"
                assert "Das Formular ist abgelaufen" in answer.text


def test_what_is_not_public_leads_to_the_sign_in_page(client: PageClient, app: Servicekonto) -> None:
    gets = [rule for rule in rules(app) if "GET" in (rule.methods or set()) and rule.endpoint not in PUBLIC]
    gets = [rule for rule in gets if rule.endpoint not in FOR_SCRIPTS]
    answers = {rule.endpoint: client.client.get(some_address(rule)) for rule in gets}

    assert len(answers) > 10
    assert {answer.status_code for answer in answers.values()} == {303}
    assert {answer.location for answer in answers.values()} == {"/anmelden"}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_a_method_that_nobody_offers_is_answered_with_those_that_are(client: PageClient, method: str) -> None:
    answer = client.client.open("/hilfe", method=method)

    assert answer.status_code == 405
    assert {"GET", "HEAD"} <= set(answer.headers["Allow"].split(", "))
    assert client.checked(answer, 405).h1
