"""What is no longer needed goes. The values are in ``core/retention.py``."""
