"""The Flask class: one request is one unit of work, and a GET changes nothing unless its view says so."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask.typing import ResponseReturnValue

from servicekonto.core.db import unit_of_work
from servicekonto.core.ids import new_id
from servicekonto.core.scope import NOBODY, scoped
from servicekonto.web.uploads import UploadingRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

REQUEST_ID = "X-Request-ID"
OF_ONE_REQUEST = frozenset({"Date", REQUEST_ID})

Hook = TypeVar("Hook", bound=Callable[..., object])


def machines_too(hook: Hook) -> Hook:
    """Runs before or after the requests of machines as well (``access.for_machines``)."""
    hook.machines_too = True  # type: ignore[attr-defined]
    return hook


class FormCookie(SecureCookieSessionInterface):
    """Flask's own signs with HMAC-SHA-1: for OWASP ASVS 5.0 (appendix C) no longer suitable."""

    digest_method = staticmethod(hashlib.sha256)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Nothing is prepared to read a cookie that is not there."""
        is_there = self.get_cookie_name(app) in request.cookies
        return super().open_session(app, request) if is_there else self.session_class()


@dataclass(frozen=True)
class Kept:
    """An answer as the server of the application takes it."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


class Servicekonto(Flask):
    request_class = UploadingRequest
    session_interface = FormCookie()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept: dict[str, Kept] = {}

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Constant answers leave at once: nothing about them is worth a line in the log. Whoever has one
        already, or asks in another way than by a plain GET, comes to the view.
        """
        kept = self._kept.get(environ["PATH_INFO"])
        if kept is None or environ["REQUEST_METHOD"] != "GET" or "HTTP_IF_NONE_MATCH" in environ:
            return super().__call__(environ, start_response)
        start_response(kept.status, [*kept.headers, (REQUEST_ID, str(new_id()))])
        return [kept.body]

    def preprocess_request(self) -> ResponseReturnValue | None:
        if not self._marked("for_machines"):
            return super().preprocess_request()
        for hook in self.before_request_funcs.get(None, ()):
            if hasattr(hook, "machines_too"):
                hook()
        return None

    def process_response(self, response: Response) -> Response:
        """A page that tells a machine of an error is a page like any other."""
        if not self._marked("for_machines") or response.mimetype == "text/html":
            return super().process_response(response)
        for hook in reversed(self.after_request_funcs.get(None, [])):
            if hasattr(hook, "machines_too"):
                response = hook(response)
        if self._marked("constant") and response.status_code == 200 and request.method == "GET":
            self._keep(response)
        return response

    def _keep(self, response: Response) -> None:
        headers = [(name, value) for name, value in response.headers if name not in OF_ONE_REQUEST]
        self._kept[request.path] = Kept(response.status, headers, response.get_data())

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
