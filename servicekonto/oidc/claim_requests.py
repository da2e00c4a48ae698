"""The ``claims`` parameter (OpenID Connect Core § 5.5): single facts, where they are to be delivered, and
which of them the website cannot do without.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from servicekonto.oidc import claims

PLACES = ("userinfo", "id_token")
LONGEST_LIST = 100


class MalformedError(ValueError):
    """Not what § 5.5 describes."""


@dataclass(frozen=True, kw_only=True)
class ClaimRequests:
    """``userinfo`` and ``id_token``: names of claims about the person, in the order of the table.
    ``essential``: among those. ``acr_values`` in order of preference. ``sub``: only this person will do.
    """

    userinfo: tuple[str, ...] = ()
    id_token: tuple[str, ...] = ()
    essential: frozenset[str] = frozenset()
    acr_values: tuple[str, ...] = ()
    acr_is_essential: bool = False
    sub: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in claims.BY_NAME if name in {*self.userinfo, *self.id_token})

    def allowed(self, names: Collection[str]) -> dict[str, list[str]] | None:
        """What of it may be delivered, by place; None where nothing is."""
        found = {place: [name for name in getattr(self, place) if name in names] for place in PLACES}
        return found if any(found.values()) else None


def read(text: str | None, *, scopes: Collection[str]) -> ClaimRequests:
    """Unknown claims are ignored, and those that belong to none of ``scopes``: a website gets nothing by this
    way that it may not ask for by the other. Raises MalformedError.
    """
    if text is None:
        return ClaimRequests()
    asked = _parsed(text)
    names = claims.names_of(scopes)
    by_place = {
        place: [name for name in claims.BY_NAME if name in names & asked[place].keys()] for place in PLACES
    }
    acr = asked["id_token"].get("acr") or {}
    return ClaimRequests(
        userinfo=tuple(by_place["userinfo"]),
        id_token=tuple(by_place["id_token"]),
        essential=frozenset(
            name
            for place in PLACES
            for name in by_place[place]
            if (asked[place][name] or {}).get("essential")
        ),
        acr_values=tuple(_texts(acr)),
        acr_is_essential=bool(acr.get("essential")) and bool(_values(acr)),
        sub=_sub(asked),
    )


def _parsed(text: str) -> dict[str, dict[str, dict[str, Any] | None]]:
    try:
        given = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise MalformedError("claims is no JSON") from error
    if not isinstance(given, dict):
        raise MalformedError("claims is no object")
    return {place: _place(given.get(place)) for place in PLACES}


def _place(given: object) -> dict[str, dict[str, Any] | None]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise MalformedError("a member of claims is no object")
    for request in given.values():
        _assert_well_formed(request)
    return given


def _assert_well_formed(request: object) -> None:
    if request is None:
        return
    if not isinstance(request, dict):
        raise MalformedError("a request for a claim is no object")
    if not isinstance(request.get("essential", False), bool):
        raise MalformedError("essential is true or false")
    values = request.get("values", [None])
    if not isinstance(values, list) or not 1 <= len(values) <= LONGEST_LIST:
        raise MalformedError("values is a list")
    if "value" in request and "values" in request:
        raise MalformedError("value and values exclude each other")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two members with one name, some read the first and some the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise MalformedError("a member is there more than once")
    return found


def _refuse(_constant: str) -> None:
    """NaN and its like are no JSON."""
    raise MalformedError("claims is no JSON")


def _values(request: Mapping[str, Any]) -> list[Any]:
    return [request["value"]] if "value" in request else request.get("values", [])


def _texts(request: Mapping[str, Any]) -> Iterator[str]:
    return (value for value in _values(request) if isinstance(value, str))


def _sub(asked: Mapping[str, Mapping[str, Any]]) -> str | None:
    """§ 5.5.1: a request for a particular ``sub`` succeeds for this person alone."""
    found = {json.dumps(value) for place in PLACES for value in _values(asked[place].get("sub") or {})}
    if len(found) > 1:
        raise MalformedError("more than one sub")
    return str(json.loads(found.pop())) if found else None
