"""Checks the catalogues in servicekonto/translations against the texts in code and templates (German).

Unlike the rest of this package it runs inside .venv: ``python -m tooling.translations``.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from servicekonto.authorities.elsewhere import names_of_regions
from servicekonto.authorities.rules import rules
from tooling import ROOT

CATALOGUES = ROOT / "servicekonto" / "translations"
_PYTHON = [("**.py", "python")]
_TEMPLATES = [("**.html", "jinja2"), ("**.txt", "jinja2")]
_JINJA = {"**.html": {"silent": "false"}, "**.txt": {"silent": "false"}}
_KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
}
# What code fills in, and the tags of the few texts that are HTML.
_PARTS = re.compile(r"%\(\w+\)[sd]|\{\w*\}|</?a\b[^>]*>")
_SHOWN = 20


def main() -> int:
    wanted = extract()
    problems = [
        problem for file in sorted(CATALOGUES.glob("*/*/*.po")) for problem in differences(file, wanted)
    ]
    print(f"{len(wanted)} texts", *problems[:_SHOWN], sep="\n")
    if len(problems) > _SHOWN:
        print(f"and {len(problems) - _SHOWN} more")
    return bool(problems)


def extract() -> Catalog:
    """Raises when a template or module cannot be read: a text would be lost silently."""
    catalogue = Catalog(charset="utf-8")
    for folder, methods, options in (("servicekonto", _PYTHON, {}), ("templates", _TEMPLATES, _JINJA)):
        for name, line, message, comments, context in extract_from_dir(
            str(ROOT / folder), method_map=methods, options_map=options, keywords=_KEYWORDS
        ):
            catalogue.add(
                message, None, [(f"{folder}/{name}", line)], auto_comments=comments, context=context
            )
    for rule in rules().values():
        for text in rule.texts():
            catalogue.add(text, None, [("servicekonto/authorities/data/competence_rules.yaml", 1)])
    for region in names_of_regions():
        catalogue.add(region, None, [("servicekonto/authorities/data/elsewhere.csv", 1)])
    return catalogue


def differences(file: Path, wanted: Catalog) -> Iterator[str]:
    with file.open("rb") as source:
        present = read_po(source)
    texts = {(message.id, message.context): message for message in present if message.id}
    needed = {(message.id, message.context) for message in wanted if message.id}
    label = file.relative_to(ROOT)
    for key in sorted(needed - texts.keys(), key=str):
        yield f"{label}: missing: {key[0]!r}"
    for key in sorted(texts.keys() - needed, key=str):
        yield f"{label}: obsolete: {key[0]!r}"
    for key in sorted(needed & texts.keys(), key=str):
        if texts[key].fuzzy or not all(_strings(texts[key])):
            yield f"{label}: not translated: {key[0]!r}"
        elif not _keeps_parts(texts[key]):
            yield f"{label}: other placeholders or links: {key[0]!r}"


def _keeps_parts(message: Message) -> bool:
    """The singular may leave its number out."""
    source = message.id if isinstance(message.id, str) else message.id[-1]
    return _parts(source) == _parts(_strings(message)[-1])


def _parts(text: str) -> list[str]:
    """A German genitive has a placeholder of its own; other languages take the plain name."""
    return sorted(part.replace("{of_", "{") for part in _PARTS.findall(text))


def _strings(message: Message) -> Sequence[str]:
    string = message.string or ""
    return [string] if isinstance(string, str) else string


if __name__ == "__main__":
    sys.exit(main())
