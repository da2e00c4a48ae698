"""Of what is sent to a form, secrets are never kept; no form that is kept asks for them, or for a file."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import wtforms
from flask import current_app
from werkzeug.routing import Rule

from servicekonto.accounts import kept_input
from servicekonto.accounts.kept_input import KeptInput
from servicekonto.core import clock
from servicekonto.core.db import db
from tests.builders.accounts import create_account, sign_in
from tests.builders.town import PERSONAL_DATA, create_town
from tests.support.client import PageClient

pytestmark = pytest.mark.usefixtures("database")

OVER = timedelta(hours=2)


def test_secrets_are_never_in_the_row(client: PageClient) -> None:
    """AES-GCM keeps the length: what was left out is not in there."""
    owner = create_account(values=PERSONAL_DATA)
    secrets = dict.fromkeys(kept_input.SECRETS, "korrekt pferd batterie klammer")
    lengths = set()
    for more in ({}, secrets):
        sign_in(client, owner)
        form = client.get("/konto/daten").form("/konto/daten")
        sign_in(client, owner, at=clock.now() - OVER)
        sent = {name: values for name, values in form.values.items() if values}
        client.client.post(form.action, data={**sent, **more})
        newest = sa.select(KeptInput.sealed).order_by(KeptInput.id.desc()).limit(1)
        lengths.add(len(db.session.scalars(newest).one()))

    assert len(lengths) == 1


def test_every_field_for_a_password_has_a_name_that_is_never_kept() -> None:
    names = {
        name
        for form in all_forms(wtforms.Form)
        for name in dir(form)
        if getattr(getattr(form, name), "field_class", None) is wtforms.PasswordField
    }

    assert {"password", "current_password", "new_password"} <= names <= kept_input.SECRETS


def test_no_form_that_is_kept_asks_for_a_secret_or_a_file() -> None:
    """Nothing is kept of those; a form with one would have to say so."""
    town = create_town()
    seen = [
        (path, kind)
        for path in pages_of_kept_forms(town.ids)
        for name in town.accounts
        for kind in ("password", "file")
        if f'type="{kind}"' in town.client(name).client.get(path).text
    ]

    assert len(pages_of_kept_forms(town.ids)) > 15
    assert seen == []


def pages_of_kept_forms(ids: Mapping[str, list[Any]]) -> set[str]:
    rules = {rule.endpoint: rule for rule in current_app.url_map.iter_rules()}
    pages = set()
    for endpoint, view in current_app.view_functions.items():
        if hasattr(view, "keeps_input"):
            page = getattr(view, "page_of_form", None)
            pages |= paths(rules[endpoint.rpartition(".")[0] + page if page else endpoint], ids)
    return pages


def paths(rule: Rule, ids: Mapping[str, list[Any]]) -> set[str]:
    variables: list[dict[str, Any]] = [{}]
    for name in rule.arguments:
        values = ids.get(name, ["ihre-angaben"])
        variables = [{**others, name: value} for others in variables for value in values]
    return {built[1] for values in variables if (built := rule.build(values))}


def all_forms(base: type[wtforms.Form]) -> list[type[wtforms.Form]]:
    return [base, *(form for child in base.__subclasses__() for form in all_forms(child))]
