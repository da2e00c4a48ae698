"""``flask keys list``, ``ensure``, ``rotate`` and ``revoke`` as an operator types them."""

from datetime import timedelta

import pytest
from flask.testing import FlaskCliRunner

from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.oidc import keys
from servicekonto.oidc.key_models import KeyState
from servicekonto.web.application import Servicekonto
from tests.builders.signing_keys import create_signing_keys

pytestmark = pytest.mark.usefixtures("quick_keys")


def run(app: Servicekonto, *arguments: str, exit_code: int = 0) -> str:
    result = FlaskCliRunner(app).invoke(args=["keys", *arguments])
    assert result.exit_code == exit_code, result.output
    return result.output


def kids(app: Servicekonto, state: KeyState) -> set[str]:
    with app.app_context(), scoped(SYSTEM), unit_of_work(read_only=True):
        return {row.kid for row in keys.all_keys() if row.state is state}


def fill(app: Servicekonto, *, age: timedelta) -> None:
    with app.app_context(), scoped(SYSTEM):
        create_signing_keys(at=clock.now() - age)


def test_the_keys_of_a_new_installation_are_made_and_listed(committed_app: Servicekonto) -> None:
    run(committed_app, "ensure")

    listed = run(committed_app, "list")
    made = kids(committed_app, KeyState.ACTIVE) | kids(committed_app, KeyState.NEXT)
    assert all(kid in listed for kid in made)
    assert len(listed.splitlines()) == 5


def test_changing_to_the_next_key_tells_which_ones_sign_now(committed_app: Servicekonto) -> None:
    fill(committed_app, age=timedelta(days=2))
    following = kids(committed_app, KeyState.NEXT)

    said = run(committed_app, "rotate")

    assert all(f"{kid} signs from now on." in said for kid in following)
    assert kids(committed_app, KeyState.ACTIVE) == following


def test_a_key_that_is_too_new_is_not_changed_to_unless_somebody_insists(committed_app: Servicekonto) -> None:
    fill(committed_app, age=timedelta(hours=2))
    following = kids(committed_app, KeyState.NEXT)

    assert "--now does not wait" in run(committed_app, "rotate", exit_code=1)
    assert kids(committed_app, KeyState.NEXT) == following

    run(committed_app, "rotate", "--now")
    assert kids(committed_app, KeyState.ACTIVE) == following


def test_a_stolen_key_is_revoked_by_its_name(committed_app: Servicekonto) -> None:
    fill(committed_app, age=timedelta(days=2))
    stolen = min(kids(committed_app, KeyState.ACTIVE))

    assert "is revoked" in run(committed_app, "revoke", stolen)

    assert kids(committed_app, KeyState.REVOKED) == {stolen}
    assert "no such key" in run(committed_app, "revoke", "unknown", exit_code=1)


def test_all_keys_can_be_wrapped_anew_as_before(committed_app: Servicekonto) -> None:
    fill(committed_app, age=timedelta(days=2))

    assert "oidc_signing_key: 0 keys" in run(committed_app, "rewrap")
