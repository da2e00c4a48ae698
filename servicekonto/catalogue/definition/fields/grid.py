"""A plan by months of life: one row per month, one column per person, one choice in each cell."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from servicekonto.catalogue.definition.cleaning import clean_line
from servicekonto.catalogue.definition.conditions import Condition
from servicekonto.catalogue.definition.fields.base import BaseField, FormReader, InvalidAnswer, Schema
from servicekonto.catalogue.definition.fields.plain import PRESENCE
from servicekonto.catalogue.definition.texts import Model, Slug, Text, Whole
from servicekonto.catalogue.definition.texts import gettext as _

Plan = dict[str, dict[str, str]]  # month ("1") → column → choice


class GridChoice(Model):
    """What can be chosen in a cell, where, and how often."""

    value: Slug
    label: Text
    first_month: Whole = Field(default=1, ge=1, le=32)
    last_month: Whole = Field(default=32, ge=1, le=32)
    max_per_column: Whole | None = Field(default=None, ge=1, le=32)
    max_together: Whole | None = Field(default=None, ge=1, le=64)


class GridColumn(Model):
    id: Slug
    label: Text
    visible_if: Condition | None = None


class MonthGridField(BaseField):
    type: Literal["month_grid"]
    operators: ClassVar[frozenset[str]] = PRESENCE
    row_label: Text
    months: Whole = Field(default=32, ge=1, le=32)
    columns: tuple[GridColumn, ...] = Field(min_length=1, max_length=4)
    choices: tuple[GridChoice, ...] = Field(min_length=1, max_length=8)
    min_months_per_column: Whole | None = Field(default=None, ge=1, le=32)
    no_gap_from_month: Whole | None = Field(default=None, ge=1, le=32)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name, ids in (
            ("columns", [c.id for c in self.columns]),
            ("choices", [c.value for c in self.choices]),
        ):
            if len(set(ids)) != len(ids):
                raise ValueError(f"two {name} have the same name")
        return self

    def read(self, form: FormReader, name: str) -> Any:
        """Only the cells with something chosen; the page sends the field's bare name along."""
        if not form.has(name):
            return None
        plan: Plan = {}
        for month in range(1, self.months + 1):
            cells = {c.id: form.line(f"{name}.{month}.{c.id}", 60) for c in self.columns}
            if any(cells.values()):
                plan[str(month)] = {column: text for column, text in cells.items() if text}
        return plan

    def parse(self, raw: object, today: date) -> Plan | None:
        plan = self._plan(raw)
        for choice in self.choices:
            self._check_choice(choice, plan)
        self._check_columns(plan)
        self._check_gaps(plan)
        return plan or None

    def without(self, raw: object, columns: set[str]) -> dict[str, dict[str, Any]]:
        """The input without the columns that are not shown."""
        rows = raw if isinstance(raw, Mapping) else {}
        return {
            str(month): {str(column): text for column, text in cells.items() if column not in columns}
            for month, cells in rows.items()
            if isinstance(cells, Mapping)
        }

    def _plan(self, raw: object) -> Plan:
        rows = raw if isinstance(raw, Mapping) else {}
        known = {choice.value for choice in self.choices}
        plan: Plan = {}
        for month in range(1, self.months + 1):
            cells = rows.get(str(month))
            if not isinstance(cells, Mapping):
                continue
            chosen = {c.id: text for c in self.columns if (text := clean_line(cells.get(c.id), 60))}
            if not known.issuperset(chosen.values()):
                message = _(
                    "Bitte wählen Sie im Monat %(month)s eine der angebotenen Möglichkeiten.", month=month
                )
                raise InvalidAnswer("unknown_option", message)
            if chosen:
                plan[str(month)] = chosen
        return plan

    def _check_choice(self, choice: GridChoice, plan: Plan) -> None:
        months = [int(month) for month, cells in plan.items() if choice.value in cells.values()]
        if any(not choice.first_month <= month <= choice.last_month for month in months):
            message = _(
                "„%(choice)s“ ist nur vom %(first)s. bis zum %(last)s. Monat möglich.",
                choice=str(choice.label),
                first=choice.first_month,
                last=choice.last_month,
            )
            raise InvalidAnswer("month_not_possible", message)
        counts = [
            sum(cells.get(column.id) == choice.value for cells in plan.values()) for column in self.columns
        ]
        if choice.max_per_column and max(counts) > choice.max_per_column:
            message = _(
                "Eine Person kann höchstens %(count)s Monate „%(choice)s“ wählen.",
                choice=str(choice.label),
                count=choice.max_per_column,
            )
            raise InvalidAnswer("too_many_months", message)
        if choice.max_together and sum(counts) > choice.max_together:
            message = _(
                "Zusammen sind höchstens %(count)s Monate „%(choice)s“ möglich.",
                choice=str(choice.label),
                count=choice.max_together,
            )
            raise InvalidAnswer("too_many_months_together", message)

    def _check_columns(self, plan: Plan) -> None:
        for column in self.columns:
            count = sum(column.id in cells for cells in plan.values())
            if self.min_months_per_column and 0 < count < self.min_months_per_column:
                message = _(
                    "%(column)s: Bitte wählen Sie mindestens %(count)s Monate oder keinen Monat.",
                    column=str(column.label),
                    count=self.min_months_per_column,
                )
                raise InvalidAnswer("too_few_months", message)

    def _check_gaps(self, plan: Plan) -> None:
        last = max((int(month) for month in plan), default=0)
        if self.no_gap_from_month is None:
            return
        for month in range(self.no_gap_from_month, last):
            if str(month) not in plan:
                message = _(
                    "Ab dem %(first)s. Monat darf es keine Lücke geben. "
                    "Im %(month)s. Monat ist nichts gewählt.",
                    first=self.no_gap_from_month,
                    month=month,
                )
                raise InvalidAnswer("gap", message)

    def to_raw(self, value: Any) -> Any:
        return {month: dict(cells) for month, cells in value.items()} if isinstance(value, Mapping) else {}

    def show(self, value: Any) -> list[str]:
        """One line per column and run of equal months: „Mutter: 1.–2. Monat Basiselterngeld“."""
        labels = {choice.value: str(choice.label) for choice in self.choices}
        lines = []
        for column in self.columns:
            runs: list[tuple[int, int, str]] = []
            for month in range(1, self.months + 1):
                chosen = value.get(str(month), {}).get(column.id)
                if chosen is None:
                    continue
                if runs and runs[-1][1:] == (month - 1, chosen):
                    runs[-1] = (runs[-1][0], month, chosen)
                else:
                    runs.append((month, month, chosen))
            lines += [
                f"{column.label}: {_months(first, last)} {labels[chosen]}" for first, last, chosen in runs
            ]
        return lines

    def value_schema(self) -> Schema:
        cell = {"enum": [choice.value for choice in self.choices]}
        cells = {
            "type": "object",
            "properties": {column.id: cell for column in self.columns},
            "additionalProperties": False,
            "minProperties": 1,
        }
        months = {str(month): cells for month in range(1, self.months + 1)}
        return {"type": "object", "properties": months, "additionalProperties": False, "minProperties": 1}


def _months(first: int, last: int) -> str:
    return _("%(month)s. Monat", month=first) if first == last else _("%(a)s.–%(b)s. Monat", a=first, b=last)
