"""The data catalogue as a page of the documentation."""

from servicekonto.data_protection.catalogue import CATALOGUE, WITHOUT_PERSONAL_DATA
from servicekonto.data_protection.catalogue.kinds import EXPLAINED, Exempt, Table, Treatment
from servicekonto.web.i18n import ENGLISH, in_language

_HEAD = """# Data catalogue

The record of processing by tables and columns (Art. 30 GDPR). Written by `flask data-catalogue` from
`servicekonto/data_protection/catalogue`; a test fails when a column of the database is missing there or when
this page is out of date.

The copy a person gets of their data and the deletion of an account follow the foreign keys and treat every
column as it stands here. Without personal data: {without}.
"""


def catalogue_page() -> str:
    """In English, as all documentation."""
    with in_language(ENGLISH):
        parts = [_HEAD.format(without=", ".join(f"`{name}`" for name in sorted(WITHOUT_PERSONAL_DATA)))]
        parts += [_section(name, entry) for name, entry in CATALOGUE.items()]
    return "\n".join(parts)


def _section(name: str, entry: Table) -> str:
    lines = [
        f"## `{name}`: {entry.title}\n",
        f"- Purpose: {entry.purpose}",
        f"- Legal basis: {entry.basis}",
        f"- Kept: {entry.kept}",
        f"- Recipients: {entry.recipients}",
        f"- Not in the copy: {_rows(entry.withheld)}",
        f"- Stays when the account is deleted: {_rows(entry.stays)}\n",
        "| column | in the copy |",
        "|---|---|",
    ]
    for treatment in Treatment:
        names = [f"`{column}`" for column, treated in entry.columns if treated is treatment]
        if names:
            lines.append(f"| {' '.join(names)} | {EXPLAINED[treatment]} |")
    return "\n".join(lines) + "\n"


def _rows(exempt: Exempt | None) -> str:
    if exempt is None:
        return "–"
    which = f"rows with `{exempt.rows}`" if exempt.rows else "all rows"
    return f"{which}: {exempt.why}"
