"""What a decision says on paper."""

from flask_babel import gettext as _

from servicekonto.accounts.models import Account
from servicekonto.accounts.queries import attribute_values, display_name
from servicekonto.authorities.queries import names_of_accounts
from servicekonto.files.documents import DecisionData
from servicekonto.notices.remedies import remedy
from servicekonto.proofs.commands import new_verification
from servicekonto.service_requests import labels
from servicekonto.service_requests.models import Outcome, ServiceRequest
from servicekonto.service_requests.presentation import RequestContent
from servicekonto.service_requests.receipts import demo_notice, fee_part, office_of
from servicekonto.web.i18n import in_language, language, show_date


def decision_data(service_request: ServiceRequest) -> DecisionData:
    """In the language of whose request it is; the reasons stay as they were written."""
    with in_language(service_request.account.language):
        return _decision_data(service_request)


def _decision_data(service_request: ServiceRequest) -> DecisionData:
    content = RequestContent(service_request)
    decision, authority, unit = service_request.decision, service_request.authority, service_request.unit
    if (
        decision is None
        or decision.approved_at is None
        or decision.approved_by_id is None
        or authority is None
        or unit is None
    ):
        raise ValueError("not decided")
    names = names_of_accounts([decision.proposed_by_id, decision.approved_by_id])
    refused = decision.outcome in {Outcome.REFUSED, Outcome.GRANTED_IN_PART}
    return DecisionData(
        at=decision.approved_at,
        service=str(content.definition.names.name),
        issuer=authority.name,
        demo_notice=demo_notice(),
        language=language(),
        verification=new_verification(),
        office=office_of(authority, unit),
        addressee=_addressee(service_request.account),
        title=_("Entscheidung über Ihren Antrag"),
        reference=str(service_request.reference),
        date=show_date(decision.approved_at),
        received_at=show_date(service_request.received_at or decision.approved_at),
        contact_person=names.get(decision.proposed_by_id),
        outcome=str(labels.OUTCOMES[decision.outcome]),
        reasons=tuple(part.strip() for part in (decision.reasons or "").split("\n\n") if part.strip()),
        remedy=remedy(content.definition.remedy, authority) if refused else (),
        signed_by=names.get(decision.approved_by_id, authority.name),
        **(fee_part(content.fees) if not refused else {}),
    )


def _addressee(account: Account) -> tuple[str, ...]:
    address = attribute_values(account).get("address") or {}
    street = " ".join(filter(None, (address.get("street"), address.get("house_number"))))
    place = " ".join(filter(None, (address.get("postcode"), address.get("place"))))
    return tuple(line for line in (display_name(account), street, place) if line)
