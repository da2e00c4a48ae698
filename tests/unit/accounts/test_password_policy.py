import ast
import inspect

import pytest
from zxcvbn import feedback, matching

from servicekonto.accounts import password_policy
from servicekonto.accounts.models import AccountKind

GOOD = "korrekt pferd batterie klammer"


def problem(password: str, *personal: str) -> str | None:
    return password_policy.problem(password, kind=AccountKind.CITIZEN, personal=personal)


def test_several_unrelated_words_are_a_good_password() -> None:
    assert problem(GOOD, "erika@example.org") is None


@pytest.mark.parametrize(
    "password", ["vogelQ7 kranTür", "日本語のパスワードは長いです", "Ä" + "öü kran teig vogel"]
)
def test_fifteen_characters_of_any_kind_are_enough(password: str) -> None:
    padded = (password + " q7x")[:15] if len(password) < 15 else password

    assert problem(padded) is None


def test_fourteen_characters_are_too_short() -> None:
    assert "mindestens 15 Zeichen" in (problem("vogelQ7 kranTu") or "")


def test_characters_are_counted_not_bytes_and_in_composed_form() -> None:
    decomposed = "o\u0308" * 14

    assert "zu kurz" in (problem(decomposed) or "")


def test_128_characters_are_accepted_and_129_refused() -> None:
    longest = (GOOD + " ") * 4 + "xyzt"

    assert len(longest) == 128
    assert problem(longest) is None
    assert "zu lang" in (problem(longest + "z") or "")


@pytest.mark.parametrize("password", ["", "               ", "\0" * 20, "vogel kran\nteig tasse"])
def test_nothing_and_invisible_characters_are_refused(password: str) -> None:
    assert problem(password)


@pytest.mark.parametrize(
    "password",
    [
        "Servicekonto Hessen 2026",
        "Frankfurt am Main 2026!",
        "Gießen Dezember 2025",
        "giessen-dezember-2025",
        "Passwort Passwort 123",
        "erika.mustermann1975",
        "MustermannErika_2026",
        "Rosenmüller!!!!!2026",
    ],
)
def test_words_that_everybody_would_try_are_not_enough(password: str) -> None:
    assert problem(password, "erika.mustermann@example.org", "Rosenmüller")


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("aaaaaaaaaaaaaaaaa", "Wiederholungen"),
        ("brombeerbrombeer", "wiederholtes Wort"),
        ("12345678901234567", "ähnelt"),
        ("abcdefghijklmnopq", "Folgen"),
    ],
)
def test_easy_passwords_are_refused_with_the_reason_and_advice(password: str, reason: str) -> None:
    sentence = problem(password) or ""

    assert reason in sentence
    assert "vier oder mehr Wörter" in sentence


@pytest.mark.parametrize("password", ["jordan232323232323", "1q2w3e4r5t6y7u8i9o"])
def test_variations_of_common_passwords_are_refused(password: str) -> None:
    assert problem(password)


def test_everything_that_the_estimate_can_say_is_translated() -> None:
    tree = ast.parse(inspect.getsource(feedback))
    warnings = {
        ast.literal_eval(node.value.args[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == "warning"
        and isinstance(node.value, ast.Call)
    }

    assert len(warnings) > 10
    assert warnings <= password_policy.ADVICE.keys()


def test_personal_words_of_one_person_do_not_stay_for_the_next() -> None:
    word = "zwetschgenknoedel"

    assert problem(f"{word} {word}", f"{word}@example.org")
    assert word not in matching.RANKED_DICTIONARIES.get("user_inputs", {})


def test_the_slowest_input_is_judged_in_reasonable_time() -> None:
    nasty = "4@8({[<369&#!1|0o5$+7%2xz" * 5

    assert problem(nasty[:128]) is None  # cut for the estimate only
