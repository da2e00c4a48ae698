"""Views that take files. Every other view refuses a request that is larger than a form."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any, TypeVar

from flask import Flask, Request, current_app, request

View = TypeVar("View", bound=Callable[..., Any])

ENVELOPE_BYTES = 64 * 1024  # the other fields of the form, and what separates them


@dataclass(frozen=True)
class Upload:
    """``into`` makes what each file is written to while it arrives; without it files are kept by Werkzeug."""

    max_bytes: int
    into: Callable[[], IO[bytes]] | None = None


def takes_upload(max_bytes: int, *, into: Callable[[], IO[bytes]] | None = None) -> Callable[[View], View]:
    """A larger request is answered with 413 before it is read, or as soon as it has become too large."""

    def decorate(view: View) -> View:
        view.upload = Upload(max_bytes, into)  # type: ignore[attr-defined]
        return view

    return decorate


def register(app: Flask) -> None:
    """Before anything that reads the form: CSRF protection does."""
    app.before_request(_raise_limit)


class UploadingRequest(Request):
    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        upload = _upload()
        if upload is not None and upload.into is not None:
            return upload.into()
        return super()._get_file_stream(total_content_length, content_type, filename, content_length)


def _raise_limit() -> None:
    upload = _upload()
    if upload is not None:
        request.max_content_length = upload.max_bytes + ENVELOPE_BYTES


def _upload() -> Upload | None:
    return getattr(current_app.view_functions.get(request.endpoint or ""), "upload", None)
