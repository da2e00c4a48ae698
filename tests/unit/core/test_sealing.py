import dataclasses
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry

from config import MasterKey
from servicekonto.core import sealing, settings
from servicekonto.core.ids import new_id
from servicekonto.core.sealing import HasDataKey, UnknownMasterKeyError, sealed_json, sealed_text

pytestmark = pytest.mark.usefixtures("keys")

OLD = MasterKey(key_id="old", key=bytes(range(32)))
NEW = MasterKey(key_id="new", key=bytes(range(32, 64)))


class Base(DeclarativeBase):
    registry = registry()


class Person(HasDataKey, Base):
    __tablename__ = "person"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name_sealed: Mapped[bytes | None]
    street_sealed: Mapped[bytes | None]
    facts_sealed: Mapped[bytes | None]

    name = sealed_text("name_sealed")
    street = sealed_text("street_sealed")
    facts = sealed_json("facts_sealed")


def a_person(**values: object) -> Person:
    person = Person(id=new_id())
    for name, value in values.items():
        setattr(person, name, value)
    return person


def use_keys(app: Flask, *keys: MasterKey) -> None:
    settings.install(app, dataclasses.replace(settings.settings(), master_keys=keys))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet=st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), json_values)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_what_is_sealed_comes_back_and_is_not_readable(text: str, facts: object) -> None:
    person = a_person(name=text, facts=facts)

    assert (person.name, person.facts) == (text, facts)
    assert len(text) < 4 or text.encode() not in (person.name_sealed or b"")


def test_the_same_text_never_looks_the_same() -> None:
    erika = a_person(name="Erika")
    before = erika.name_sealed
    erika.name = "Erika"

    assert erika.name_sealed != before


@pytest.mark.parametrize("position", [1, 12, 13, -17, -1])
def test_a_tampered_ciphertext_does_not_open(position: int) -> None:
    person = a_person(name="Erika Mustermann")
    sealed = bytearray(person.name_sealed or b"")
    sealed[position] ^= 1
    person.name_sealed = bytes(sealed)

    with pytest.raises(InvalidTag):
        _ = person.name


def test_a_ciphertext_moved_to_another_column_does_not_open() -> None:
    person = a_person(name="Erika", street="Beispielweg")
    person.street_sealed = person.name_sealed

    with pytest.raises(InvalidTag):
        _ = person.street


def test_a_ciphertext_moved_to_another_row_does_not_open_even_with_its_key() -> None:
    erika, jonas = a_person(name="Erika"), a_person(name="Jonas")
    jonas.name_sealed = erika.name_sealed
    with pytest.raises(InvalidTag):
        _ = jonas.name

    jonas.wrapped_key = erika.wrapped_key
    with pytest.raises(InvalidTag):
        _ = jonas.name


def test_a_destroyed_key_is_the_deletion() -> None:
    person = a_person(name="Erika")

    person.destroy_data_key()

    assert person.name_sealed is not None
    assert person.name is None


def test_a_new_master_key_takes_over_and_the_old_one_can_go(keys: Flask) -> None:
    use_keys(keys, OLD)
    person = a_person(name="Erika")
    sealed = person.name_sealed

    use_keys(keys, NEW, OLD)
    assert person.name == "Erika"
    assert person.rewrap_data_key()
    assert not person.rewrap_data_key()

    use_keys(keys, NEW)
    read_again = a_person()
    read_again.id, read_again.wrapped_key, read_again.name_sealed = person.id, person.wrapped_key, sealed
    assert read_again.name == "Erika"


def test_without_its_master_key_a_row_says_which_one_is_missing(keys: Flask) -> None:
    use_keys(keys, OLD)
    person = a_person(name="Erika")
    read_again = a_person()
    read_again.id, read_again.wrapped_key = person.id, person.wrapped_key
    read_again.name_sealed = person.name_sealed

    use_keys(keys, NEW)

    with pytest.raises(UnknownMasterKeyError, match="old"):
        _ = read_again.name


def test_a_blind_index_finds_the_same_value_for_the_same_purpose_only() -> None:
    assert sealing.blind_index("name", "erika") == sealing.blind_index("name", "erika")
    assert sealing.blind_index("name", "erika") != sealing.blind_index("email", "erika")
    assert sealing.blind_index("name", "erika") != sealing.blind_index("name", "erikb")
    # The border between purpose and value cannot be moved.
    assert sealing.blind_index("a", "bc") != sealing.blind_index("ab", "c")


def test_a_blind_index_is_worthless_without_the_secret(keys: Flask) -> None:
    before = sealing.blind_index("name", "erika"), sealing.pepper("password")

    settings.install(keys, dataclasses.replace(settings.settings(), secret_key=bytes(range(32))))

    assert sealing.blind_index("name", "erika") != before[0]
    assert sealing.pepper("password") != before[1]
