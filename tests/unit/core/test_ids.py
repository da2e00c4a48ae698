import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from servicekonto.core.ids import (
    ALPHABET,
    new_id,
    new_proof_code,
    new_reference,
    normalise_proof_code,
    normalise_reference,
)

proof_codes = st.builds(new_proof_code)
references = st.builds(new_reference, st.integers(min_value=2026, max_value=2099))
positions = st.sampled_from([3, 4, 5, 6, 8, 9, 10, 11, 13, 14, 15, 16, 18])


def test_a_reference_can_be_read_out_on_the_telephone() -> None:
    assert re.fullmatch(rf"HE-2026-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}-[{ALPHABET}]", new_reference(2026))


@given(references)
def test_a_reference_is_understood_however_it_is_typed(reference: str) -> None:
    sloppy = f"  {reference.lower().replace('-', ' ').replace('0', 'o').replace('1', 'l')} "

    assert normalise_reference(reference) == reference
    assert normalise_reference(sloppy) == reference
    assert normalise_reference(reference.replace("-", "–")) == reference


@given(references, positions, st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_noticed(reference: str, position: int, typed: str) -> None:
    wrong = reference[:position] + typed + reference[position + 1 :]

    assert normalise_reference(wrong) == (reference if wrong == reference else None)


def test_almost_every_pair_of_swapped_neighbours_is_noticed() -> None:
    serial = range(8, 17)
    swapped = missed = 0
    for _ in range(300):
        reference = new_reference(2026)
        for left in serial:
            if "-" in reference[left : left + 2] or reference[left] == reference[left + 1]:
                continue
            wrong = reference[:left] + reference[left + 1] + reference[left] + reference[left + 2 :]
            swapped += 1
            missed += normalise_reference(wrong) is not None

    assert missed / swapped < 0.01


@given(st.text(max_size=60))
@example("HE-٢٠٢٦-7K3F-9QXM-C")
@example("HE-2026-7K3F-9QXM-\x00")
def test_any_other_text_is_no_reference(text: str) -> None:
    normalised = normalise_reference(text)

    assert normalised is None or normalise_reference(normalised) == normalised


def test_ids_grow_with_time_so_that_indexes_grow_at_one_end() -> None:
    ids = [new_id() for _ in range(1000)]

    assert ids == sorted(ids)
    assert len(set(ids)) == 1000
    assert {made.version for made in ids} == {7}


@pytest.mark.parametrize("text", ["", "HE-2026", "HE-2026-7K3F-9QXM", "XX-2026-7K3F-9QXM-C"])
def test_a_part_of_a_reference_is_none(text: str) -> None:
    assert normalise_reference(text) is None


def test_a_proof_code_has_60_random_bits_and_a_check_digit() -> None:
    code = new_proof_code()

    assert re.fullmatch(rf"PR-(?:[{ALPHABET}]{{4}}-){{3}}[{ALPHABET}]", code)
    assert len({new_proof_code() for _ in range(1000)}) == 1000


@given(proof_codes)
def test_a_proof_code_is_understood_however_it_is_typed(code: str) -> None:
    sloppy = f" {code.lower().replace('-', ' ').replace('0', 'o').replace('1', 'i')}"

    assert normalise_proof_code(code) == code
    assert normalise_proof_code(sloppy) == code
    assert normalise_proof_code(code.removeprefix("PR-").replace("-", "")) == code


@given(proof_codes, st.sampled_from([3, 6, 8, 11, 13, 16, 18]), st.sampled_from(ALPHABET))
def test_a_wrong_character_in_a_proof_code_is_noticed(code: str, position: int, typed: str) -> None:
    wrong = code[:position] + typed + code[position + 1 :]

    assert normalise_proof_code(wrong) == (code if wrong == code else None)


@given(st.text(max_size=40))
@example("PR-7K3F-9QXM-2H4W-")
@example("HE-2026-7K3F-9QXM-C")
def test_other_text_is_no_proof_code(text: str) -> None:
    code = normalise_proof_code(text)

    assert code is None or normalise_proof_code(code) == code
