"""What is done about websites wants a proof of a few minutes ago."""

from datetime import timedelta

import sqlalchemy as sa

from servicekonto.accounts.models import Account, LoginSession
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from tests.builders.accounts import PASSWORD
from tests.builders.clients import create_client
from tests.builders.factors import code_of, create_totp
from tests.integration.oidc.client_pages.pages import NEW, TYPED, make_secret, page_of
from tests.support.client import PageClient


def is_some_time_ago() -> None:
    with unit_of_work():
        long_ago = clock.now() - timedelta(minutes=11)
        db.session.execute(sa.update(LoginSession).values(authenticated_at=long_ago))
    db.session.expire_all()


def test_everything_but_disabling_wants_a_fresh_proof(client: PageClient, operator: Account) -> None:
    website = create_client()
    page = make_secret(client, website)
    is_some_time_ago()

    for action in ("/geheimnis", "/beenden"):
        assert page.form(action).submit(client).location == "/anmelden/bestaetigen"
    for path in (NEW, f"{page_of(website)}/aendern"):
        assert client.client.get(path).location == "/anmelden/bestaetigen"
    disabled = client.follow(page.form("/sperren").submit(client))
    assert disabled.form("/freigeben").submit(client).location == "/anmelden/bestaetigen"


def test_what_was_typed_is_there_after_the_fresh_proof(client: PageClient, operator: Account) -> None:
    credential = create_totp(operator)
    form = client.get(NEW).form("/neu").fill(TYPED)
    is_some_time_ago()

    confirm = client.follow(form.submit(client)).form("/bestaetigen")
    page = client.follow(confirm.submit(client, password=PASSWORD, code=code_of(credential)))

    assert page.form("/neu").values["name"] == ["Urkundenportal"]
    assert page.form("/neu").values["scopes"] == ["openid", "email"]
