"""The configuration of the running application, typed, and the keys derived from its secret."""

import functools
from typing import cast

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, current_app

from config import Config

_KEY = "SERVICEKONTO"


def install(app: Flask, config: Config) -> None:
    app.config[_KEY] = config


def settings() -> Config:
    return cast(Config, current_app.config[_KEY])


def cookie_key(config: Config) -> bytes:
    """Signs Flask's own cookie (CSRF seed and flash messages)."""
    return derive(config.secret_key, "cookie")


@functools.cache
def derive(secret: bytes, purpose: str) -> bytes:
    """An independent 32-byte key for one purpose (HKDF-SHA256)."""
    return HKDF(SHA256(), 32, salt=None, info=f"servicekonto {purpose}".encode()).derive(secret)
