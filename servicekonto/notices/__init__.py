"""Decisions made known. Regimes and legal deadlines have their place here."""
