"""Servicekonto as OpenID Provider next to npm's oidc-provider and a bare Flask, in one run."""
