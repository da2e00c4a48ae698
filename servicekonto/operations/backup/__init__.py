"""A copy of the whole database in one encrypted file, independent of the kind of database."""
