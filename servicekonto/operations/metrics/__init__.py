"""Numbers for those who run the installation. No personal data and no ids, not even as labels."""
