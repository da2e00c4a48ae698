"""``flask authorities …`` and ``flask staff …``"""

import click
from flask import Flask
from flask.cli import AppGroup

from servicekonto.accounts import addresses
from servicekonto.accounts import queries as accounts
from servicekonto.authorities import commands, invitations, queries
from servicekonto.authorities.importer import import_reference_data, number_of_rows
from servicekonto.authorities.kinds import Role
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.core.errors import InvalidInputError, NotFoundError, ThrottledError
from servicekonto.core.scope import SYSTEM, scoped

authorities_group = AppGroup("authorities", help="Authorities, municipalities and who is competent for what.")
staff_group = AppGroup("staff", help="Who works for an authority.")


def register(app: Flask) -> None:
    app.cli.add_command(authorities_group)
    app.cli.add_command(staff_group)


@authorities_group.command("import")
def import_command() -> None:
    """Bring the packaged reference data into the database. Repeating it changes nothing."""
    with (
        scoped(SYSTEM),
        unit_of_work(),
        click.progressbar(length=number_of_rows(), label="Authorities and places") as bar,
    ):
        summary = import_reference_data(at=clock.now(), progress=bar.update)
    click.echo(f"{summary.added} added, {summary.changed} changed, {summary.removed} removed")


@staff_group.command("invite")
@click.option("--authority", "authority_key", required=True, help="Key of the authority, for example hanau.")
@click.option("--email", required=True, help="Where the link goes; the address to sign in with.")
@click.option("--name", required=True, help="As colleagues see it.")
@click.option(
    "--role", "roles", multiple=True, type=click.Choice([role.value for role in Role]),
    default=[Role.AUTHORITY_ADMINISTRATOR.value], show_default=True, help="May be given several times.",
)  # fmt: skip
@click.option("--unit", "unit_keys", multiple=True, help="Key of a unit. May be given several times.")
def invite(
    authority_key: str, email: str, name: str, roles: tuple[str, ...], unit_keys: tuple[str, ...]
) -> None:
    """Invite somebody by mail. Without --role: an administrator, who invites the others."""
    address = addresses.normalised(email)
    if address is None:
        raise click.BadParameter("this is no e-mail address", param_hint="--email")
    try:
        with scoped(SYSTEM), unit_of_work():
            authority = queries.get_authority(authority_key)
            invitations.invite(
                authority,
                address,
                display_name=name.strip(),
                units=[queries.get_unit(authority, key) for key in unit_keys],
                roles=[Role(role) for role in roles],
                by=None,
                at=clock.now(),
            )
    except NotFoundError as error:
        raise click.ClickException(f"There is no {error}.") from error
    except InvalidInputError as error:
        raise click.ClickException(" ".join(error.errors.values())) from error
    except ThrottledError as error:
        raise click.ClickException("This address has had five mails today.") from error
    click.echo(f"Invited. The link is valid for {invitations.VALIDITY.days} days.")


@staff_group.command("deactivate")
@click.option("--email", required=True, help="Address the person signs in with.")
def deactivate(email: str) -> None:
    """Sign somebody out at once and for good. Works for the last administrator too."""
    try:
        with scoped(SYSTEM), unit_of_work():
            account = accounts.by_email(addresses.normalised(email) or "")
            if account is None:
                raise NotFoundError("account")
            member = queries.staff_member_by_account(account)
            commands.deactivate_staff_member(member, by=None, at=clock.now())
    except NotFoundError as error:
        raise click.ClickException("Nobody with this address works for an authority.") from error
    click.echo("Deactivated.")
