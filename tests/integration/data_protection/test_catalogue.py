"""Whoever adds a column with personal data has to say what becomes of it."""

import pytest

from config import PROJECT_ROOT
from servicekonto.core.db import Base
from servicekonto.data_protection.catalogue import CATALOGUE, WITHOUT_PERSONAL_DATA
from servicekonto.data_protection.catalogue.kinds import Treatment
from servicekonto.web.application import Servicekonto

PAGE = PROJECT_ROOT / "docs" / "security" / "data-catalogue.md"
TABLES = sorted(Base.metadata.tables)


@pytest.mark.parametrize("table", TABLES)
def test_every_column_is_in_the_catalogue_or_its_table_is_without_personal_data(table: str) -> None:
    columns = {column.name for column in Base.metadata.tables[table].columns}

    if table in WITHOUT_PERSONAL_DATA:
        assert table not in CATALOGUE
        return
    assert table in CATALOGUE, "add a row to servicekonto/data_protection/catalogue"
    treated = [name for name, _treatment in CATALOGUE[table].columns]
    assert sorted(treated) == sorted(columns)


def test_the_catalogue_names_no_table_that_is_gone() -> None:
    assert set(CATALOGUE) | WITHOUT_PERSONAL_DATA <= set(TABLES)


def test_what_is_sealed_is_opened_or_left_out_and_no_hash_is_given_away() -> None:
    for name, entry in CATALOGUE.items():
        for column, treatment in entry.columns:
            if column.endswith("_sealed"):
                assert treatment is not Treatment.PLAIN, f"{name}.{column}"
            if column.endswith(("_hash", "_index", "wrapped_key")):
                assert treatment is Treatment.HIDDEN, f"{name}.{column}"


def test_the_page_of_the_documentation_is_up_to_date(app: Servicekonto) -> None:
    printed = app.test_cli_runner().invoke(args=["data-catalogue"])

    assert printed.exit_code == 0
    assert printed.output == PAGE.read_text(encoding="utf-8"), (
        "flask data-catalogue > docs/security/data-catalogue.md"
    )
