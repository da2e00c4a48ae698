"""Who is competent, and the sentence that says why. Pure: rules and a directory in, an answer out."""

from datetime import date

from flask_babel import gettext

from servicekonto.authorities.answers import (
    Ambiguous,
    Answer,
    Candidate,
    Competent,
    Outside,
    OutsideKind,
    Unknown,
)
from servicekonto.authorities.directory import AuthorityEntry, Directory, Place
from servicekonto.authorities.elsewhere import Elsewhere
from servicekonto.authorities.kinds import Certainty, MunicipalityKind
from servicekonto.authorities.places import Located, locate
from servicekonto.authorities.rules import Level, Rule, rule


def find(directory: Directory, rule_key: str, place: str, *, on: date) -> Answer:
    """``place`` is what a person typed (a name, a postcode, both) or the value of a ``Candidate``."""
    asked = rule(rule_key)
    if asked.level is Level.FIXED and not place.strip():
        return _competent(directory, asked, directory.authority(asked.authority or ""))
    found = locate(directory, place, on=on)
    match found:
        case Located():
            return _at_place(directory, asked, found)
        case AuthorityEntry():
            return _ask_within(directory, found, on=on)
        case Elsewhere():
            return _outside(asked, found)
        case Ambiguous() | Unknown():
            return found


def find_place(directory: Directory, text: str, *, on: date) -> Located | Ambiguous | Outside | Unknown:
    """Only the place; a district is asked for its municipality."""
    found = locate(directory, text, on=on)
    match found:
        case AuthorityEntry():
            return _ask_within(directory, found, on=on)
        case Elsewhere():
            return _outside(None, found)
        case _:
            return found


def authority_for(directory: Directory, asked: Rule, place: Place) -> tuple[AuthorityEntry, Certainty]:
    """The one authority that decides for a place. Every rule has one for every municipality."""
    match asked.level:
        case Level.MUNICIPALITY:
            return directory.authority(place.authority_key), asked.certainty
        case Level.DISTRICT:
            return directory.authority(place.district_authority_key), asked.certainty
        case Level.REGIONAL_COUNCIL:
            return directory.regional_council_of(place), asked.certainty
        case Level.FIXED:
            return directory.authority(asked.authority or ""), asked.certainty
        case Level.TASK:
            assert asked.task is not None  # noqa: S101 - checked when the rules are read
            entry = directory.competence(place, asked.task)
            return directory.authority(entry.authority_key), entry.certainty


def _at_place(directory: Directory, asked: Rule, located: Located) -> Competent | Unknown:
    place = located.place
    if place.kind is MunicipalityKind.UNINCORPORATED_AREA and asked.level is Level.MUNICIPALITY:
        return Unknown(
            message=gettext(
                "%(place)s ist ein gemeindefreies Gebiet. Dort gibt es keine Gemeinde."
                " Bitte geben Sie den Nachbarort ein.",
                place=place.name,
            )
        )
    authority, certainty = authority_for(directory, asked, place)
    return _competent(directory, asked, authority, located=located, certainty=certainty)


def _competent(
    directory: Directory,
    asked: Rule,
    authority: AuthorityEntry,
    *,
    located: Located | None = None,
    certainty: Certainty = Certainty.SOURCE_FOUND,
) -> Competent | Unknown:
    unit = directory.unit(authority.key, asked.unit_key)
    if unit is None:
        return Unknown(message=gettext("Für diesen Ort ist uns noch keine zuständige Stelle bekannt."))
    place = located.place if located else None
    merged = located is not None and place is not None and located.name != place.name
    template = asked.merged if merged and asked.merged else asked.sentence_for(authority.kind)
    sentence = gettext(template).format(
        place=located.name if located else gettext("Hessen"),
        seat=place.name if place and asked.level is Level.MUNICIPALITY else authority.city,
        authority=authority.name,
        of_authority=authority.genitive,
        source=gettext(asked.source),
        region="",
    )
    notes = (*(located.notes if located else ()), *_cautions(asked, certainty))
    return Competent(
        authority=authority,
        unit=unit,
        place=place,
        sentence=sentence,
        source=gettext(asked.source),
        notes=notes,
    )


def _cautions(asked: Rule, certainty: Certainty) -> list[str]:
    cautions = [gettext(asked.caveat)] if asked.caveat else []
    if certainty is Certainty.UNCERTAIN:
        cautions.append(
            gettext(
                "Diese Zuordnung ist noch nicht amtlich bestätigt."
                " Im Zweifel leitet die Behörde Ihren Antrag weiter."
            )
        )
    return cautions


def _ask_within(directory: Directory, district: AuthorityEntry, *, on: date) -> Ambiguous:
    municipalities = directory.municipalities_of(district, on=on)
    return Ambiguous(
        question=gettext("Das ist ein Landkreis. In welcher Stadt oder Gemeinde?"),
        candidates=tuple(Candidate(place.ags, place.name) for place in municipalities),
    )


def _outside(asked: Rule | None, found: Elsewhere) -> Outside:
    if found.kind is OutsideKind.ABROAD:
        template = (asked and asked.abroad) or gettext(
            "Dieser Ort liegt im Ausland ({region}). Behörden in Hessen sind dafür nicht zuständig."
        )
    else:
        template = (asked and asked.elsewhere) or gettext(
            "{place} liegt nicht in Hessen. Zuständig ist die Behörde dort. Die Behördennummer 115 nennt"
            " Ihnen die Anschrift."
        )
    place = gettext("Die Postleitzahl %(code)s", code=found.name) if found.is_only_a_postcode else found.label
    message = gettext(template).format(place=place, region=found.region_name)
    return Outside(kind=found.kind, message=message)
