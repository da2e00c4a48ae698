"""From what a person typed to one place, or to what to ask next. Pure."""

import re
from dataclasses import dataclass, replace
from datetime import date

from flask_babel import gettext

from servicekonto.authorities import elsewhere, names
from servicekonto.authorities.answers import Ambiguous, Candidate, Unknown
from servicekonto.authorities.directory import AuthorityEntry, Directory, Named, Place
from servicekonto.authorities.elsewhere import Elsewhere

MAX_SUGGESTIONS = 6

_OFFICIAL_KEY = re.compile(r"(?:\d{8}|\d{12})")
_POSTCODE = re.compile(r"(?<!\d)\d{5}(?!\d)")
_PREFIX_LETTERS = 4


@dataclass(frozen=True, slots=True)
class Located:
    """``name`` is the name that was meant: a former place keeps its own; ``notes`` tell what became of it."""

    place: Place
    name: str
    notes: tuple[str, ...] = ()


Found = Located | AuthorityEntry | Ambiguous | Elsewhere | Unknown


def locate(directory: Directory, text: str, *, on: date) -> Found:
    """An ``AuthorityEntry`` means that a whole district was named."""
    text = " ".join(text[: names.MAX_LENGTH].split())
    compact = text.replace(" ", "")
    if not text:
        return Unknown(message=gettext("Bitte geben Sie einen Ort oder eine Postleitzahl ein."))
    if _OFFICIAL_KEY.fullmatch(compact):
        return _by_official_key(directory, compact, on=on)
    postcode = _POSTCODE.search(text)
    if postcode is None:
        return _by_name(directory, text, on=on)
    rest = (text[: postcode.start()] + " " + text[postcode.end() :]).strip(" -,;/")
    rest = re.sub(r"^D\b\W*", "", rest)
    return _by_postcode(directory, postcode.group(), rest, on=on)


def _by_official_key(directory: Directory, key: str, *, on: date) -> Found:
    place = next((p for p in directory.records.places if key in (p.ags, p.ars)), None)
    if place is None:
        return Unknown(
            message=gettext("Diesen Schlüssel gibt es in Hessen nicht. Bitte geben Sie den Ort ein.")
        )
    return _on_day(directory, Named(names.parse(place.name), place), on=on)


def _by_postcode(directory: Directory, postcode: str, rest: str, *, on: date) -> Found:
    places = directory.at_postcode(postcode, on=on)
    named = _by_name(directory, rest, on=on) if names.parse(rest).full else None
    if not places:
        return named if isinstance(named, Located | Ambiguous) else _unknown_postcode(directory, postcode)
    if isinstance(named, Located):
        return _check(named, postcode, [place for place, _ in places])
    if isinstance(named, Ambiguous):
        values = {candidate.value for candidate in named.candidates}
        places = [(place, main) for place, main in places if place.ags in values] or places
    if len(places) == 1 and (places[0][1] or isinstance(named, Ambiguous)):
        return Located(places[0][0], places[0][0].name)
    outside = elsewhere.by_postcode(postcode) if not any(main for _, main in places) else None
    return Ambiguous(
        question=gettext("Zur Postleitzahl %(code)s gehören mehrere Orte. Welcher ist es?", code=postcode),
        candidates=tuple(Candidate(place.ags, place.name) for place, _ in places),
        outside=_elsewhere_sentence(outside) if outside and outside.name else None,
    )


def _check(named: Located, postcode: str, places: list[Place]) -> Found:
    if named.place in places:
        return named
    return Ambiguous(
        question=gettext(
            "Die Postleitzahl %(postcode)s gehört nicht zu %(name)s. Welcher Ort ist es?",
            postcode=postcode,
            name=named.name,
        ),
        candidates=tuple(Candidate(place.ags, place.name) for place in (named.place, *places)),
    )


def _unknown_postcode(directory: Directory, postcode: str) -> Found:
    outside = elsewhere.by_postcode(postcode)
    if outside is not None:
        return outside
    return Unknown(
        message=gettext(
            "Die Postleitzahl %(postcode)s kennen wir nicht. Vielleicht gehört sie zu einem Postfach,"
            " oder der Ort liegt nicht in Hessen. Bitte prüfen Sie sie oder geben Sie den Ort ein.",
            postcode=postcode,
        ),
        suggestions=tuple(Candidate(p, p) for p in directory.postcodes_near(postcode)[:MAX_SUGGESTIONS]),
    )


def _by_name(directory: Directory, text: str, *, on: date) -> Found:
    name = names.parse(text)
    if name.full in {"", "hessen"}:
        return Unknown(message=gettext("Bitte geben Sie den Namen einer Stadt oder Gemeinde in Hessen ein."))
    exact = directory.by_full.get(name.full, [])
    if any(named.former is None for named in exact) or (exact and name.qualifier):
        return _choose(directory, exact, name, on=on)
    district = directory.district_called(text)
    if district is not None:
        return district
    matches = exact + _by_plain_name(directory, name, exact)
    outside = elsewhere.by_full_name(name)
    if outside is not None and (not matches or name.qualifier):
        return outside
    if matches:
        return _choose(directory, matches, name, on=on)
    part = None if elsewhere.is_addition(name) else _part_of(directory, name, text, on=on)
    return part or _suggest(directory, name, on=on)


def _by_plain_name(directory: Directory, name: names.Name, exact: list[Named]) -> list[Named]:
    """Places that are called so with an addition, or without the addition that was typed."""
    same_base = [n for n in directory.by_base.get(name.base, ()) if _compatible(n.name, name)]
    if not name.qualifier and not exact:
        same_base += [n for n in directory.named if _starts_with_words(n, name)]
    return [named for named in same_base if named not in exact]


def _compatible(known: names.Name, asked: names.Name) -> bool:
    """ "Hanau am Main" is Hanau; "Frankfurt (Oder)" is not Frankfurt am Main."""
    return not (known.qualifier and asked.qualifier) or known.qualifier.startswith(asked.qualifier)


def _starts_with_words(named: Named, asked: names.Name) -> bool:
    """ "Bad Soden" may be Bad Soden-Salmünster, but "Hanau" is not a part called "Hanau-West"."""
    known = named.name.words
    return named.former is None and len(known) > len(asked.words) and known[: len(asked.words)] == asked.words


def _part_of(directory: Directory, name: names.Name, text: str, *, on: date) -> Found | None:
    """ "Hanau-Steinheim": the longest beginning that is a municipality."""
    for length in range(len(name.words) - 1, 0, -1):
        beginning, rest = "".join(name.words[:length]), "".join(name.words[length:])
        found = directory.by_full.get(beginning) or directory.by_base.get(beginning) or []
        municipalities = [n for n in found if n.former is None]
        if not municipalities or len(beginning) < _PREFIX_LETTERS:
            continue
        ags = {n.place.ags for n in municipalities}
        parts = [n for n in directory.by_base.get(rest, ()) if n.former and n.place.ags in ags]
        located = _choose(directory, parts or municipalities, name, on=on)
        if isinstance(located, Located) and not parts:
            understood = gettext(
                "Wir haben %(text)s als %(place)s verstanden.", text=text, place=located.name
            )
            return replace(located, notes=(understood, *located.notes))
        return located
    return None


def _choose(directory: Directory, matches: list[Named], name: names.Name, *, on: date) -> Found:
    """One place, or the question which one. A well-known place elsewhere of the same name is mentioned."""
    chosen = _distinct(_of_that_day(_spelled_the_same(matches, name), on=on))
    outside = elsewhere.namesake(name)
    if len(chosen) == 1 and outside is None:
        return _on_day(directory, chosen[0], on=on)
    return Ambiguous(
        question=gettext("Diesen Ortsnamen gibt es mehrmals. Welcher Ort ist es?"),
        candidates=tuple(_candidate(directory, named) for named in chosen),
        outside=_elsewhere_sentence(outside) if outside else None,
    )


def _spelled_the_same(matches: list[Named], name: names.Name) -> list[Named]:
    """ "Altenstadt" is not Altenstädt, although both fold to the same."""
    return [n for n in matches if n.name.spelling.startswith(name.spelling)] or matches


def _distinct(matches: list[Named]) -> list[Named]:
    """Municipalities first; a former place of the same name inside one of them is no other answer."""
    municipalities = {n.place.ags: n for n in matches if n.former is None}
    former = {n.label: n for n in matches if n.former is not None and n.place.ags not in municipalities}
    return sorted(municipalities.values(), key=_size) + sorted(former.values(), key=_size)


def _size(named: Named) -> int:
    return -(named.place.population or 0)


def _candidate(directory: Directory, named: Named) -> Candidate:
    return Candidate(named.label if named.former else named.place.ags, _label(directory, named))


def _of_that_day(matches: list[Named], *, on: date) -> list[Named]:
    """Of two rows of one municipality (Hanau before and since 2026) the one of that day."""
    valid = [n for n in matches if n.former is not None or n.place.valid(on)]
    return valid or matches


def _label(directory: Directory, named: Named) -> str:
    if named.former is not None:
        return str(
            gettext("%(part)s, heute Teil von %(name)s", part=named.former.name, name=named.place.name)
        )
    district = directory.authority(named.place.district_authority_key)
    if district.key == named.place.authority_key:
        return named.place.name
    return f"{named.place.name}, {district.territory}"


def _on_day(directory: Directory, named: Named, *, on: date) -> Found:
    places = directory.on_day(named.place, on=on)
    if len(places) != 1:
        return Ambiguous(
            question=gettext("%(name)s gab es damals noch nicht. Welcher Ort ist es?", name=named.place.name),
            candidates=tuple(Candidate(place.ags, place.name) for place in places),
        )
    place = places[0]
    if named.former is not None:
        return Located(
            place, named.former.name, (_former_note(named.former.name, named.former.since, place),)
        )
    if place.name != named.place.name and named.place.valid_to is not None:
        since = named.place.valid_to.isoformat()
        return Located(place, named.place.name, (_former_note(named.place.name, since, place),))
    return Located(place, place.name)


def _former_note(name: str, since: str | None, place: Place) -> str:
    values = {"name": name, "place": place.name}
    if since is None:
        note = gettext("%(name)s ist ein Teil von %(place)s.", **values)
    elif len(since) == len("1974"):
        note = gettext("%(name)s gehört seit %(year)s zu %(place)s.", year=since, **values)
    else:
        day = f"{date.fromisoformat(since):%d.%m.%Y}"
        note = gettext("%(name)s gehört seit dem %(day)s zu %(place)s.", day=day, **values)
    return str(note)


def _elsewhere_sentence(place: Elsewhere) -> str:
    return str(gettext("Meinen Sie %(place)s? Dieser Ort liegt nicht in Hessen.", place=place.label))


def _suggest(directory: Directory, name: names.Name, *, on: date) -> Unknown:
    """Municipalities and parts whose name begins like this, contains it, or differs by a typing mistake."""
    ranked: list[tuple[int, int, Candidate]] = []
    for named in directory.named:
        rank = _rank(named.name, name)
        if rank is not None and (named.former is not None or named.place.valid(on)):
            size = 0 if named.former else _size(named)
            ranked.append((rank, size, _candidate(directory, named)))
    if len(name.full) > _PREFIX_LETTERS:
        ranked += [(1, 0, Candidate(place.name, place.label)) for place in elsewhere.similar(name)]
    ranked.sort(key=lambda entry: entry[:2])
    near = [candidate for rank, _, candidate in ranked if rank <= ranked[0][0] + 1]
    suggestions = tuple(dict.fromkeys(near))[:MAX_SUGGESTIONS]
    if suggestions:
        message = gettext("Diesen Ort kennen wir so nicht. Meinen Sie einen von diesen?")
        return Unknown(message=message, suggestions=suggestions)
    return Unknown(
        message=gettext(
            "Diesen Ort finden wir in Hessen nicht. Bitte prüfen Sie die Schreibweise oder geben Sie die"
            " Postleitzahl ein. Bei einem Stadtteil hilft der Name der Stadt oder Gemeinde."
        )
    )


def _rank(known: names.Name, asked: names.Name) -> int | None:
    """Small is near; None is too far."""
    if len(asked.full) < 3:
        return None
    limit = 1 if len(asked.full) < 8 else 2
    nearest = min(names.distance(asked.full, key, limit=limit) for key in {known.full, known.base})
    if nearest <= limit:
        return nearest
    if len(asked.full) >= _PREFIX_LETTERS and asked.full in known.words:
        return 1
    return 2 if known.full.startswith(asked.full) else None
