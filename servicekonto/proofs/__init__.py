"""Is a document genuine and unchanged? For everybody, without a word about whom it concerns."""
