"""The Flask class: one request is one unit of work, and a GET changes nothing unless its view says so."""

import hashlib

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue

from servicekonto.core.db import unit_of_work
from servicekonto.core.scope import NOBODY, scoped
from servicekonto.web.uploads import UploadingRequest

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class FormCookie(SecureCookieSessionInterface):
    """Flask's own signs with HMAC-SHA-1: for OWASP ASVS 5.0 (appendix C) no longer suitable."""

    digest_method = staticmethod(hashlib.sha256)


class Servicekonto(Flask):
    request_class = UploadingRequest
    session_interface = FormCookie()

    def dispatch_request(self) -> ResponseReturnValue:
        with scoped(NOBODY):
            if self._marked("own_units_of_work"):
                return super().dispatch_request()
            read_only = request.method in SAFE_METHODS and not self._marked("writes_on_get")
            with unit_of_work(read_only=read_only):
                return super().dispatch_request()

    def _marked(self, mark: str) -> bool:
        endpoint = request.endpoint
        return endpoint is not None and hasattr(self.view_functions[endpoint], mark)
