"""The question of the page "Zuständige Stelle finden", as it stands in the address."""

from collections.abc import Mapping

from flask_babel import gettext

from servicekonto.authorities.names import MAX_LENGTH
from servicekonto.authorities.rules import Level, Rule, rules


class CompetenceForm:
    """``thema`` is the key of a rule, ``ort`` what a person typed or the value of a choice."""

    def __init__(self, arguments: Mapping[str, str]) -> None:
        self.topic = arguments.get("thema", "")
        self.place = " ".join(arguments.get("ort", "").split())[:MAX_LENGTH]
        self.is_sent = "ort" in arguments
        self.errors: dict[str, str] = self._errors() if self.is_sent else {}

    @property
    def rule(self) -> Rule | None:
        return rules().get(self.topic)

    @property
    def topics(self) -> list[tuple[str, str]]:
        return [(rule.key, gettext(rule.topic)) for rule in rules().values()]

    def _errors(self) -> dict[str, str]:
        errors = {}
        if self.rule is None:
            errors["thema"] = gettext("Bitte wählen Sie, worum es geht.")
        if not self.place and (self.rule is None or self.rule.level is not Level.FIXED):
            errors["ort"] = gettext("Bitte geben Sie einen Ort oder eine Postleitzahl ein.")
        return errors
