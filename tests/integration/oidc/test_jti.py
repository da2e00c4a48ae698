"""Names of signed texts are taken once."""

from datetime import timedelta

from servicekonto.core.db import unit_of_work
from servicekonto.core.scope import NOBODY, scoped
from servicekonto.oidc import jti
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import SOME_DAY
from tests.support.threads import at_the_same_time

UNTIL = SOME_DAY + timedelta(minutes=6)


def test_of_ten_that_come_at_once_one_is_taken(committed_app: Servicekonto) -> None:
    def take(_number: int) -> bool:
        with committed_app.app_context(), scoped(NOBODY), unit_of_work():
            return jti.use("proof", "signer", "name", until=UNTIL)

    assert sorted(at_the_same_time(take, times=10)) == [False] * 9 + [True]


def test_kind_signer_and_name_do_not_run_into_each_other(database: None) -> None:
    for names in (("proof", "a", "b"), ("assertion", "a", "b"), ("proof", "ab", ""), ("proof", "", "ab")):
        assert jti.use(*names, until=UNTIL)
    assert not jti.use("proof", "a", "b", until=UNTIL)
