"""Citizens, staff and operators: their accounts, passwords, sessions and personal data."""
