"""What the factors of an account have in common: a list, a name, a lock, an end."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa

from servicekonto import audit
from servicekonto.accounts import events, levels
from servicekonto.accounts.factor_models import (
    FactorKind,
    Passkey,
    PasswordCredential,
    RecoveryCodes,
    TotpCredential,
)
from servicekonto.accounts.models import Account, AccountKind, AssuranceLevel, PersonalAttribute
from servicekonto.audit import Action
from servicekonto.core.db import db
from servicekonto.core.errors import ConflictError, NotFoundError
from servicekonto.core.events import publish

SecondFactor = TotpCredential | Passkey | RecoveryCodes
Factor = PasswordCredential | SecondFactor

MODELS: dict[FactorKind, type[Factor]] = {
    FactorKind.PASSWORD: PasswordCredential,
    FactorKind.TOTP: TotpCredential,
    FactorKind.PASSKEY: Passkey,
    FactorKind.RECOVERY_CODES: RecoveryCodes,
}
SECOND = (TotpCredential, Passkey)
MOST_OF_A_KIND = 10
MOST_FAILURES = 100  # NIST SP 800-63B-4 § 3.2.2: then this factor rests, the others do not


class NotSureEnoughError(ConflictError):
    """A new factor would prove more than this session does (TR-03160-1 § 4.2), or an old one does."""


def kind_of(factor: Factor) -> FactorKind:
    return next(kind for kind, model in MODELS.items() if isinstance(factor, model))


def factors_of(account: Account, kind: FactorKind) -> Sequence[Factor]:
    """The oldest first; those that were never used too."""
    model: Any = MODELS[kind]
    found = db.session.scalars(sa.select(model).where(model.account_id == account.id).order_by(model.id))
    return cast(Sequence[Factor], found.all())


def get(account: Account, kind: FactorKind, factor_id: UUID, *, for_update: bool = False) -> Factor:
    """Raises NotFoundError when it is not one of this account."""
    factor = cast(Factor | None, db.session.get(MODELS[kind], factor_id, with_for_update=for_update))
    if factor is None or factor.account_id != account.id:
        raise NotFoundError(factor_id)
    return factor


def _in_use(model: type[TotpCredential | Passkey], account_id: "UUID | sa.ColumnElement[UUID]") -> sa.Exists:
    return sa.exists().where(model.account_id == account_id, model.confirmed_at.is_not(None))


def hold(account: Account) -> None:
    """Nobody uses or changes one until the end of the transaction."""
    for kind in (FactorKind.TOTP, FactorKind.PASSKEY, FactorKind.RECOVERY_CODES, FactorKind.PASSWORD):
        model: Any = MODELS[kind]
        rows = sa.select(model.id).where(model.account_id == account.id).order_by(model.id)
        db.session.execute(rows.with_for_update())


def has_second(account_id: UUID) -> bool:
    """Also when it is locked: a lock must not make the password alone enough."""
    return bool(db.session.scalar(_HAS_SECOND, {"account": account_id}))


def has_second_of(account_id: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    """``has_second`` as a condition, to be asked along with something else."""
    return sa.or_(*(_in_use(model, account_id) for model in SECOND))


_HAS_SECOND = sa.select(has_second_of(sa.bindparam("account")))


def reachable(account_id: UUID) -> AssuranceLevel:
    """The level this account can sign in at with the factors it has, locked ones too."""
    if db.session.scalar(sa.select(_in_use(TotpCredential, account_id))):
        return AssuranceLevel.SUBSTANTIAL
    passkeys = sa.select(Passkey).where(Passkey.account_id == account_id, Passkey.confirmed_at.is_not(None))
    reached = [
        levels.of_passkey(passkey, user_was_verified=True, with_password=True)
        for passkey in db.session.scalars(passkeys)
    ]
    return max(reached, key=_rank, default=AssuranceLevel.LOW)


def needed_to_add(account: Account, model: type[SecondFactor]) -> AssuranceLevel:
    """TR-03160-1 § 4.2: the lower of what the new factor gives and what the account can reach now."""
    return AssuranceLevel.LOW if model is RecoveryCodes else reachable(account.id)


def needed_to_remove(account: Account, factor: SecondFactor) -> AssuranceLevel:
    """Staff and operators: what they sign in at for work. A session below it, and a new factor after it,
    would give the level back. Citizens may at any level, but then nothing stays verified (``remove``).
    """
    if account.kind is AccountKind.CITIZEN or factor.confirmed_at is None:
        return AssuranceLevel.BASIC
    return AssuranceLevel.LOW if isinstance(factor, RecoveryCodes) else reachable(account.id)


def assert_may_add(account: Account, model: type[SecondFactor], *, level: AssuranceLevel) -> None:
    """``level`` of this session. Raises NotSureEnoughError, or ConflictError when there are many already."""
    if not level.reaches(needed_to_add(account, model)):
        raise NotSureEnoughError("level")
    number = db.session.scalar(
        sa.select(sa.func.count()).select_from(model).where(model.account_id == account.id)
    )
    if (number or 0) >= MOST_OF_A_KIND:
        raise ConflictError("too many factors of this kind")


def added(factor: SecondFactor, account: Account, *, at: datetime) -> None:
    db.session.add(factor)
    db.session.flush()
    _record(Action.FACTOR_ADDED, factor, account, by=account, at=at)


def confirm(factor: SecondFactor, account: Account, *, at: datetime) -> None:
    """It was used for the first time: from now on it counts. Confirming again changes nothing."""
    factor.last_used_at = at
    if factor.confirmed_at is not None:
        return
    factor.confirmed_at = at
    db.session.flush()
    _record(Action.FACTOR_CONFIRMED, factor, account, by=account, at=at)
    publish(_event(events.FactorAdded, factor, account, at=at))


def rename(factor: SecondFactor, name: str) -> None:
    factor.name = name
    db.session.flush()


def lock(factor: Factor, account: Account, *, at: datetime) -> None:
    """By the owner, who need not hold it (TR-03160-1 § 4.4)."""
    if factor.locked_at is None:
        factor.locked_at = at
        db.session.flush()
        _record(Action.FACTOR_LOCKED, factor, account, by=account, at=at)
        publish(_event(events.FactorLocked, factor, account, at=at))


def unlock(factor: Factor, account: Account, *, at: datetime) -> None:
    """After the owner has used it."""
    if factor.locked_at is not None:
        factor.locked_at, factor.failures, factor.last_used_at = None, 0, at
        db.session.flush()
        _record(Action.FACTOR_UNLOCKED, factor, account, by=account, at=at)
        publish(_event(events.FactorUnlocked, factor, account, at=at))


def locked_second(account: Account) -> list[SecondFactor]:
    """Those that would count if they were not locked."""
    found: list[SecondFactor] = []
    for model in SECOND:
        is_locked = sa.and_(model.locked_at.is_not(None), model.confirmed_at.is_not(None))
        query = sa.select(model).where(model.account_id == account.id, is_locked)
        found.extend(db.session.scalars(query.order_by(model.id)))
    return found


def remove(factor: SecondFactor, account: Account, *, level: AssuranceLevel, at: datetime) -> None:
    """``level`` of this session. Raises NotSureEnoughError.

    Whoever is less sure than the factor was cannot keep what was verified about the person: a recovery code,
    and a new factor after it, would otherwise give the level back. The same holds when what is left would be
    too little to protect it.
    """
    if not level.reaches(needed_to_remove(account, factor)):
        raise NotSureEnoughError("level")
    was_in_use = factor.confirmed_at is not None
    is_sure = isinstance(factor, RecoveryCodes) or level.reaches(reachable(account.id))
    _record(Action.FACTOR_REMOVED, factor, account, by=account, at=at)
    event = _event(events.FactorRemoved, factor, account, at=at)
    db.session.delete(factor)
    db.session.flush()
    if was_in_use:
        if not (is_sure and protects_verified(account)):
            drop_verification(account)
        publish(event)


def protects_verified(account: Account) -> bool:
    """Whether nobody adds a factor to this account who has not proved two."""
    return reachable(account.id).reaches(AssuranceLevel.SUBSTANTIAL)


def failed(factor: SecondFactor, *, at: datetime) -> None:
    """Whoever guesses makes this factor rest, never the account."""
    factor.failures += 1
    if factor.failures >= MOST_FAILURES and factor.locked_at is None:
        factor.locked_at = at
        publish(_event(events.FactorGuessedAt, factor, factor.account, at=at))
    db.session.flush()


def worked(factor: Factor, *, at: datetime) -> None:
    factor.failures, factor.last_used_at = 0, at
    db.session.flush()


def remove_all_second(account: Account, *, by: Account | None, at: datetime) -> None:
    """``by``: the owner, or who administers the account; None is the command line. Nothing stays verified."""
    for kind in (FactorKind.TOTP, FactorKind.PASSKEY, FactorKind.RECOVERY_CODES):
        for factor in factors_of(account, kind):
            _record(Action.FACTOR_REMOVED, factor, account, by=by, at=at)
            db.session.delete(factor)
    db.session.flush()
    drop_verification(account)


def drop_verification(account: Account) -> None:
    """Access was given back without proof of who it is: nothing is known surely any more."""
    db.session.execute(
        sa.update(PersonalAttribute)
        .where(PersonalAttribute.account_id == account.id)
        .values(level=AssuranceLevel.BASIC, verified_at=None, to_confirm=False)
    )


def _record(action: Action, factor: Factor, account: Account, *, by: Account | None, at: datetime) -> None:
    audit.record(
        action,
        account.id,
        authority_id=None,
        by=by,
        at=at,
        account_id=account.id,
        kind=str(kind_of(factor)),
    )


def _event(
    event_type: type[events.FactorEvent], factor: Factor, account: Account, *, at: datetime
) -> events.FactorEvent:
    return event_type(
        subject_id=account.id,
        actor_id=account.id,
        occurred_at=at,
        kind=str(kind_of(factor)),
        factor_id=factor.id,
    )


def _rank(level: AssuranceLevel) -> int:
    return list(AssuranceLevel).index(level)
