"""Everything that changes a request. One function per intention; none of them commits."""
