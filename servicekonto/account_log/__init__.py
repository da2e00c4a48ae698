"""The owner of an account reads what has happened to it: their part of the audit trail."""
