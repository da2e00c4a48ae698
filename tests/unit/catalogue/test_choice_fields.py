from tests.unit.catalogue.samples import TODAY, a_field, refusal

OPTIONS = "[{value: red, label: Rot}, {value: blue, label: Blau}, {value: green, label: Grün}]"


def test_one_of_the_options_is_chosen() -> None:
    field = a_field("choice", options=OPTIONS)

    assert field.parse("blue", TODAY) == "blue"
    assert field.show("blue") == ["Blau"]
    assert field.parse("", TODAY) is None
    assert refusal(field, "Blau") == "unknown_option"


def test_several_options_are_kept_in_the_order_of_the_question() -> None:
    field = a_field("multiple_choice", options=OPTIONS, min_chosen="2", max_chosen="2")

    assert field.parse(["green", "red", "green"], TODAY) == ["red", "green"]
    assert field.show(["red", "green"]) == ["Rot", "Grün"]
    assert field.parse([], TODAY) is None
    assert field.parse("red", TODAY) is None
    assert refusal(field, ["red"]) == "too_few"
    assert refusal(field, ["red", "blue", "green"]) == "too_many"
    assert refusal(field, ["red", "pink"]) == "unknown_option"


def test_yes_and_no_are_both_answers() -> None:
    field = a_field("yes_no")

    assert field.parse("yes", TODAY) is True
    assert field.parse("no", TODAY) is False
    assert field.parse("", TODAY) is None
    assert refusal(field, "vielleicht") == "unknown_option"
    assert (field.show(True), field.show(False)) == (["Ja"], ["Nein"])


def test_a_country_is_a_code_and_germany_comes_first() -> None:
    field = a_field("country")

    assert field.parse("fr", TODAY) == "FR"
    assert field.show("FR") == ["Frankreich"]
    assert refusal(field, "Frankreich") == "unknown_option"
    assert refusal(field, "EU") == "unknown_option"
    names = [name for _, name, _ in field.choices]
    assert names[0] == "Deutschland"
    assert (
        names.index("Ägypten") < names.index("Albanien") < names.index("Österreich") < names.index("Zypern")
    )


def test_a_declaration_is_confirmed_or_missing() -> None:
    field = a_field("declaration")

    assert field.parse("yes", TODAY) is True
    assert field.parse("", TODAY) is None
    assert field.parse("no", TODAY) is None
