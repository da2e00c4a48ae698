"""A browser without scripts. Every HTML answer is checked when it arrives."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from servicekonto.web.application import Servicekonto
from tests.support.page import Page


class FreshContextClient(FlaskClient):
    """Fixtures keep an application context open; without one of its own each request would find the ``g`` and
    the database session of the one before, and who was signed in then.
    """

    def open(self, *args: Any, **options: Any) -> TestResponse:
        with self.application.app_context():
            return super().open(*args, **options)


class PageClient:
    """``get`` and ``post`` return pages, ``follow`` goes on after a redirect, ``client`` is Flask's own."""

    def __init__(self, app: Servicekonto) -> None:
        self.app = app
        self.client = FreshContextClient(app, app.response_class)

    def get(self, path: str, *, status: int = 200, **options: Any) -> Page:
        return self.checked(self.client.get(path, **options), status)

    def open(self, *args: Any, **options: Any) -> TestResponse:
        """What a form of a page needs to be sent."""
        return self.client.open(*args, **options)

    def follow(self, response: TestResponse, *, status: int = 200) -> Page:
        """After a successful POST: 303, then the page it leads to (over several redirects if need be)."""
        while response.status_code in {302, 303}:
            response = self.client.get(response.location)
        return self.checked(response, status)

    def checked(self, response: TestResponse, status: int) -> Page:
        if response.status_code in {302, 303}:
            assert response.status_code == status, f"leads to {response.location}"
        page = Page(response)
        assert page.status == status, f"{page.path}: {page.status} {page.h1}"
        return page
