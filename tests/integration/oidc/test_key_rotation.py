"""From next to active to retired to nothing, and what goes wrong on the way."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from servicekonto.audit import Action
from servicekonto.audit.models import AuditEntry
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import NotFoundError
from servicekonto.core.scope import NOBODY, SYSTEM, scoped
from servicekonto.jobs.queue import enqueue
from servicekonto.jobs.worker import Worker
from servicekonto.oidc import keys
from servicekonto.oidc.capabilities import KEY_FAMILIES, Algorithm
from servicekonto.oidc.key_models import KeyFamily, KeyState, SigningKey
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import SOME_DAY
from tests.support.threads import at_the_same_time

pytestmark = pytest.mark.usefixtures("quick_keys")

DAY = timedelta(days=1)
LATER = SOME_DAY + keys.SIGNS_FOR
IN_PAIRS = {(family, state): 1 for family in KeyFamily for state in (KeyState.NEXT, KeyState.ACTIVE)}


@pytest.fixture
def first_keys(database: None) -> None:
    keys.ensure_keys(at=SOME_DAY)


def states() -> Counter[tuple[KeyFamily, KeyState]]:
    return Counter((row.family, row.state) for row in keys.all_keys())


def kid_of(state: KeyState, family: KeyFamily = KeyFamily.EC) -> str:
    return next(row.kid for row in keys.all_keys() if (row.state, row.family) == (state, family))


def published() -> set[str]:
    return {key["kid"] for key in keys.public_jwks()["keys"]}


def token(algorithm: Algorithm = Algorithm.ES256) -> str:
    signer = keys.signing_key(algorithm)
    header = {"alg": signer.algorithm, "kid": signer.kid}
    return jwt.encode(header, {"sub": "x"}, signer.key, algorithms=[algorithm])


def is_accepted(text: str) -> bool:
    """By somebody who has just read the published keys."""
    try:
        jwt.decode(text, KeySet.import_key_set(keys.public_jwks()), algorithms=list(Algorithm))  # type: ignore[arg-type]
    except (JoseError, ValueError):
        return False
    return True


@pytest.mark.usefixtures("database")
def test_an_empty_installation_gets_one_key_that_signs_and_one_that_follows_per_family() -> None:
    with pytest.raises(keys.NoSigningKeyError):
        keys.signing_key(Algorithm.ES256)
    assert keys.public_jwks() == {"keys": []}

    keys.ensure_keys(at=SOME_DAY)
    keys.ensure_keys(at=SOME_DAY + DAY)

    assert states() == IN_PAIRS
    assert len(published()) == 4


@pytest.mark.usefixtures("first_keys")
@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_what_is_signed_is_verified_with_the_published_keys(algorithm: Algorithm) -> None:
    assert is_accepted(token(algorithm))
    assert keys.signing_key(algorithm).kid == kid_of(KeyState.ACTIVE, KEY_FAMILIES[algorithm])


@pytest.mark.usefixtures("first_keys")
def test_a_key_signs_for_ninety_days_and_the_next_one_was_published_all_the_time() -> None:
    old, following = kid_of(KeyState.ACTIVE), kid_of(KeyState.NEXT)

    keys.ensure_keys(at=LATER - timedelta(seconds=1))
    assert keys.signing_key(Algorithm.ES256).kid == old
    keys.ensure_keys(at=LATER)

    assert keys.signing_key(Algorithm.ES256).kid == following
    assert states() == {**IN_PAIRS, **{(family, KeyState.RETIRED): 1 for family in KeyFamily}}


@pytest.mark.usefixtures("first_keys")
def test_a_retired_key_verifies_for_ninety_days_and_then_goes() -> None:
    old, signed = kid_of(KeyState.ACTIVE), token()
    keys.rotate(at=SOME_DAY + DAY)

    keys.ensure_keys(at=SOME_DAY + DAY + keys.PUBLISHED_AFTER - timedelta(seconds=1))
    assert is_accepted(signed)
    keys.ensure_keys(at=SOME_DAY + DAY + keys.PUBLISHED_AFTER)

    assert old not in {row.kid for row in keys.all_keys()}
    assert not is_accepted(signed)


@pytest.mark.usefixtures("first_keys")
def test_nobody_has_to_accept_a_key_that_was_published_less_than_a_day() -> None:
    old = kid_of(KeyState.ACTIVE)

    assert keys.rotate(at=SOME_DAY + DAY - timedelta(seconds=1)) == []
    assert kid_of(KeyState.ACTIVE) == old

    assert len(keys.rotate(at=SOME_DAY + DAY)) == 2
    assert kid_of(KeyState.ACTIVE) != old


@pytest.mark.usefixtures("first_keys")
def test_without_waiting_it_changes_at_once_and_the_old_key_still_verifies() -> None:
    following, signed = kid_of(KeyState.NEXT), token()

    assert following in keys.rotate(at=SOME_DAY, without_waiting=True)

    assert kid_of(KeyState.ACTIVE) == following
    assert is_accepted(signed) and is_accepted(token())


@pytest.mark.usefixtures("first_keys")
def test_over_two_years_there_is_always_exactly_one_key_that_signs_and_no_pile_of_old_ones() -> None:
    at, end = SOME_DAY, SOME_DAY + timedelta(days=730)
    while at < end:
        at += timedelta(days=10)
        keys.ensure_keys(at=at)
        assert {place: number for place, number in states().items() if place in IN_PAIRS} == IN_PAIRS
        assert len(published()) <= 6


@pytest.mark.usefixtures("first_keys")
def test_a_revoked_key_leaves_at_once_and_the_next_one_signs() -> None:
    stolen, following, signed = kid_of(KeyState.ACTIVE), kid_of(KeyState.NEXT), token()

    keys.revoke(stolen, at=SOME_DAY)

    assert stolen not in published() and not is_accepted(signed)
    assert keys.signing_key(Algorithm.ES256).kid == following
    assert {place: number for place, number in states().items() if place in IN_PAIRS} == IN_PAIRS


@pytest.mark.usefixtures("first_keys")
def test_a_key_that_does_not_sign_yet_or_any_more_can_be_revoked_too() -> None:
    signing, following = kid_of(KeyState.ACTIVE), kid_of(KeyState.NEXT)

    keys.revoke(following, at=SOME_DAY)
    assert kid_of(KeyState.ACTIVE) == signing and kid_of(KeyState.NEXT) != following

    keys.rotate(at=SOME_DAY + 2 * DAY)
    keys.revoke(signing, at=SOME_DAY + 2 * DAY)

    assert {signing, following} & published() == set()
    assert {place: number for place, number in states().items() if place in IN_PAIRS} == IN_PAIRS


@pytest.mark.usefixtures("first_keys")
def test_revoking_again_changes_nothing_and_an_unknown_key_cannot_be_revoked() -> None:
    stolen = kid_of(KeyState.ACTIVE)
    keys.revoke(stolen, at=SOME_DAY)
    before = [(row.kid, row.state, row.delete_at) for row in keys.all_keys()]

    keys.revoke(stolen, at=SOME_DAY + DAY)
    with pytest.raises(NotFoundError):
        keys.revoke("unknown", at=SOME_DAY)

    assert [(row.kid, row.state, row.delete_at) for row in keys.all_keys()] == before


@pytest.mark.usefixtures("first_keys")
def test_the_audit_trail_tells_which_key_signed_since_when_and_which_was_revoked() -> None:
    stolen, following = kid_of(KeyState.ACTIVE), kid_of(KeyState.NEXT)

    keys.revoke(stolen, at=SOME_DAY + DAY)

    query = sa.select(AuditEntry).where(AuditEntry.at == SOME_DAY + DAY).order_by(AuditEntry.id)
    written = [(entry.action, entry.payload) for entry in db.session.scalars(query)]
    assert written == [
        (Action.SIGNING_KEY_REVOKED, {"family": "EC", "kid": stolen}),
        (Action.SIGNING_KEY_ACTIVATED, {"family": "EC", "kid": following}),
    ]


@pytest.mark.parametrize("broken_at", [1, 2, 3])
@pytest.mark.usefixtures("first_keys")
def test_a_change_that_breaks_off_has_changed_nothing(broken_at: int) -> None:
    before = states(), published()
    written = iter(range(1, 100))

    def break_off(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(("UPDATE oidc", "INSERT INTO oidc")) and next(written) == broken_at:
            raise RuntimeError

    sa.event.listen(sa.Engine, "before_cursor_execute", break_off)
    with pytest.raises(RuntimeError):
        keys.rotate(at=SOME_DAY + DAY)
    sa.event.remove(sa.Engine, "before_cursor_execute", break_off)

    assert (states(), published()) == before
    assert len(keys.rotate(at=SOME_DAY + DAY)) == 2


@pytest.fixture
def app_with_keys(committed_app: Servicekonto) -> Iterator[Servicekonto]:
    with committed_app.app_context(), scoped(SYSTEM):
        keys.ensure_keys(at=SOME_DAY)
        yield committed_app
        db.session.remove()


def test_two_rotations_at_once_make_one_new_key_per_family(app_with_keys: Servicekonto) -> None:
    def change(_number: int) -> int:
        with app_with_keys.app_context(), scoped(SYSTEM):
            return len(keys.rotate(at=SOME_DAY + DAY))

    assert sorted(at_the_same_time(change, times=2)) == [0, 2]

    db.session.rollback()
    assert states() == {**IN_PAIRS, **{(family, KeyState.RETIRED): 1 for family in KeyFamily}}


def test_two_workers_at_once_make_the_first_keys_once(committed_app: Servicekonto) -> None:
    def make(_number: int) -> None:
        with committed_app.app_context(), scoped(SYSTEM):
            keys.ensure_keys(at=SOME_DAY)

    at_the_same_time(make, times=3)

    with committed_app.app_context(), scoped(SYSTEM):
        assert states() == IN_PAIRS


def test_a_running_process_signs_no_more_with_a_key_that_another_has_revoked(
    app_with_keys: Servicekonto,
) -> None:
    stolen = keys.signing_key(Algorithm.ES256).kid
    db.session.rollback()

    def revoke_elsewhere(_number: int) -> None:
        with app_with_keys.app_context(), scoped(SYSTEM):
            keys.revoke(stolen, at=SOME_DAY)

    at_the_same_time(revoke_elsewhere, times=1)

    assert keys.signing_key(Algorithm.ES256).kid != stolen


def test_a_worker_makes_the_keys(committed_app: Servicekonto) -> None:
    with committed_app.app_context(), scoped(SYSTEM):
        with unit_of_work():
            enqueue("oidc.signing_keys", payload={}, at=SOME_DAY)
        assert Worker(committed_app).run_one()

        assert states() == IN_PAIRS


@pytest.mark.usefixtures("first_keys")
def test_the_database_refuses_a_second_key_that_signs_and_one_without_its_private_part() -> None:
    for change in ({"state": KeyState.ACTIVE, "activated_at": SOME_DAY}, {"private_key_sealed": None}):
        following = kid_of(KeyState.NEXT)
        with pytest.raises(sa.exc.IntegrityError), unit_of_work():
            db.session.execute(sa.update(SigningKey).where(SigningKey.kid == following).values(change))


@pytest.mark.only("postgresql")
@pytest.mark.parametrize(
    "statement",
    [
        (
            "insert into oidc_signing_key"
            " (id, kid, family, state, public_jwk, created_at, revoked_at, delete_at)"
            " values (gen_random_uuid(), 'planted', 'EC', 'revoked', '{}', now(), now(), now()) returning id"
        ),
        "update oidc_signing_key set state = 'revoked' returning id",
        "delete from oidc_signing_key returning id",
    ],
)
def test_no_request_by_http_plants_changes_or_removes_a_key(
    app_with_keys: Servicekonto, statement: str
) -> None:
    def attempt() -> None:
        with scoped(NOBODY), unit_of_work():
            assert db.session.execute(sa.text(statement)).all() == []
            raise PermissionError

    with pytest.raises((PermissionError, sa.exc.ProgrammingError)):
        attempt()
    with scoped(NOBODY), unit_of_work(read_only=True):
        assert len(keys.public_jwks()["keys"]) == 4


def test_somebody_who_only_reads_gets_the_key_to_sign_with(app_with_keys: Servicekonto) -> None:
    at: datetime = SOME_DAY + DAY
    keys.rotate(at=at)

    with scoped(NOBODY), unit_of_work(read_only=True):
        assert keys.signing_key(Algorithm.PS256).key.private_key is not None
