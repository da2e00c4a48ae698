from servicekonto.account_log.sentences import ATTRIBUTE_NAMES, SENTENCES
from servicekonto.accounts.queries import ATTRIBUTES
from servicekonto.audit.actions import ABOUT_ACCOUNTS


def test_every_action_about_accounts_has_a_sentence_and_every_attribute_a_name() -> None:
    assert set(SENTENCES) == ABOUT_ACCOUNTS
    assert set(ATTRIBUTE_NAMES) >= set(ATTRIBUTES)
