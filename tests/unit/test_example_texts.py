"""The example speaks English as well, everywhere."""

import re

from relying_party import texts

from tooling import ROOT

TEMPLATES = ROOT / "examples" / "relying_party" / "templates"


def test_every_text_is_translated_and_no_translation_is_left_over() -> None:
    pages = "".join(file.read_text("utf-8") for file in TEMPLATES.glob("*.html"))
    shown = set(re.findall(r't\("([^"]+)"\)', pages))
    for names in texts.LEVELS.values():
        shown |= set(names)
    shown |= {*texts.REASONS.values(), *texts._CLAIMS.values(), "ja", "nein"}
    shown |= {"geprüft", "Ihre eigene Angabe"}

    assert shown == set(texts.ENGLISH)
