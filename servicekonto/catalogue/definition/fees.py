"""What the answers cost, item by item, each with its source in law."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from servicekonto.catalogue.definition.conditions import Condition, Scope, holds
from servicekonto.catalogue.definition.model import Definition, Exemption, Fee, Frame, Units


@dataclass(frozen=True)
class FeeItem:
    name: str
    quantity: int
    unit_cents: int | None  # None: the authority sets the amount within the frame
    frame: Frame | None
    total_cents: int
    legal_source: str
    number: str | None
    exemption: str | None  # why nothing is due, with the law

    @property
    def label(self) -> str:
        return f"{self.quantity} × {self.name}" if self.quantity > 1 else self.name


@dataclass(frozen=True)
class FeeQuote:
    items: tuple[FeeItem, ...]
    total_cents: int
    exemption: str | None  # one sentence when nothing at all is due because of an exemption

    @property
    def is_final(self) -> bool:
        """Whether the total is known and not left to the authority."""
        return all(item.frame is None or item.exemption for item in self.items)


def fees(definition: Definition, values: Mapping[str, Any], *, today: date) -> FeeQuote:
    """``today`` matters where a fee depends on an age."""
    quote = _Quote(definition, values, today)
    items = tuple(item for fee in definition.facts.fees if (item := quote.item(fee)))
    reasons = {item.exemption for item in items}
    exemption = reasons.pop() if len(reasons) == 1 else None
    return FeeQuote(items, sum(item.total_cents for item in items), exemption)


class _Quote:
    def __init__(self, definition: Definition, values: Mapping[str, Any], today: date) -> None:
        self.general = definition.facts.fee_exemptions
        self.scope = Scope(values, frozenset(definition.page_of_field))
        self.today = today

    def item(self, fee: Fee) -> FeeItem | None:
        quantity = self._quantity(fee.units)
        if quantity < 1 or (fee.condition and not self._holds(fee.condition)):
            return None
        exemption = self._exemption((*fee.exemptions, *self.general))
        return FeeItem(
            name=str(fee.name),
            quantity=quantity,
            unit_cents=fee.amount_cents,
            frame=fee.frame,
            total_cents=0 if exemption else quantity * (fee.amount_cents or 0),
            legal_source=fee.legal_source,
            number=fee.number,
            exemption=exemption,
        )

    def _quantity(self, units: Units | None) -> int:
        if units is None:
            return 1
        count = sum(self._count(path) for path in units.fields)
        return {"each": count, "first": min(count, 1), "further": max(count - 1, 0)}[units.part]

    def _count(self, path: str) -> int:
        value = self.scope.get(path)
        return len(value) if isinstance(value, list) else int(value or 0)

    def _exemption(self, exemptions: tuple[Exemption, ...]) -> str | None:
        found = next((exemption for exemption in exemptions if self._holds(exemption.when)), None)
        return f"{found.reason} ({found.legal_source})" if found else None

    def _holds(self, condition: Condition) -> bool:
        return holds(condition, self.scope, self.today)
