"""Stored documents as answers."""

from dataclasses import dataclass

from flask import Response

CSP = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"


@dataclass(frozen=True)
class Download:
    file_name: str
    media_type: str
    data: bytes

    def answer(self) -> Response:
        """Saved, never shown inside the site: a document must not run as a page of ours."""
        response = Response(self.data, content_type=self.media_type)
        response.headers.set("Content-Disposition", "attachment", filename=self.file_name)
        response.headers["Content-Security-Policy"] = CSP
        return response
