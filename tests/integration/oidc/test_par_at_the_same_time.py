"""A reference that many browsers come with at once."""

from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from servicekonto.core.db import db
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.oidc.models import AuthorizationCode
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import create_account, sign_in
from tests.builders.oidc import agree, create_website
from tests.support.client import PageClient
from tests.support.threads import at_the_same_time


@pytest.mark.parametrize("has_agreed", [True, False], ids=["at once", "with a page"])
def test_one_of_them_gets_it(committed_app: Servicekonto, has_agreed: bool) -> None:
    with committed_app.app_context(), scoped(SYSTEM):
        website = create_website()
        erika = create_account(email="erika@example.org")
        browsers = [PageClient(committed_app) for _number in range(8)]
        for browser in browsers:
            sign_in(browser, erika)
        if has_agreed:
            agree(browsers[0], website.send(browsers[0]))
        before = db.session.scalar(sa.select(sa.func.count()).select_from(AuthorizationCode))
        db.session.rollback()
        data = website.parameters(client_secret=website.secret)
    pushed = PageClient(committed_app).client.post("/oidc/par", data=data).get_json()["request_uri"]
    query = {"client_id": data["client_id"], "request_uri": pushed}

    answers = at_the_same_time(
        lambda number: browsers[number].client.get("/oidc/authorize", query_string=query), times=8
    )

    assert sorted(answer.status_code for answer in answers) == [303] + [400] * 7
    if has_agreed:
        (location,) = [answer.location for answer in answers if answer.status_code == 303]
        assert "code" in parse_qs(urlsplit(location).query)
        with committed_app.app_context():
            after = db.session.scalar(sa.select(sa.func.count()).select_from(AuthorizationCode))
            assert (after or 0) - (before or 0) == 1
