"""Everything that changes what is remembered about a person's rights."""
