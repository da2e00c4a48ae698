import pytest

from tests.unit.catalogue.samples import answer, codes, one_page

ADDRESS = {"street": "Musterweg", "house_number": "1 a", "postcode": "63450", "place": "Hanau"}


def test_an_address_has_its_parts() -> None:
    definition = one_page("- {id: home, type: address, label: Anschrift}")

    assert answer(definition, home=ADDRESS).values == {"home": ADDRESS}
    assert codes(answer(definition, home=ADDRESS | {"postcode": "6345"})) == {"home.postcode": "pattern"}
    assert codes(answer(definition, home={})) == {
        "home.street": "required",
        "home.house_number": "required",
        "home.postcode": "required",
        "home.place": "required",
    }


@pytest.mark.parametrize(
    ("country", "postcode", "problem"),
    [("FR", "F-75001", {}), ("DE", "F-75001", {"home.postcode": "postcode"})],
)
def test_an_address_abroad_has_another_postcode(country: str, postcode: str, problem: dict[str, str]) -> None:
    definition = one_page("- {id: home, type: address, label: Anschrift, abroad: true}")

    assert codes(answer(definition, home=ADDRESS | {"country": country, "postcode": postcode})) == problem


def test_an_optional_block_may_be_left_empty_but_not_half_filled() -> None:
    definition = one_page("- {id: home, type: address, label: Anschrift, required: false}")

    assert answer(definition, home={"street": " "}).is_complete
    assert "home.place" in codes(answer(definition, home={"street": "Musterweg"}))


def test_a_country_chosen_beforehand_is_no_answer() -> None:
    definition = one_page("- {id: home, type: address, label: Anschrift, abroad: true, required: false}")

    assert answer(definition, home={"street": "", "country": "DE"}).values == {}
    assert "home.place" in codes(answer(definition, home={"country": "FR"}))


def test_a_person_has_the_parts_the_service_needs() -> None:
    definition = one_page(
        """
        - id: child
          type: person
          label: Kind
          include: [given_names, family_name, birth_date]
          optional: [family_name]
          labels: {family_name: Familienname bei der Geburt}
          hints: {given_names: Alle Vornamen}
        """
    )

    given, family, birth = definition.pages[0].fields[0].parts

    assert (str(family.label), family.required) == ("Familienname bei der Geburt", False)
    assert (str(given.hint), given.required) == ("Alle Vornamen", True)
    assert birth.max == "today"
    assert codes(answer(definition, child={"given_names": "Max"})) == {"child.birth_date": "required"}


def test_only_the_own_name_is_completed_by_the_browser() -> None:
    definition = one_page(
        """
        - {id: me, type: person, label: Ich, include: [given_names], prefill: account}
        - {id: child, type: person, label: Kind, include: [given_names]}
        """
    )

    me, child = definition.pages[0].fields

    assert me.parts[0].autocomplete == "given-name"
    assert child.parts[0].autocomplete is None


def test_postcode_and_place_belong_together() -> None:
    definition = one_page("- {id: seat, type: postcode_place, label: Sitz}")

    found = answer(definition, seat={"postcode": "63450", "place": "Hanau"})

    assert found.values == {"seat": {"postcode": "63450", "place": "Hanau"}}


def test_a_block_of_the_definition_is_used_several_times() -> None:
    definition = one_page(
        """
        - {id: mother, type: block, use: parent, label: Mutter, required: false}
        - {id: father, type: block, use: parent, label: Vater}
        """,
        more="""
        blocks:
          parent:
            - {id: name, type: text, label: Name}
        """,
    )

    assert codes(answer(definition)) == {"father.name": "required"}
    assert answer(definition, father={"name": "Max"}).values == {"father": {"name": "Max"}}
