"""What somebody signs in with, what is known about sign-ins, and the ways back into an account."""

from flask_babel import lazy_gettext as _

from servicekonto.core import retention
from servicekonto.data_protection.catalogue.kinds import (
    NOBODY,
    PUBLIC_TASK,
    SECURITY,
    WITH_THE_ACCOUNT,
    Columns,
    Table,
)

_FACTOR = "id account_id created_at confirmed_at last_used_at locked_at failures"

TABLES: dict[str, Table] = {
    "credential_totp": Table(
        title=_("Apps für Einmalcodes"),
        purpose=_("Anmelden"),
        basis=PUBLIC_TASK,
        kept=_("bis Sie sie entfernen oder das Konto gelöscht wird"),
        recipients=NOBODY,
        columns=Columns(plain=f"{_FACTOR} last_step", opened="name_sealed", hidden="secret_sealed"),
    ),
    "credential_passkey": Table(
        title=_("Passkeys"),
        purpose=_("Anmelden"),
        basis=PUBLIC_TASK,
        kept=_("bis Sie sie entfernen oder das Konto gelöscht wird"),
        recipients=NOBODY,
        columns=Columns(
            plain=f"{_FACTOR} sign_count transports verifies_user is_backup_eligible is_backed_up",
            opened="name_sealed",
            hidden="credential_id public_key",
        ),
    ),
    "recovery_codes": Table(
        title=_("Notfallcodes"),
        purpose=_("wieder in das Konto kommen"),
        basis=PUBLIC_TASK,
        kept=_("bis Sie sie entfernen oder das Konto gelöscht wird"),
        recipients=NOBODY,
        columns=Columns(plain=_FACTOR, opened="name_sealed", hidden="clear_sealed"),
    ),
    "recovery_code": Table(
        title=_("Einzelne Notfallcodes"),
        purpose=_("jeden nur einmal annehmen"),
        basis=PUBLIC_TASK,
        kept=_("bis Sie sie entfernen oder das Konto gelöscht wird"),
        recipients=NOBODY,
        columns=Columns(plain="id recovery_codes_id used_at", hidden="code_index"),
    ),
    "sign_in_record": Table(
        title=_("Anmeldungen"),
        purpose=_("Ihnen zeigen, wer sich angemeldet hat oder es versucht hat"),
        basis=SECURITY,
        kept=_("%(days)s Tage", days=retention.SIGN_INS.kept.days),
        recipients=NOBODY,
        columns=Columns(plain="id account_id at outcome method level device"),
    ),
    "known_device": Table(
        title=_("Bekannte Geräte"),
        purpose=_("eine Anmeldung mit einem neuen Gerät melden"),
        basis=SECURITY,
        kept=_("%(days)s Tage nach der letzten Anmeldung damit", days=retention.DEVICES.kept.days),
        recipients=NOBODY,
        columns=Columns(plain="id account_id device first_seen_at last_seen_at", hidden="token_hash"),
    ),
    "email_change": Table(
        title=_("Geänderte E-Mail-Adressen"),
        purpose=_("eine fremde Änderung rückgängig machen"),
        basis=SECURITY,
        kept=WITH_THE_ACCOUNT,
        recipients=NOBODY,
        columns=Columns(
            plain="id account_id requested_at confirmed_at reverted_at", opened="old_sealed new_sealed"
        ),
    ),
    "account_reset": Table(
        title=_("Zurücksetzen des Kontos"),
        purpose=_("die Wartezeit einhalten und Sie vorher erinnern"),
        basis=SECURITY,
        kept=_("bis es abgeschlossen oder gestoppt ist, höchstens zehn Tage"),
        recipients=NOBODY,
        columns=Columns(plain="id account_id requested_at possible_from notified"),
    ),
    "identity_check": Table(
        title=_("Ausweise, die eine Behörde gesehen hat"),
        purpose=_("nachweisen, wodurch Angaben geprüft sind"),
        basis=PUBLIC_TASK,
        kept=WITH_THE_ACCOUNT,
        recipients=_("die Behörde, die den Ausweis gesehen hat"),
        columns=Columns(
            plain="id account_id created_at expires_at done_at authority_id document_kind names",
            others="staff_account_id",
            hidden="code_sealed code_index",
        ),
    ),
}
