"""The chain of the audit trail: sealed by workers, checked and written down by those who run it."""
