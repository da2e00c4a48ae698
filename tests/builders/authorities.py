"""Authorities as packaged, and invented people who work there."""

import functools
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from servicekonto.accounts.models import AccountKind
from servicekonto.authorities import commands, importer, queries, reference
from servicekonto.authorities.directory import Directory
from servicekonto.authorities.kinds import Role
from servicekonto.authorities.models import StaffMember
from servicekonto.core.db import unit_of_work
from tests.builders.accounts import create_account

SOME_DAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@functools.cache
def packaged_directory() -> Directory:
    """The packaged data without a database."""
    return Directory(reference.read())


def import_authorities() -> importer.Summary:
    with unit_of_work():
        return importer.import_reference_data(at=SOME_DAY)


def create_staff_member(
    *,
    authority: str = "hanau",
    units: Collection[str] = ("registry_office",),
    roles: Collection[Role] = (Role.CLERK,),
    display_name: str = "Sabine Beispiel",
    **account: Any,
) -> StaffMember:
    """Needs ``import_authorities`` before it."""
    person = create_account(kind=AccountKind.STAFF, **account)
    with unit_of_work():
        found = queries.get_authority(authority)
        return commands.add_staff_member(
            person,
            found,
            [queries.get_unit(found, key) for key in units],
            roles,
            display_name=display_name,
            by=None,
            at=SOME_DAY,
        )
