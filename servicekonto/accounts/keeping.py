"""May personal data be kept in this account? A package above knows the consents (§ 8 (5) OZG)."""

from collections.abc import Callable

from servicekonto.accounts.models import Account

Answer = Callable[[Account], bool]

_answers: list[Answer] = []


def ask(answer: Answer) -> None:
    """Registering the same one again changes nothing."""
    if answer not in _answers:
        _answers.append(answer)


def may_keep(account: Account) -> bool:
    return all(answer(account) for answer in _answers)
