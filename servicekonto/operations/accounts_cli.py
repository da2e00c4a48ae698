"""``flask accounts``: ways back that nobody else can open, and the lock for the day when one is needed.

Who asks is identified before, by people; what they wrote down about it is found by the reference.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import click
from flask import Flask
from flask.cli import AppGroup

from servicekonto.accounts import addresses, queries, recovery, reopening
from servicekonto.accounts.models import Account, AccountKind
from servicekonto.authorities import commands as authorities
from servicekonto.authorities.queries import staff_member_by_account
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.core.errors import ConflictError, NotFoundError
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.data_protection.commands import deletion
from servicekonto.data_protection.queries import deletion_under_way

_REFERENCE = re.compile(r"(?=.*[0-9])[A-Za-z0-9_.:-]{1,80}")  # a number, and hardly a name

accounts = AppGroup("accounts", help="Accounts whose owners cannot help themselves any more.")


def register(app: Flask) -> None:
    app.cli.add_command(accounts)


def _checked_reference(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not _REFERENCE.fullmatch(value):
        raise click.BadParameter("letters, digits and . : _ - only, with at least one digit")
    return value


def _checked_address(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    found = addresses.normalised(value) if value is not None else None
    if value is not None and found is None:
        raise click.BadParameter("this is no e-mail address")
    return found


_reference = click.option(
    "--reference", required=True, callback=_checked_reference,
    help="Number under which it is written down who asked and how they were identified. No names: it goes "
    "into the audit trail.",
)  # fmt: skip


@accounts.command("reset-factors")
@click.option("--email", required=True, callback=_checked_address, help="Address the person signs in with.")
@_reference
def reset_factors(email: str, reference: str) -> None:
    """Remove the second factors of staff or operators.

    For an operator, or the only administrator of an authority, who has lost them all. Recovery codes go too.
    They sign in with the password and set up a new factor before anything else.
    """
    with scoped(SYSTEM), unit_of_work():
        _reset_factors(_account_with(email), reference, at=clock.now())
    click.echo("Their second factors are gone. They set up a new one after signing in with the password.")


@accounts.command("lock")
@click.option("--email", required=True, callback=_checked_address, help="Address it has now.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]),
    help="Day it may have come into wrong hands: factors added from then on stay locked when it is opened.",
)  # fmt: skip
def lock(email: str, since: datetime | None) -> None:
    """Close an account to everybody at once. `accounts unlock` opens it again."""
    day = since.replace(tzinfo=UTC) if since is not None else None
    with scoped(SYSTEM), unit_of_work():
        account = _account_with(email)
        recovery.close(account, by=None, at=clock.now(), since=day)
        ending = deletion_under_way(account)
    click.echo("Locked, and signed out everywhere.")
    if ending is not None:
        click.echo(
            f"Its deletion is announced for {ending.deletes_at:%Y-%m-%d} and goes on: before that day, "
            "`accounts unlock --stop-deletion` stops it."
        )


@accounts.command("unlock")
@click.option("--email", callback=_checked_address, help="Address it has, or had before it was taken over.")
@click.option("--account", "account_id", type=click.UUID, help="Its id, when the address is not enough.")
@click.option(
    "--new-email", required=True, callback=_checked_address,
    help="Address it has from now on; the link for a new password goes there.",
)  # fmt: skip
@_reference
@click.option("--stop-deletion", is_flag=True, help="Also stop the deletion that was asked for.")
@click.option("--yes", is_flag=True, help="Do not ask whether the new address is right.")
def unlock(
    email: str | None, account_id: UUID | None, new_email: str, reference: str, stop_deletion: bool, yes: bool
) -> None:
    """Open a locked account for its owner.

    It gets another address, and the link for a new password goes there. For an account that "that was not
    me" has locked because its address belongs to another one by now.
    """
    if (email is None) is (account_id is None):
        raise click.UsageError("say either --email or --account")
    if not yes:
        click.confirm(f"Give it to whoever reads the mailbox {new_email}?", abort=True)
    with scoped(SYSTEM), unit_of_work():
        account = _locked_account(email, account_id)
        _unlock(account, new_email, reference, stops_deletion=stop_deletion, at=clock.now())
    click.echo("Open. The link for a new password is on its way and valid for an hour.")


def _reset_factors(account: Account, reference: str, *, at: datetime) -> None:
    if account.kind is AccountKind.CITIZEN:
        raise click.ClickException(
            "This is the account of a citizen. They begin anew themselves under /konto-verloren, "
            "with seven days of notices."
        )
    if account.kind is AccountKind.OPERATOR:
        reopening.reset_operator(account, reference=reference, at=at)
        return
    try:
        member = staff_member_by_account(account)
    except NotFoundError as error:
        raise click.ClickException("Nobody with this address works for an authority.") from error
    authorities.reset_factors(member, by=None, at=at, reference=reference)


def _unlock(account: Account, address: str, reference: str, *, stops_deletion: bool, at: datetime) -> None:
    _refuse_deactivated(account)
    under_way = deletion_under_way(account)
    if under_way is not None and not stops_deletion:
        raise click.ClickException(
            "Its deletion was asked for. The link in the mail about that stops it, "
            "or --stop-deletion when the owner wants that."
        )
    try:
        reopening.reopen(account, address, reference=reference, at=at)
    except ConflictError as error:
        raise click.ClickException(
            "The new address belongs to another account. Take another one, or have it given up there first."
        ) from error
    if under_way is not None:
        deletion.call_off(under_way, at=at)


def _refuse_deactivated(account: Account) -> None:
    if account.kind is not AccountKind.STAFF:
        return
    try:
        is_deactivated = staff_member_by_account(account).deactivated_at is not None
    except NotFoundError:
        return
    if is_deactivated:
        raise click.ClickException(
            "This person was deactivated at their authority. An administrator there lets them in again."
        )


def _account_with(email: str) -> Account:
    account = queries.by_email(email)
    if account is None:
        raise click.ClickException("There is no account with this address.")
    return account


def _locked_account(email: str | None, account_id: UUID | None) -> Account:
    if email is not None:
        return _only(reopening.locked_with(email))
    try:
        account = queries.get(account_id) if account_id is not None else None
    except NotFoundError:
        account = None
    if account is None or account.email is None:
        raise click.ClickException("There is no account with this id.")
    return _only([account] if account.locked_at is not None else [])


def _only(found: Sequence[Account]) -> Account:
    if not found:
        raise click.ClickException("No locked account has this address, or had it before it was taken over.")
    if len(found) > 1:
        listed = "".join(
            f"\n  {account.id}, {account.kind}, locked since {account.locked_at:%Y-%m-%d %H:%M} UTC"
            for account in found
        )
        raise click.ClickException(
            f"Several locked accounts have or had it. Say which with --account:{listed}"
        )
    return found[0]
