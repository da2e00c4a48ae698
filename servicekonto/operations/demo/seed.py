"""Fills an empty demonstration. Running it again changes nothing; the same database gets the same data."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from servicekonto.accounts import addresses, passwords
from servicekonto.accounts import commands as accounts
from servicekonto.accounts import queries as account_queries
from servicekonto.accounts.models import Account, AccountKind
from servicekonto.authorities import queries as authorities
from servicekonto.authorities.commands import add_staff_member
from servicekonto.authorities.models import StaffMember
from servicekonto.catalogue import queries as catalogue
from servicekonto.catalogue.commands import put_online
from servicekonto.core import clock
from servicekonto.data_protection.commands import consents
from servicekonto.data_protection.purposes import Purpose
from servicekonto.operations.demo import conference, conversations, people, security, websites
from servicekonto.operations.demo.people import Citizen
from servicekonto.operations.demo.requests import Registry, Writer
from servicekonto.service_requests.status import Status

SERVICE = "geburtsurkunde"
FURTHER_CITIZENS = 24
ONLINE = {"registry_office": SERVICE, "regional_conference": conference.SERVICE}
HOW_MANY = {Status.RECEIVED: 20, Status.IN_REVIEW: 15, Status.DECISION_PROPOSED: 9, Status.NOTIFIED: 16}

Progress = Callable[[int], None]


@dataclass
class Seed:
    """``at`` is today's noon or so; everything happened in the weeks before."""

    at: datetime
    progress: Progress
    dice: random.Random = field(default_factory=lambda: random.Random(20261122))  # noqa: S311 - no secret
    citizens: list[tuple[Citizen, Account]] = field(default_factory=list)
    staff: dict[str, StaffMember] = field(default_factory=dict)

    def run(self) -> bool:
        """False when the demonstration is there already."""
        websites.register_all(at=self.at)
        if account_queries.by_email(people.OPERATOR_EMAIL) is not None:
            return False
        self._operator()
        self._staff()
        self._citizens()
        self._requests()
        self._conference()
        return True

    def _operator(self) -> None:
        operator = self._account(
            people.OPERATOR_EMAIL, AccountKind.OPERATOR, people.OPERATOR_PASSWORD, people.OPERATOR_LABEL
        )
        security.give_totp(operator, at=self.at)

    def _staff(self) -> None:
        encoded = passwords.hash_password(people.STAFF_PASSWORD)
        for employee in people.employees():
            account = self._account(employee.email, AccountKind.STAFF, None, employee.label, encoded)
            security.give_totp(account, at=self.at)
            authority = authorities.get_authority(employee.authority)
            unit = authorities.get_unit(authority, employee.unit)
            self.staff[employee.email] = add_staff_member(
                account, authority, [unit], employee.roles, display_name=employee.name, by=None, at=self.at
            )
            if employee.unit in ONLINE:
                from_day = clock.local_date(self.at) - timedelta(days=365)
                put_online(ONLINE[employee.unit], authority, unit, from_day=from_day, by=None, at=self.at)
            self.progress(1)

    def _citizens(self) -> None:
        encoded = passwords.hash_password(people.CITIZEN_PASSWORD)
        for citizen in (*people.LABELLED, *people.further_citizens(FURTHER_CITIZENS)):
            account = self._account(citizen.email, AccountKind.CITIZEN, None, citizen.label, encoded)
            consents.give(account, Purpose.PERMANENT_STORAGE, by=account, at=self.at)
            accounts.save_personal_data(account, _known(citizen), by=account, at=self.at)
            security.equip(citizen, account, at=self.at)
            self.citizens.append((citizen, account))
            self.progress(1)

    def _requests(self) -> None:
        service = catalogue.published_service(SERVICE, clock.today())
        writer = Writer(definition=service.definition, version_id=service.version_id, dice=self.dice)
        registries = [_registry(place, self.staff) for place in ("Hanau", "Kassel", "Gelnhausen")]
        wanted = [status for status, count in HOW_MANY.items() for _ in range(count)]
        self.dice.shuffle(wanted)
        others = [pair for pair in self.citizens if pair[0].label is None]
        for number, status in enumerate(wanted):
            citizen, account = others[number % len(others)]
            at = self.at - timedelta(days=4 + self.dice.randint(0, 30), hours=self.dice.randint(0, 9))
            writer.request(citizen, account, registries[number % 3], status, at=at)
            self.progress(1)
        self._labelled_requests(writer, registries)

    def _labelled_requests(self, writer: Writer, registries: list[Registry]) -> None:
        erika, jonas = self.citizens[0], self.citizens[1]
        writer.draft(*erika, "Hanau", at=self.at - timedelta(hours=3), pages=4)
        writer.request(*erika, registries[0], Status.RECEIVED, at=self.at - timedelta(days=1))
        writer.request(*erika, registries[2], Status.IN_REVIEW, at=self.at - timedelta(days=9))
        writer.request(*jonas, registries[1], Status.NOTIFIED, at=self.at - timedelta(days=12))
        hanau = registries[0]
        discussed = writer.request(*erika, hanau, Status.RECEIVED, at=self.at - timedelta(days=5))
        conversations.talk_about(discussed, hanau.clerk, at=self.at - timedelta(days=4))
        conversations.write_texts(hanau.clerk, at=self.at - timedelta(days=20))
        conversations.save_views(hanau.clerk, at=self.at - timedelta(days=20))

    def _conference(self) -> None:
        """Erika and somebody from a registry have places; among those who wait is one to sign in as."""
        others = [pair for pair in self.citizens if pair[0].label is None]
        clerk = self.staff["standesamt.hanau@example.org"]
        given_names, family_name = (clerk.display_name or "").split(" ", 1)
        places = conference.PLACES - 1
        coming = [self.citizens[0], *others[: places - 1], self.citizens[3], *others[places - 1 :]]
        conference.fill(
            [
                (given_names, family_name, clerk.account),
                *((citizen.given_names, citizen.family_name, account) for citizen, account in coming),
            ],
            self.staff[people.CONFERENCE_EMAIL],
            at=self.at - timedelta(days=40),
        )

    def _account(
        self, email: str, kind: AccountKind, password: str | None, label: str | None, encoded: str = ""
    ) -> Account:
        return accounts.create_account(
            addresses.normalised(email) or email,
            kind=kind,
            encoded_hash=encoded or passwords.hash_password(password or ""),
            by=None,
            at=self.at,
            demo_label=label,
        )


def steps() -> int:
    """For the progress bar."""
    return len(people.employees()) + len(people.LABELLED) + FURTHER_CITIZENS + sum(HOW_MANY.values())


def account_list(base_url: str) -> dict[str, Any]:
    """What a tester, or a test, needs to sign in."""
    return {
        "base_url": base_url,
        "citizens": [
            {
                "email": citizen.email,
                "password": people.CITIZEN_PASSWORD,
                "name": citizen.name,
                "label": citizen.label,
                "level": citizen.level.value,
                **security.shown(
                    citizen.email,
                    has_totp=citizen.has_totp,
                    passkey_of=account_queries.by_email(citizen.email) if citizen.has_passkey else None,
                ),
            }
            for citizen in people.LABELLED
        ],
        "staff": [
            {
                "email": employee.email,
                "password": people.STAFF_PASSWORD,
                "name": employee.name,
                "authority": authorities.get_authority(employee.authority).name,
                "units": [employee.unit],
                "roles": [role.value for role in employee.roles],
                "label": employee.label,
                **security.shown(employee.email, has_totp=True),
            }
            for employee in people.employees()
        ],
        "operators": [
            {
                "email": people.OPERATOR_EMAIL,
                "password": people.OPERATOR_PASSWORD,
                "label": people.OPERATOR_LABEL,
                **security.shown(people.OPERATOR_EMAIL, has_totp=True),
            }
        ],
        "clients": websites.shown(),
    }


def _registry(place: str, staff: dict[str, StaffMember]) -> Registry:
    name = place.lower()
    return Registry(
        place=place,
        clerk=staff[f"standesamt.{name}@example.org"],
        second_clerk=staff[f"standesamt2.{name}@example.org"],
        approver=staff[f"leitung.{name}@example.org"],
    )


def _known(citizen: Citizen) -> dict[str, object]:
    return {
        "given_names": citizen.given_names,
        "family_name": citizen.family_name,
        "birth_date": citizen.born.isoformat(),
        "birth_place": citizen.birth_place,
        "address": {
            "street": citizen.street,
            "house_number": citizen.house_number,
            "postcode": citizen.postcode,
            "place": citizen.place,
            "country": "DE",
        },
    }
