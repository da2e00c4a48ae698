"""What somebody can do against a decision. The definition of a service names the row."""

from collections.abc import Callable

from flask_babel import gettext as _

from servicekonto.authorities.models import Authority


def _district_court(authority: Authority) -> tuple[str, ...]:
    """§§ 49, 50 PStG: no objection, but an application to the local court at the seat of a regional court."""
    return (
        _(
            "Gegen diese Entscheidung gibt es keinen Widerspruch. Sie können beim Amtsgericht beantragen, "
            "dass es das Standesamt anweist, die Amtshandlung vorzunehmen (§ 49 Abs. 1 PStG)."
        ),
        _(
            "Zuständig ist das Amtsgericht, das seinen Sitz am Ort eines Landgerichts hat und zu dessen "
            "Bezirk das Standesamt gehört (§ 50 Abs. 1 PStG). Eine Frist gibt es dafür nicht."
        ),
    )


def _court_against_a_ministry(_authority: Authority) -> tuple[str, ...]:
    """§ 68 Abs. 1 Satz 2 Nr. 1, §§ 74, 52 Nr. 3 VwGO: a ministry has decided, so there is no objection."""
    return (
        _(
            "Gegen diese Entscheidung gibt es keinen Widerspruch, weil ein Ministerium entschieden hat "
            "(§ 68 Abs. 1 Satz 2 Nr. 1 VwGO). Sie können innerhalb eines Monats nach der Bekanntgabe Klage "
            "beim Verwaltungsgericht erheben (§ 74 Abs. 1 VwGO)."
        ),
        _("Zuständig ist das Verwaltungsgericht, in dessen Bezirk Sie wohnen (§ 52 Nr. 3 VwGO)."),
    )


REMEDIES: dict[str, Callable[[Authority], tuple[str, ...]]] = {
    "amtsgericht_pstg49": _district_court,
    "verwaltungsgericht_ministry": _court_against_a_ministry,
}


def remedy(key: str, authority: Authority) -> tuple[str, ...]:
    """Paragraphs for the end of a decision. KeyError for a row that is missing: no notice without it."""
    return REMEDIES[key](authority)
