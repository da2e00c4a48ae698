"""What an administrator of an authority does: staff, services, contact; and the audit trail of it all."""
