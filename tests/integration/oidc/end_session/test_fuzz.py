"""Whatever is sent to where websites sign their visitors out: no error of ours, no strange address."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from servicekonto.accounts.models import Account
from tests.builders.accounts import sign_in
from tests.builders.logout import AFTERWARDS, id_token_for
from tests.builders.oidc import Website
from tests.support.client import PageClient

AS_OFTEN = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)

TEXTS = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            *("", " ", "\0", "ü", "%00", "\r\nLocation: https://evil.example", "../..", "e30.e30.", "null"),
            *("https://evil.example/", "//evil.example", AFTERWARDS + "/", AFTERWARDS + "?x=y", "x" * 9000),
            *("{}", "[]", "eyJhbGciOiJub25lIn0.e30.", "'\"><script>", "😀"),
        ]
    ),
    st.builds("{}{}".format, st.just(AFTERWARDS), st.text(max_size=5)),
)
NAMES = st.sampled_from(
    [
        *("id_token_hint", "client_id", "post_logout_redirect_uri", "state"),
        *("logout_hint", "ui_locales", "vorgang", "x"),
    ]
)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_that_is_sent_is_an_error_or_leads_to_a_strange_address(
    client: PageClient, website: Website, erika: Account, method: str
) -> None:
    hint = id_token_for(client, website)
    good = {
        "id_token_hint": [hint],
        "client_id": [website.client.client_id],
        "post_logout_redirect_uri": [AFTERWARDS],
        "state": ["x"],
    }

    @AS_OFTEN
    @given(
        kept=st.sets(st.sampled_from(sorted(good))),
        sent=st.dictionaries(NAMES, st.lists(TEXTS, min_size=1, max_size=2), max_size=4),
        is_signed_in=st.booleans(),
    )
    def send(kept: set[str], sent: dict[str, list[str]], is_signed_in: bool) -> None:
        parameters = {name: good[name] for name in kept} | sent
        visitor = client if is_signed_in else PageClient(client.app)
        if method == "GET":
            answer = visitor.client.get("/oidc/end_session", query_string=parameters)
        else:
            answer = visitor.client.post("/oidc/end_session", data=parameters)
        assert answer.status_code == 303 and answer.location.startswith("/oidc/abmelden?vorgang=")
        assert len(answer.location) < 7000, "some servers take no longer first line"
        page = visitor.client.get(answer.location)
        assert page.status_code in {200, 303, 400}
        if page.status_code == 303:
            address, _, _query = page.location.partition("?")
            assert address in {AFTERWARDS, "/abmelden"}
            sign_in(client, erika)

    send()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_sealed_request_is_an_error_or_leads_anywhere(
    client: PageClient, erika: Account, method: str
) -> None:
    @AS_OFTEN
    @given(TEXTS)
    def send(vorgang: str) -> None:
        visitor = PageClient(client.app)
        if method == "GET":
            answer = visitor.client.get("/oidc/abmelden", query_string={"vorgang": vorgang})
            assert answer.status_code == 200
        else:
            answer = visitor.client.post("/oidc/abmelden", data={"vorgang": vorgang})
            assert (answer.status_code, answer.location) == (303, "/abmelden")

    send()
