"""Every text of every packaged service is there in German, English and plain German."""

from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from servicekonto.catalogue.cli import DEFINITIONS
from servicekonto.catalogue.definition import Definition, load_definitions
from servicekonto.catalogue.definition.texts import Text

PACKAGED = load_definitions(DEFINITIONS)
LONGEST_PLAIN_SENTENCE = 22  # words; most have fewer than twelve


def texts_in(node: object) -> Iterator[Text]:
    match node:
        case Text():
            yield node
        case BaseModel():
            for name in node.model_fields_set:  # what the engine adds itself is short enough
                yield from texts_in(getattr(node, name))
        case dict():
            for value in node.values():
                yield from texts_in(value)
        case list() | tuple():
            for value in node:
                yield from texts_in(value)


@pytest.fixture(params=sorted(PACKAGED))
def definition(request: pytest.FixtureRequest) -> Definition:
    return PACKAGED[request.param]


def test_every_text_has_its_variants(definition: Definition) -> None:
    texts = list(texts_in(definition))

    assert len(texts) > 20
    assert [text.de for text in texts if not (text.en and text.plain)] == []
    assert definition.languages == ("de", "en")


def test_plain_german_has_short_sentences(definition: Definition) -> None:
    sentences = [
        sentence
        for text in texts_in(definition)
        for sentence in (text.plain or "").replace("?", ".").replace(":", ".").replace("!", ".").split(". ")
    ]

    assert [one for one in sentences if len(one.split()) > LONGEST_PLAIN_SENTENCE] == []
