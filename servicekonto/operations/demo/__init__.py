"""The demonstration: invented people, three registries, about sixty requests. Never in production."""
