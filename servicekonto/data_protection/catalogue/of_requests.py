"""Tables of a request and of what is said about it. The authority is the controller once it has arrived."""

from flask_babel import lazy_gettext as _

from servicekonto.data_protection.catalogue.kinds import (
    AUTHORITY,
    NOBODY,
    OF_THE_AUTHORITY,
    PROCEDURE,
    PUBLIC_TASK,
    WITH_THE_REQUEST,
    Columns,
    Exempt,
    Table,
)


def _if_sent(table: str) -> Exempt:
    """Goes with a draft, stays with a request that is sent."""
    return Exempt(
        OF_THE_AUTHORITY,
        f"exists (select 1 from service_request r where r.id = {table}.service_request_id"  # noqa: S608 - names
        " and r.status <> 'draft')",
    )


TABLES: dict[str, Table] = {
    "service_request": Table(
        title=_("Anträge und Entwürfe"),
        purpose=_("den Antrag bearbeiten"),
        basis=PROCEDURE,
        kept=_(
            "Entwürfe 30 Tage nach der letzten Änderung; sonst so lange, wie die Behörde die Akte braucht"
        ),
        recipients=AUTHORITY,
        columns=Columns(
            plain=(
                "id account_id subject_account_id case_id service_key service_version_id authority_id unit_id"
                " status reference competence_reason created_at updated_at reminded_at submitted_at"
                " received_at first_received_at unread_count event_count version"
            ),
            opened="input_sealed answers_sealed applicant_name_sealed",
            acted="signer_account_id assignee_id",
            hidden="wrapped_key",
        ),
        stays=Exempt(OF_THE_AUTHORITY, "service_request.status <> 'draft'"),
    ),
    "request_event": Table(
        title=_("Verlauf der Anträge"),
        purpose=_("zeigen und nachweisen, was wann geschehen ist"),
        basis=PROCEDURE,
        kept=WITH_THE_REQUEST,
        recipients=AUTHORITY,
        columns=Columns(
            plain="id service_request_id sequence kind from_status to_status is_public payload occurred_at",
            acted="actor_id",
        ),
        withheld=Exempt(
            _("Schritte innerhalb der Behörde. Akteneinsicht gibt die Behörde."),
            "not request_event.is_public",
        ),
        stays=_if_sent("request_event"),
    ),
    "service_request_name": Table(
        title=_("Suche nach Namen"),
        purpose=_("die Behörde findet einen Antrag über den genauen Namen"),
        basis=PROCEDURE,
        kept=WITH_THE_REQUEST,
        recipients=AUTHORITY,
        columns=Columns(plain="id service_request_id authority_id received_at", hidden="token"),
        stays=_if_sent("service_request_name"),
    ),
    "decision": Table(
        title=_("Entscheidungen"),
        purpose=_("über den Antrag entscheiden"),
        basis=PROCEDURE,
        kept=WITH_THE_REQUEST,
        recipients=AUTHORITY,
        columns=Columns(
            plain="id service_request_id outcome proposed_at approved_at",
            opened="reasons_sealed return_reason_sealed",
            acted="proposed_by_id approved_by_id",
        ),
        withheld=Exempt(
            _("Entscheidungen, die Ihnen noch nicht bekannt gegeben sind"),
            "exists (select 1 from service_request r where r.id = decision.service_request_id"
            " and r.status <> 'notified')",
        ),
        stays=_if_sent("decision"),
    ),
    "request_document": Table(
        title=_("Dokumente"),
        purpose=_("Bestätigungen und Entscheidungen unverändert aufbewahren"),
        basis=PROCEDURE,
        kept=WITH_THE_REQUEST,
        recipients=AUTHORITY,
        columns=Columns(
            plain="id service_request_id kind file_name media_type size sha512 created_at",
            opened="proof_code_sealed",
            file="data_sealed",
        ),
        stays=_if_sent("request_document"),
    ),
    "message": Table(
        title=_("Nachrichten im Postfach"),
        purpose=_("Bescheide und Nachrichten zustellen"),
        basis=PUBLIC_TASK,
        kept=_("bis Ihr Konto endet"),
        recipients=NOBODY,
        columns=Columns(
            plain=(
                "id account_id authority_id service_request_id document_kind sender provided_at first_read_at"
                " archived_at"
            ),
            opened="subject_sealed body_sealed",
            hidden="wrapped_key",
        ),
    ),
    "request_message": Table(
        title=_("Nachrichten zu Anträgen"),
        purpose=_("Austausch mit der Behörde"),
        basis=PROCEDURE,
        kept=WITH_THE_REQUEST,
        recipients=AUTHORITY,
        columns=Columns(
            plain="id service_request_id authority_id sent_at read_at",
            opened="body_sealed",
            acted="author_id",
        ),
        stays=_if_sent("request_message"),
    ),
    "information_request": Table(
        title=_("Rückfragen"),
        purpose=_("fehlende Angaben nachholen"),
        basis=PROCEDURE,
        kept=WITH_THE_REQUEST,
        recipients=AUTHORITY,
        columns=Columns(
            plain="id service_request_id authority_id asked_at answered_at ended_at",
            opened="asked_sealed text_sealed input_sealed before_sealed after_sealed",
            acted="asked_by_id",
        ),
        stays=_if_sent("information_request"),
    ),
    "internal_note": Table(
        title=_("Notizen der Behörde"),
        purpose=_("Absprachen in der Behörde"),
        basis=PROCEDURE,
        kept=WITH_THE_REQUEST,
        recipients=AUTHORITY,
        columns=Columns(
            plain="id service_request_id authority_id written_at", opened="body_sealed", acted="author_id"
        ),
        withheld=Exempt(_("Verantwortlich ist die Behörde. Akteneinsicht gibt sie.")),
        stays=_if_sent("internal_note"),
    ),
    "place_allocation": Table(
        title=_("Plätze"),
        purpose=_("begrenzte Plätze der Reihe nach vergeben"),
        basis=PROCEDURE,
        kept=WITH_THE_REQUEST,
        recipients=AUTHORITY,
        columns=Columns(
            plain="id pool_id service_request_id account_id number state allocated_at confirmed_at freed_at"
        ),
        stays=_if_sent("place_allocation"),
    ),
    "document_proof": Table(
        title=_("Nachweise von Dokumenten"),
        purpose=_("jeder kann prüfen, ob ein Dokument echt ist"),
        basis=PUBLIC_TASK,
        kept=_("so lange, wie es dieses Angebot gibt"),
        recipients=_("wer das Dokument oder seinen Code hat"),
        columns=Columns(plain="id kind authority_id dated", hidden="code_index sha512"),
        withheld=Exempt(_("Von dieser Zeile führt kein Weg zu einer Person.")),
        stays=Exempt(_("Von dieser Zeile führt kein Weg zu einer Person.")),
    ),
}
