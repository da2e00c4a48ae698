"""Standesamtsportal Musterstadt: an invented website that signs its visitors in through Servicekonto."""

from relying_party.site import create_app

__all__ = ["create_app"]
