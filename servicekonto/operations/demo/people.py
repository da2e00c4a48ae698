"""Everybody here is invented. Addresses end in example.org, which belongs to nobody (RFC 2606)."""

from dataclasses import dataclass, replace
from datetime import date

from servicekonto.accounts.models import AssuranceLevel
from servicekonto.authorities.kinds import Role

CITIZEN_PASSWORD = "Sonnige-Wege-am-Main-63"  # noqa: S105 - printed for everybody who tries the demonstration
STAFF_PASSWORD = "Akten-mit-Ruhe-lesen-17"  # noqa: S105
OPERATOR_PASSWORD = "Maschinenraum-bei-Nacht-4"  # noqa: S105


@dataclass(frozen=True, kw_only=True)
class Citizen:
    """``label`` makes it one of the accounts to sign in to with one click."""

    given_names: str
    family_name: str
    born: date
    birth_place: str
    street: str
    house_number: str
    postcode: str
    place: str
    label: str | None = None
    level: AssuranceLevel = AssuranceLevel.BASIC
    has_totp: bool = False
    has_passkey: bool = False

    @property
    def email(self) -> str:
        plain = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", " ": "-"})
        local = f"{self.given_names.split()[0]}.{self.family_name}".lower().translate(plain)
        return f"{local}@example.org"

    @property
    def name(self) -> str:
        return f"{self.given_names} {self.family_name}"


@dataclass(frozen=True, kw_only=True)
class Employee:
    name: str
    email: str
    authority: str
    unit: str
    roles: tuple[Role, ...]
    label: str


LABELLED = (
    Citizen(
        given_names="Erika", family_name="Mustermann", born=date(1983, 8, 12), birth_place="Hanau",
        street="Beispielweg", house_number="7", postcode="63450", place="Hanau",
        label="Erika Mustermann, mit Entwurf und laufenden Anträgen",
    ),
    Citizen(
        given_names="Jonas", family_name="Beispiel", born=date(1996, 3, 4), birth_place="Kassel",
        street="Probeallee", house_number="12a", postcode="34117", place="Kassel",
        label="Jonas Beispiel, mit einer Entscheidung im Postfach",
    ),
    Citizen(
        given_names="Aylin", family_name="Mustergül", born=date(2001, 11, 30), birth_place="Gelnhausen",
        street="Testgasse", house_number="3", postcode="63571", place="Gelnhausen",
        label="Aylin Mustergül, noch ohne Antrag",
    ),
    Citizen(
        given_names="Nils", family_name="Beispielhuber", born=date(1988, 5, 17), birth_place="Fulda",
        street="Probeweg", house_number="21", postcode="36037", place="Fulda",
        label="Nils Beispielhuber, wartet auf einen Platz bei der Regionalkonferenz",
    ),
    Citizen(
        given_names="Lotte", family_name="Niedrig-Muster", born=date(1979, 1, 9), birth_place="Marburg",
        street="Beispielweg", house_number="30", postcode="35037", place="Marburg",
        label="Lotte Niedrig-Muster, Identität niedrig", level=AssuranceLevel.LOW,
    ),
    Citizen(
        given_names="Samir", family_name="Mustermeier", born=date(1990, 6, 23), birth_place="Gießen",
        street="Probegasse", house_number="5", postcode="35390", place="Gießen",
        label="Samir Mustermeier, Identität substanziell, mit Einmalcodes",
        level=AssuranceLevel.SUBSTANTIAL, has_totp=True,
    ),
    Citizen(
        given_names="Hanne", family_name="Hochbeispiel", born=date(1968, 10, 2), birth_place="Wetzlar",
        street="Testallee", house_number="14", postcode="35576", place="Wetzlar",
        label="Hanne Hochbeispiel, Identität hoch, mit Passkey",
        level=AssuranceLevel.HIGH, has_passkey=True,
    ),
)  # fmt: skip

_GIVEN = (
    "Anna Lena", "Björn", "Cem", "Dörte", "Emil", "Fatma", "Günther", "Hélène", "Ivo", "Jana", "Karl-Heinz",
    "Leyla", "Mirko", "Nele", "Otto", "Paula", "Quirin", "Rosa", "Sönke", "Tülay", "Ulrike", "Volker",
)  # fmt: skip
_FAMILY = (
    "Musterfrau", "Probst-Beispiel", "Testmann", "Vorlage", "Entwurf", "Demirmuster", "Schablone", "Exempel",
    "Platzhalter", "Muster", "Modell", "Weißmuster", "Übungsmann", "Attrappe", "Kostprobe", "Lehrstück",
)  # fmt: skip
_PLACES = (("63450", "Hanau"), ("34117", "Kassel"), ("63571", "Gelnhausen"), ("60311", "Frankfurt am Main"))


def further_citizens(count: int) -> list[Citizen]:
    """The same people every time."""
    return [_citizen(number) for number in range(count)]


VARIETY = len(_GIVEN) * len(_FAMILY) * (len(_FAMILY) - 1)


def one_of_many(number: int) -> Citizen:
    """One of ``VARIETY`` different people, most of them with two family names."""
    position, second = divmod(number % VARIETY, len(_FAMILY) - 1)
    citizen = _citizen(position)
    others = [name for name in _FAMILY if name != citizen.family_name]
    return replace(citizen, family_name=f"{citizen.family_name} {others[second]}")


def _citizen(number: int) -> Citizen:
    postcode, place = _PLACES[number % len(_PLACES)]
    return Citizen(
        given_names=_GIVEN[number % len(_GIVEN)],
        family_name=_FAMILY[(number * 7 + number // len(_GIVEN)) % len(_FAMILY)],
        born=date(1950 + (number * 13) % 55, 1 + (number * 5) % 12, 1 + (number * 11) % 28),
        birth_place=_PLACES[number % 3][1],
        street=("Musterstraße", "Am Beispiel", "Erfundener Weg", "Nirgendwoplatz")[number % 4],
        house_number=str(1 + (number * 3) % 89),
        postcode=postcode,
        place=place,
    )


_REGISTRIES = (("hanau", "Hanau"), ("kassel", "Kassel"), ("gelnhausen", "Gelnhausen"))
_CLERKS = ("Sabine Sorgfalt", "Yusuf Aktenkundig", "Petra Gründlich")
_SECOND_CLERKS = ("Lars Stempel", "Ewa Ordnung", "Timo Ablage")
_APPROVERS = ("Dr. Martina Vierauge", "Hasan Gegenzeichen", "Ruth Freigabe")


def employees() -> list[Employee]:
    """A clerk, a second one and an approver for each registry, one clerk of another unit, and who holds the
    conference.
    """
    found = []
    for position, (authority, place) in enumerate(_REGISTRIES):
        for prefix, names, roles, title in (
            ("standesamt", _CLERKS, (Role.CLERK,), "Sachbearbeitung"),
            ("standesamt2", _SECOND_CLERKS, (Role.CLERK,), "Sachbearbeitung 2"),
            ("leitung", _APPROVERS, (Role.APPROVER, Role.AUTHORITY_ADMINISTRATOR), "Freigabe"),
        ):
            found.append(
                Employee(
                    name=names[position],
                    email=f"{prefix}.{place.lower()}@example.org",
                    authority=authority,
                    unit="registry_office",
                    roles=roles,
                    label=f"{place}: {title} im Standesamt ({names[position]})",
                )
            )
    found.append(
        Employee(
            name="Gerd Reisefern", email="passamt.hanau@example.org", authority="hanau",
            unit="passport_office", roles=(Role.CLERK, Role.IDENTITY_OFFICER),
        label="Hanau: Passamt (Gerd Reisefern)", )
    )  # fmt: skip
    found.append(
        Employee(
            name="Nora Tagung", email=CONFERENCE_EMAIL, authority="hmd", unit="regional_conference",
            roles=(Role.CLERK, Role.AUTHORITY_ADMINISTRATOR),
            label="Ministerium: Regionalkonferenzen (Nora Tagung)",
        )
    )  # fmt: skip
    return found


CONFERENCE_EMAIL = "konferenz.hmd@example.org"
OPERATOR_EMAIL = "betrieb@example.org"
OPERATOR_LABEL = "Betrieb der Plattform"


def people_with_app() -> list[tuple[str, str]]:
    """Label and address of whoever needs a one-time code to sign in by hand."""
    return [
        *((citizen.label or "", citizen.email) for citizen in LABELLED if citizen.has_totp),
        *((employee.label, employee.email) for employee in employees()),
        (OPERATOR_LABEL, OPERATOR_EMAIL),
    ]
