"""The OpenID Provider: other services let people sign in with their account here."""
