"""How long what is kept: the one place for these values."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Rule:
    """Gone (payloads: emptied) when ``kept`` has passed since ``since``; ``basis`` says why that long."""

    what: str
    kept: timedelta
    since: str
    basis: str


DRAFTS = Rule("drafts of requests", timedelta(days=30), "the last edit", "§ 8a (3) OZG")
IDEMPOTENCY_KEYS = Rule("keys of sent forms", timedelta(days=30), "they were sent", "as long as drafts")
MAILS = Rule("mails, sent or not", timedelta(days=30), "they were written", "complaints about lost mail")
DONE_JOBS = Rule("done jobs", timedelta(days=7), "they were done", "to see what happened")
SESSIONS = Rule("ended sessions", timedelta(days=30), "their last use", "the owner's list of devices")
LINKS = Rule("links sent by mail", timedelta(days=7), "they expired", "to answer with the right sentence")
UNCONFIRMED = Rule(
    "accounts nobody confirmed",
    timedelta(days=7),
    "they were registered",
    "the link lasts a day",
)
KEPT_INPUT = Rule(
    "input of a form that waits for its sender to sign in",
    timedelta(hours=1),
    "it was sent",
    "to give it back after signing in or proving again who it is",
)
BULK_REPORTS = Rule(
    "reports of acts on several requests", timedelta(days=30), "the act", "to look at once more"
)
SIGN_INS = Rule(
    "sign-ins and refused attempts", timedelta(days=90), "they happened", "the owner looks them over"
)
DEVICES = Rule("browsers an account was used in", timedelta(days=365), "their last use", "to tell a new one")
INVITATIONS = Rule("unanswered invitations", timedelta(days=30), "they ran out", "they can be sent again")
AUDIT_PAYLOADS = Rule(
    "payloads of audit entries; the entries stay, and their chain",
    timedelta(days=4 * 365 + 1),
    "the act",
    "claims end three years after the year of the act: §§ 195, 199 BGB",
)

EXPORTS = Rule("copies of one's own data", timedelta(days=7), "they were made", "time to fetch them")
DELETIONS = Rule(
    "accounts whose owner wants to end them",
    timedelta(days=14),
    "the owner asked for it",
    "TR-03160-1 § 7: a lock period, in which a stranger's deed can be stopped",
)
INACTIVE = Rule("accounts nobody uses", timedelta(days=731), "the last sign-in", "§ 8 (7) OZG: two years")
WEBSITE_SIGN_INS_AT_MOST = timedelta(days=7)
"""TR-03160-2 § 4.3.2.4: who signed in where is kept no longer."""

WEBSITE_SIGN_INS = Rule(
    "sign-ins to other websites, their codes and tokens",
    WEBSITE_SIGN_INS_AT_MOST - timedelta(hours=1),
    "they happened",
    "TR-03160-2 § 4.3.2.4: who signed in where is gone after seven days; workers come once an hour",
)
TOLD_LOGOUTS = Rule(
    "messages to websites that somebody has signed out, delivered or not",
    WEBSITE_SIGN_INS.kept,
    "the session ended",
    "as the sign-ins: whoever has the keys can tell of whom each of them is",
)

OFFLINE_ACCESS = Rule(
    "permissions for websites to come back for data, without when somebody signed in",
    timedelta(days=90),
    "the person agreed",
    "the person agreed to that long; unused, they end after 30 days",
)

RULES = (
    *(DRAFTS, IDEMPOTENCY_KEYS, MAILS, DONE_JOBS, SESSIONS, LINKS, UNCONFIRMED, INVITATIONS, KEPT_INPUT),
    *(BULK_REPORTS, SIGN_INS, DEVICES, AUDIT_PAYLOADS, EXPORTS, DELETIONS, INACTIVE),
    *(WEBSITE_SIGN_INS, TOLD_LOGOUTS, OFFLINE_ACCESS),
)

DRAFT_REMINDER = timedelta(days=7)
"""So long before a draft goes its owner is reminded: § 8a (3) OZG wants them told beforehand."""

DELETION_REMINDER = timedelta(days=3)
"""So long before the end of the lock period the owner is told once more."""

INACTIVITY_REMINDERS = (60, 30, 7)
"""So many days before an unused account goes its owner is reminded; § 8 (7) OZG wants two months."""


def draft_kept_until(last_edit: datetime) -> datetime:
    return last_edit + DRAFTS.kept
