"""What the account does for its owner's rights: information, export, consent, deletion (DSGVO, § 8 OZG)."""
