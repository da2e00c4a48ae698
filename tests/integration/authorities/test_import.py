import pytest
import sqlalchemy as sa
from flask.testing import FlaskCliRunner

from servicekonto.authorities import importer, queries, reference
from servicekonto.authorities.models import (
    Authority,
    Competence,
    FormerPlaceName,
    Municipality,
    Postcode,
    ReferenceImport,
    Unit,
)
from servicekonto.core.db import db
from servicekonto.core.errors import NotFoundError
from servicekonto.web.application import Servicekonto
from tests.builders.authorities import SOME_DAY, import_authorities

pytestmark = pytest.mark.usefixtures("database")

MODELS = (Authority, Unit, Municipality, Postcode, FormerPlaceName, Competence)


@pytest.fixture(autouse=True)
def _nothing_imported(database: None) -> None:
    for model in (ReferenceImport, *reversed(MODELS)):
        db.session.execute(sa.delete(model))
    db.session.expunge_all()


def number_of_rows() -> dict[str, int]:
    return {
        model.__tablename__: db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0
        for model in MODELS
    }


def test_the_import_stores_every_packaged_row() -> None:
    import_authorities()

    records = reference.read()
    assert number_of_rows() == {
        "authority": len(records.authorities),
        "unit": len(records.units),
        "municipality": len(records.places),
        "postcode": len(records.postcodes),
        "former_place": len(records.former_places),
        "competence": len(records.competences),
    }


def test_a_second_import_changes_nothing() -> None:
    import_authorities()
    hanau, before = queries.get_authority("hanau").id, number_of_rows()

    summary = import_authorities()

    assert summary == importer.Summary()
    assert number_of_rows() == before
    assert queries.get_authority("hanau").id == hanau
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ReferenceImport)) == 1


def test_an_import_repairs_what_is_packaged_and_keeps_what_the_authority_says_about_itself() -> None:
    import_authorities()
    hanau = queries.get_authority("hanau")
    hanau.name, hanau.telephone, hanau.postcode = "Hanau", "06181 295-0", "63452"
    db.session.add(Postcode(postcode="00001", municipality=a_municipality(), is_primary=True, **A_POSTCODE))
    db.session.flush()

    summary = import_authorities()
    db.session.refresh(hanau)

    assert summary == importer.Summary(added=0, changed=1, removed=1)
    assert (hanau.name, hanau.telephone, hanau.postcode) == (
        "Magistrat der Stadt Hanau",
        "06181 295-0",
        "63452",
    )


A_POSTCODE = {"kind": "delivery", "confidence": "high"}


def a_municipality() -> Municipality:
    return db.session.scalars(sa.select(Municipality).limit(1)).one()


def test_the_tree_leads_from_a_municipality_to_the_ministry() -> None:
    import_authorities()

    keys = {authority.id: authority.key for authority in db.session.scalars(sa.select(Authority))}
    parents = {a.key: keys.get(a.parent_id) for a in db.session.scalars(sa.select(Authority)) if a.parent_id}

    assert parents["gelnhausen"] == "main-kinzig-kreis"
    assert parents["main-kinzig-kreis"] == parents["hanau"] == "rp-darmstadt"
    assert parents["rp-darmstadt"] == "hmdi"
    assert parents["havs-fulda"] == "rp-giessen"


def test_every_municipality_has_a_registry_office_and_a_passport_office() -> None:
    import_authorities()
    for key in ("registry_office", "passport_office"):
        without = sa.select(Municipality.name).where(
            Municipality.kind != "unincorporated_area",
            ~sa.exists().where(Unit.authority_id == Municipality.authority_id, Unit.key == key),
        )

        assert list(db.session.scalars(without)) == []


def test_an_unknown_authority_or_unit_is_not_found() -> None:
    import_authorities()

    with pytest.raises(NotFoundError):
        queries.get_authority("atlantis")
    with pytest.raises(NotFoundError):
        queries.get_unit(queries.get_authority("biblis"), "vehicle_registration")


def test_the_import_needs_few_statements(queries: list[str]) -> None:
    with_progress: list[int] = []

    importer.import_reference_data(at=SOME_DAY, progress=with_progress.append)

    assert len(queries) <= 30
    assert sum(with_progress) == importer.number_of_rows()


def test_the_command_says_what_it_did(app: Servicekonto) -> None:
    runner: FlaskCliRunner = app.test_cli_runner()

    first = runner.invoke(args=["authorities", "import"])
    second = runner.invoke(args=["authorities", "import"])

    assert first.exit_code == 0, first.output
    assert "0 changed, 0 removed" in first.output
    assert second.output.splitlines()[-1] == "0 added, 0 changed, 0 removed"
