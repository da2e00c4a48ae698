"""What the documents say. Labels and values are texts for people already; nothing is looked up here.

Each class is the data contract of one template in ``typst/``. Empty tuples and None leave a part out.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Office:
    """``address`` and ``contact`` line by line. ``unit`` is the part of the authority that does the work."""

    name: str
    unit: str | None = None
    address: tuple[str, ...] = ()
    contact: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Answer:
    label: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """One page of the form."""

    title: str
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Fee:
    """``source`` is the legal basis."""

    label: str
    amount: str
    source: str | None = None


@dataclass(frozen=True, kw_only=True)
class DocumentData:
    """``at`` becomes the time of the file, so that the same data gives the same bytes.

    ``language`` is that of the words around what people wrote. ``demo_notice`` is printed on every page: in a
    demonstration no document may look official.
    """

    at: datetime
    service: str
    issuer: str
    demo_notice: str | None = None
    language: str = "de"


@dataclass(frozen=True, kw_only=True)
class Verification:
    """How anybody can check that the document is genuine. ``url`` leads to the answer and is the QR code;
    ``page`` is the page where ``code`` can be typed, short enough to be typed itself.
    """

    code: str
    url: str
    page: str


@dataclass(frozen=True, kw_only=True)
class IssuedDocumentData(DocumentData):
    """A document that is handed out. ``at`` is its date, also on the page that verifies it."""

    verification: Verification


@dataclass(frozen=True, kw_only=True)
class ReceiptData(IssuedDocumentData):
    """Eingangsbestätigung. ``competence`` says in one sentence why this office decides; ``place`` whether
    there was one, for a service of which there is only so much.
    """

    office: Office
    reference: str
    received_at: str
    competence: str | None = None
    place: str | None = None
    applicant: tuple[Answer, ...] = ()
    next_steps: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    fees: tuple[Fee, ...] = ()
    fee_total: str | None = None
    declarations: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DecisionData(IssuedDocumentData):
    """Bescheid. ``title`` names its kind ("Bescheid", "Entscheidung"); ``signed_by`` is a person's name."""

    office: Office
    addressee: tuple[str, ...]
    title: str
    reference: str
    date: str
    received_at: str
    contact_person: str | None = None
    outcome: str
    reasons: tuple[str, ...] = ()
    fees: tuple[Fee, ...] = ()
    fee_total: str | None = None
    remedy: tuple[str, ...] = ()
    signed_by: str


@dataclass(frozen=True, kw_only=True)
class PrintedFormData(DocumentData):
    """The filled form for an office that is not online for this service yet.

    ``signers`` one line each, for example "Antragstellerin oder Antragsteller".
    """

    office: Office
    filled_at: str
    instructions: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    fees: tuple[Fee, ...] = ()
    fee_total: str | None = None
    documents: tuple[str, ...] = ()
    declarations: tuple[str, ...] = ()
    signers: tuple[str, ...] = ()
