"""Black-box tests of an OpenID Provider: they know its issuer URL and speak HTTP. See README.md."""
