"""Very many invented requests, for looking at the application as it will be after years."""
