"""The rules of competence: data in ``data/competence_rules.yaml``, checked when it is read."""

import functools
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any

import yaml

from servicekonto.authorities.kinds import AuthorityKind, Certainty, Task
from servicekonto.core.errors import DomainError

PLACEHOLDERS = {"place": "", "seat": "", "authority": "", "of_authority": "", "source": "", "region": ""}


class UnknownRuleError(DomainError):
    """A service names a rule of competence that does not exist."""


class Level(StrEnum):
    MUNICIPALITY = "municipality"
    DISTRICT = "district"
    TASK = "task"
    REGIONAL_COUNCIL = "regional_council"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """``sentences`` are templates by kind of authority; see the head of the data file."""

    key: str
    topic: str
    level: Level
    unit_key: str
    unit_name: str
    place: str
    source: str
    sentences: dict[str, str]
    certainty: Certainty
    origin: str
    task: Task | None = None
    authority: str | None = None
    merged: str | None = None
    abroad: str | None = None
    elsewhere: str | None = None
    caveat: str | None = None

    def sentence_for(self, kind: AuthorityKind) -> str:
        return self.sentences.get(kind, self.sentences["default"])

    def texts(self) -> tuple[str, ...]:
        """Everything a person may read, for the translators."""
        optional = (self.merged, self.abroad, self.elsewhere, self.caveat)
        always = (self.topic, self.place, self.source, *self.sentences.values())
        return always + tuple(text for text in optional if text)


@functools.cache
def rules() -> dict[str, Rule]:
    source = files("servicekonto.authorities") / "data" / "competence_rules.yaml"
    rows = yaml.load(source.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - strings only
    return {row["key"]: _rule(row) for row in rows}


def rule(key: str) -> Rule:
    try:
        return rules()[key]
    except KeyError:
        raise UnknownRuleError(key) from None


def _rule(row: dict[str, Any]) -> Rule:
    """Wrong data stops the start, not the tenth request."""
    unit = row.pop("unit")
    known = {name: row[name] for name in Rule.__dataclass_fields__ if name in row}
    if set(row) - set(known) or "default" not in row["sentences"]:
        raise ValueError(f"competence rule {row['key']}: unknown field or no default sentence")
    known["level"] = Level(row["level"])
    known["certainty"] = Certainty(row["certainty"])
    known["task"] = Task(row["task"]) if "task" in row else None
    found = Rule(**known, unit_key=unit["key"], unit_name=unit["name"])
    if (found.level is Level.TASK) != (found.task is not None):
        raise ValueError(f"competence rule {found.key}: level task needs a task")
    if (found.level is Level.FIXED) != (found.authority is not None):
        raise ValueError(f"competence rule {found.key}: level fixed needs an authority")
    for text in found.texts():
        text.format(**PLACEHOLDERS)
    return found
