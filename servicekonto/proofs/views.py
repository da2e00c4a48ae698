"""Is this document genuine? By code or by file, for everybody, without a word about the person."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from servicekonto.core import clock
from servicekonto.proofs import commands
from servicekonto.proofs.forms import CodeForm, FileForm
from servicekonto.proofs.labels import KINDS
from servicekonto.proofs.uploads import MAX_BYTES, UploadedFile
from servicekonto.web.access import public, writes_on_get
from servicekonto.web.uploads import takes_upload

bp = Blueprint("proofs", __name__, url_prefix="/pruefen")


@bp.get("")
@public
def index() -> ResponseReturnValue:
    """The code that was typed leads to its own address, the one in the QR code."""
    form = CodeForm(request.args)
    if form.code is not None:
        return redirect(url_for(".show", code=form.code), code=303)
    return _ask(form, status=422 if form.errors else 200)


@bp.get("/<code>")
@public
@writes_on_get
def show(code: str) -> ResponseReturnValue:
    """The attempt is counted, so that nobody tries codes one after the other."""
    form = CodeForm({"code": code})
    if form.code is None:
        return _ask(form, status=404)
    proof = commands.look_up(form.code, address=request.remote_addr, at=clock.now())
    if proof is None:
        return render_template("proofs/unknown_code.html", code=form.code), 404
    return render_template("proofs/code.html", code=form.code, proof=proof, kinds=KINDS)


@bp.get("/datei")
@public
def compare_again() -> ResponseReturnValue:
    """Whoever opens the address of an answer anew has to choose the file anew."""
    return redirect(url_for(".index"), code=303)


@bp.post("/datei")
@public
@takes_upload(MAX_BYTES, into=UploadedFile)
def compare() -> ResponseReturnValue:
    """The file is read and hashed before this begins, with no transaction open. The answer has no address of
    its own: a link that says "unchanged" could be sent with any file.
    """
    form = FileForm(request.files)
    if form.errors:
        return _ask(CodeForm({}), file_form=form, status=form.status)
    comparison = commands.compare(form.file, address=request.remote_addr, at=clock.now())
    return render_template(f"proofs/{comparison.verdict}.html", comparison=comparison, kinds=KINDS)


@bp.after_request
def _keep_out_of_search_engines(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _ask(form: CodeForm, *, status: int, file_form: FileForm | None = None) -> ResponseReturnValue:
    file_errors = file_form.errors if file_form else {}
    return render_template("proofs/index.html", form=form, file_errors=file_errors), status
