"""What websites are called that an entry is about. A package above knows them."""

from collections.abc import Callable, Collection, Mapping
from uuid import UUID

Names = Callable[[Collection[UUID]], Mapping[UUID, str]]

_known: list[Names] = []


def ask(names: Names) -> None:
    """Registering the same one again changes nothing."""
    if names not in _known:
        _known.append(names)


def names_of(ids: Collection[UUID]) -> dict[UUID, str]:
    """By id. None is asked for when no entry is about one."""
    return {row_id: name for names in _known for row_id, name in names(ids).items()} if ids else {}
