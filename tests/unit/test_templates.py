"""Rules that every template keeps, checked on the source: they hold on branches no other test renders."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import PROJECT_ROOT, default_asset_root
from servicekonto.web.assets import KERN, STATIC

TEMPLATES = PROJECT_ROOT / "templates"
FILES = sorted(TEMPLATES.rglob("*.html"))
MACROS = ("components", "form", "mails")
PAGES = [
    file
    for file in FILES
    if not file.name.startswith("_") and file.relative_to(TEMPLATES).parts[0] not in MACROS
]
CLASS = r"[A-Za-z0-9_-]+"
# Its form leads to a website, which must not see a token of ours; by its policy no other form could be sent.
TO_A_WEBSITE = TEMPLATES / "oidc" / "form_post.html"

COMMENT = re.compile(r"{#.*?#}", re.DOTALL)
TRANSLATED_BLOCK = re.compile(r"{%-? trans\b.*?endtrans -?%}", re.DOTALL)
QUOTED_IN_GERMAN = re.compile(r"<(\w+) lang=\"de\">.*?</\1>", re.DOTALL)
COMPARISON = re.compile(r"[!=]=\s*\"[^\"]*\"")
TRANSLATED_CALL = re.compile(r"(?<!\w)(?:_|n?p?gettext)\((?:\s*\"[^\"]*\"\s*,?)+")
JINJA = re.compile(r"{{.*?}}|{%.*?%}", re.DOTALL)
TAG = re.compile(r"<[^>]*>", re.DOTALL)
SPOKEN_ATTRIBUTE = re.compile(r"\b(?:aria-label|alt|title|placeholder)=\"([^\"]*)\"")
ATTRIBUTE = re.compile(r"[a-z-]+=\"[^\"]*\"")  # macros also write single attributes
WORD = re.compile(r"[^\W\d_]{2,}")
GERMAN_LITERAL = re.compile(r"\"([A-ZÄÖÜ][a-zäöüß]+(?:[ .,:!?–-][^\"]*)?)\"")


def name_of(file: Path) -> str:
    return str(file.relative_to(TEMPLATES))


def source_of(file: Path) -> str:
    return COMMENT.sub("", file.read_text())


def classes_defined_in(style_sheet: Path) -> set[str]:
    return set(re.findall(rf"\.({CLASS})", style_sheet.read_text()))


def classes_used_in(source: str, prefix: str) -> set[str]:
    """A name that ends with a hyphen or an underscore is completed by an expression."""
    return set(re.findall(rf"(?<![\w/@.-]){prefix}-{CLASS}", source))


def unknown_classes(used: set[str], defined: set[str]) -> list[str]:
    return sorted(
        name
        for name in used - defined
        if not (name.endswith(("-", "_")) and any(known.startswith(name) for known in defined))
    )


def untranslated_texts(source: str) -> Iterator[str]:
    source = QUOTED_IN_GERMAN.sub("", TRANSLATED_BLOCK.sub("", source))
    for expression in JINJA.findall(source):
        yield from GERMAN_LITERAL.findall(COMPARISON.sub("", TRANSLATED_CALL.sub("", expression)))
    plain = JINJA.sub("", source)
    yield from (text for text in SPOKEN_ATTRIBUTE.findall(plain) if WORD.search(text))
    for text in ATTRIBUTE.sub("", TAG.sub("\n", plain)).splitlines():
        if WORD.search(text):
            yield text.strip()


@pytest.fixture(scope="module")
def kern_classes() -> set[str]:
    return classes_defined_in(default_asset_root() / "node_modules" / KERN / "kern.min.css")


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_classes_of_the_design_system_exist(file: Path, kern_classes: set[str]) -> None:
    assert unknown_classes(classes_used_in(source_of(file), "kern"), kern_classes) == []


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_own_classes_exist(file: Path) -> None:
    defined = classes_defined_in(STATIC / "servicekonto.css")

    assert unknown_classes(classes_used_in(source_of(file), "sk"), defined) == []


@pytest.mark.parametrize("file", [file for file in FILES if file != TO_A_WEBSITE], ids=name_of)
def test_forms_that_post_carry_the_csrf_field(file: Path) -> None:
    forms = re.findall(r"<form\b[^>]*method=\"post\".*?</form>", source_of(file), re.DOTALL | re.IGNORECASE)

    assert [form for form in forms if "csrf_field()" not in form] == []


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_style_script_and_handlers_are_not_inline(file: Path) -> None:
    source = source_of(file)
    plain = JINJA.sub("", source)

    assert re.findall(r"<style\b|\sstyle=|\son[a-z]+=\"|javascript:", plain) == []
    assert [
        s for s in re.findall(r"<script\b[^>]*>", source) if "src=" not in s or "csp_nonce()" not in s
    ] == []


@pytest.mark.parametrize("file", [file for file in PAGES if file != TO_A_WEBSITE], ids=name_of)
def test_a_page_stands_in_the_common_frame(file: Path) -> None:
    if file == TEMPLATES / "base.html":
        return
    parent = re.search(r"{% extends \"([^\"]+)\" %}", file.read_text())

    assert parent, "does not extend base.html"
    assert parent[1] == "base.html" or '{% extends "base.html" %}' in (TEMPLATES / parent[1]).read_text()


# Leichte Sprache is German for everybody; the rules of one language do not translate.
NEVER_TRANSLATED = {TEMPLATES / "information" / "easy_language.html"}


@pytest.mark.parametrize("file", [file for file in FILES if file not in NEVER_TRANSLATED], ids=name_of)
def test_texts_for_people_can_be_translated(file: Path) -> None:
    assert list(untranslated_texts(source_of(file))) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>Guten Tag</p>",
        '<a aria-label="Zur Seite" href="/">{{ x }}</a>',
        '{{ page_heading("Meine Anträge") }}',
        '{{ card(_("Gut"), text="Schlecht") }}',
    ],
)
def test_a_text_that_cannot_be_translated_is_found(source: str) -> None:
    assert list(untranslated_texts(source)) != []


@pytest.mark.parametrize("file", sorted((TEMPLATES / "components").glob("*.html")), ids=name_of)
def test_a_component_says_how_it_is_used(file: Path) -> None:
    assert file.read_text().startswith("{#")


def test_the_own_style_sheet_stays_small() -> None:
    assert len((STATIC / "servicekonto.css").read_bytes()) < 40_000
