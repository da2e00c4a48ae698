"""The data catalogue (Art. 30 DSGVO): every column of every table with personal data.

A new table: one row in the module of its area, or its name in ``WITHOUT_PERSONAL_DATA``; a test fails until
it is there. Then ``flask data-catalogue > docs/security/data-catalogue.md``. The export and the deletion of
an account follow the foreign keys by themselves and treat the columns as the row says.
"""

from servicekonto.data_protection.catalogue import (
    of_accounts,
    of_factors,
    of_requests,
    of_staff,
    of_websites,
)
from servicekonto.data_protection.catalogue.kinds import Table

WITHOUT_PERSONAL_DATA = frozenset(
    {
        *("authority", "competence", "former_place", "municipality", "postcode", "reference_import", "unit"),
        *("offer", "place_pool", "service", "service_version"),
        *("oidc_jti_seen", "oidc_signing_key", "used_challenge", "worker_heartbeat"),
        # A website's contact is the address of an office.
        *("oidc_client", "oidc_client_secret", "oidc_logout_delivery"),
    }
)

CATALOGUE: dict[str, Table] = {
    **of_accounts.TABLES,
    **of_factors.TABLES,
    **of_requests.TABLES,
    **of_staff.TABLES,
    **of_websites.TABLES,
}
