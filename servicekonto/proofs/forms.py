"""What somebody types or uploads to verify a document."""

from collections.abc import Mapping

from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from servicekonto.core.ids import normalise_proof_code
from servicekonto.proofs.uploads import UploadedFile

MAX_LENGTH = 60
_CODE_CHARACTERS = 13


class CodeForm:
    """``code`` is the written form, or None when none was typed or it cannot be right."""

    def __init__(self, arguments: Mapping[str, str]) -> None:
        # Whoever copies the whole address from the document means the code at its end.
        self.typed = arguments.get("code", "").strip().rstrip("/").rpartition("/")[2][:MAX_LENGTH]
        self.code = normalise_proof_code(self.typed)
        self.errors: dict[str, str] = {}
        if "code" in arguments and self.code is None:
            self.errors["code"] = self._what_is_wrong()

    def _what_is_wrong(self) -> str:
        if not self.typed:
            return str(_("Bitte geben Sie den Prüfcode ein. Er steht neben dem QR-Code auf dem Dokument."))
        characters = [char for char in self.typed.upper().removeprefix("PR") if char.isalnum()]
        if len(characters) != _CODE_CHARACTERS:
            return str(
                _(
                    "Nach PR kommen 13 Buchstaben und Ziffern. Sie haben %(count)s eingegeben.",
                    count=len(characters),
                )
            )
        return str(
            _(
                "Da ist ein Zeichen falsch, oder zwei sind vertauscht. "
                "Bitte vergleichen Sie den Code noch einmal mit dem Dokument."
            )
        )


class FileForm:
    """``status`` is what a wrong file is answered with."""

    def __init__(self, files: Mapping[str, FileStorage]) -> None:
        sent = files.get("datei")
        stream = sent.stream if sent is not None else None
        self.file = stream if isinstance(stream, UploadedFile) else UploadedFile()
        self.errors: dict[str, str] = {}
        self.status = 200
        if self.file.size == 0:
            self.errors["datei"] = _(
                "Bitte wählen Sie eine Datei aus. Eine leere Datei können wir nicht prüfen."
            )
            self.status = 422
        elif not self.file.is_pdf:
            self.errors["datei"] = _(
                "Das ist keine PDF-Datei. Bitte wählen Sie die Datei so aus, wie Sie sie bekommen haben. "
                "Ein Foto oder ein Scan reicht nicht."
            )
            self.status = 415
