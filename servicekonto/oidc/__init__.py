"""OpenID Provider: other websites of the administration sign their visitors in with this account."""
