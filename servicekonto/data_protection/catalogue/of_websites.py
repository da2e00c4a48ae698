"""Where somebody signs in with this account, and what those websites may read."""

from flask_babel import lazy_gettext as _

from servicekonto.core import retention
from servicekonto.data_protection.catalogue.kinds import (
    CONSENT,
    NOBODY,
    PUBLIC_TASK,
    SECURITY,
    Columns,
    Exempt,
    Table,
)

_THE_WEBSITE = _("die Website, bei der Sie sich anmelden")
_A_WEEK = _("höchstens %(days)s Tage", days=retention.WEBSITE_SIGN_INS_AT_MOST.days)
_UNTIL_IT_ENDS = _(
    "höchstens %(days)s Tage; wenn Sie einem späteren Abruf zugestimmt haben, bis zu %(longest)s Tage, dann "
    "aber nur noch mit dem Tag, an dem Sie zugestimmt haben",
    days=retention.WEBSITE_SIGN_INS_AT_MOST.days,
    longest=retention.OFFLINE_ACCESS.kept.days,
)

TABLES: dict[str, Table] = {
    "oidc_interaction": Table(
        title=_("Begonnene Anmeldungen bei Websites"),
        purpose=_("nach der Anmeldung zur Website zurückführen"),
        basis=SECURITY,
        kept=_("eine Stunde"),
        recipients=NOBODY,
        columns=Columns(
            plain="id client_id is_pushed has_chosen created_at seen_at expires_at done_at",
            opened="login_hint_sealed",
            hidden="wrapped_key browser_hash session_hash parameters hinted_sub",
        ),
        withheld=Exempt(_("Der Vorgang gehört zu einem Browser und nennt kein Konto.")),
        stays=Exempt(_("Der Vorgang gehört zu einem Browser und nennt kein Konto.")),
    ),
    "oidc_grant": Table(
        title=_("Anmeldungen bei Websites"),
        purpose=_("die Website wissen lassen, wer sich anmeldet"),
        basis=PUBLIC_TASK,
        kept=_UNTIL_IT_ENDS,
        recipients=_THE_WEBSITE,
        columns=Columns(
            plain="id account_id client_id session_id sub scopes claims level authenticated_at created_at "
            "revoked_at",
            hidden="sid",
        ),
    ),
    "oidc_authorization_code": Table(
        title=_("Codes für eine Anmeldung bei einer Website"),
        purpose=_("jeden nur einmal annehmen"),
        basis=SECURITY,
        kept=_A_WEEK,
        recipients=_THE_WEBSITE,
        columns=Columns(
            plain="id grant_id redirect_uri expires_at used_at",
            hidden="code_hash nonce code_challenge dpop_jkt",
        ),
    ),
    "oidc_access_token": Table(
        title=_("Schlüssel, mit denen eine Website Ihre Angaben liest"),
        purpose=_("nur der Website antworten, der Sie es erlaubt haben"),
        basis=SECURITY,
        kept=_A_WEEK,
        recipients=_THE_WEBSITE,
        columns=Columns(plain="id grant_id scopes created_at expires_at", hidden="token_hash jkt"),
    ),
    "oidc_refresh_token": Table(
        title=_("Erlaubnisse, Ihre Angaben später noch einmal abzurufen"),
        purpose=_("nur der Website antworten, der Sie es erlaubt haben"),
        basis=CONSENT,
        kept=_(
            "bis zu %(days)s Tage; weniger, wenn die Website sie 30 Tage lang nicht nutzt. "
            "Gespeichert ist der "
            "Tag, an dem sie enden, nicht der letzte Abruf",
            days=retention.OFFLINE_ACCESS.kept.days,
        ),
        recipients=_THE_WEBSITE,
        columns=Columns(plain="id grant_id expires_at", hidden="family_hash token_hash jkt"),
    ),
    "oidc_consent": Table(
        title=_("Verbundene Websites"),
        purpose=_("nachweisen, welche Angaben eine Website bekommen darf"),
        basis=CONSENT,
        kept=_(
            "so lange wie das Konto, auch widerrufene, mit dem Tag ohne Uhrzeit; wann die Website zuletzt "
            "etwas bekam, höchstens %(days)s Tage",
            days=retention.WEBSITE_SIGN_INS_AT_MOST.days,
        ),
        recipients=_THE_WEBSITE,
        columns=Columns(
            plain="id account_id client_id asked scopes asked_claims claims version connected_at given_at "
            "last_used_at withdrawn_at"
        ),
    ),
}
