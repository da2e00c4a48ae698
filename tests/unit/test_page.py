"""The checks of tests/support/page.py find what they are there for, and its forms behave like a browser's."""

from collections.abc import Iterator

import pytest
from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

from tests.support.page import Page

POLICY = "default-src 'none'; script-src 'nonce-abc'"
GOOD = """<!doctype html><html lang="de"><head><title>Antrag – Servicekonto</title>
<script src="/x.js" nonce="abc"></script></head><body><main><h1>Antrag</h1>{}</main></body></html>"""
FORM = """<form method="post" action="/senden"><input type="hidden" name="csrf_token" value="geheim">
<label for="name">Name</label><input id="name" name="name" value="Erika">
<label for="text">Text</label><textarea id="text" name="text">
zwei
Zeilen</textarea>
<label for="land">Land</label><select id="land" name="land"><option value="de">Deutschland</option>
<option value="at" selected>Österreich</option></select>
<label><input type="radio" name="art" value="a" checked>A</label>
<label><input type="radio" name="art" value="b">B</label>
<label><input type="checkbox" name="ok" value="y">Ja</label>
<button name="aktion" value="weiter">Weiter</button>
<button name="aktion" value="zurueck">Zurück</button></form>"""


def page_of(html: str) -> Page:
    return Page(app_with(html).test_client().get("/"))


def app_with(html: str) -> Flask:
    app = Flask("page")

    @app.get("/")
    def show() -> ResponseReturnValue:
        return html, {"Content-Security-Policy": POLICY}

    @app.post("/senden")
    def receive() -> ResponseReturnValue:
        return jsonify({name: request.form.getlist(name) for name in request.form})

    return app


def mistakes() -> Iterator[tuple[str, str]]:
    yield GOOD.format("<h1>Zwei</h1>"), "exactly one h1"
    yield GOOD.format("").replace("<title>Antrag", "<title>Anders"), "does not start with"
    yield GOOD.format("").replace(' lang="de"', ""), "no language"
    yield GOOD.format('<p id="a"></p><p id="a"></p>'), "is there 2 times"
    yield GOOD.format('<a href="#weg">Weg</a>'), "missing id 'weg'"
    yield GOOD.format('<input name="ohne">'), "no label"
    yield GOOD.format('<p style="color:red">x</p>'), "inline style"
    yield GOOD.format('<p onclick="x()">x</p>'), "inline handler"
    yield GOOD.format("<script>x()</script>"), "nonce"
    yield GOOD.format('<form method="post" action="/x"><button>Weiter</button></form>'), "CSRF"
    yield GOOD.format("<h3>Zu tief</h3>"), "skips one"


@pytest.mark.parametrize(("html", "complaint"), list(mistakes()), ids=lambda value: value[-20:])
def test_a_page_with_a_mistake_is_refused(html: str, complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        page_of(html)


def test_a_form_sends_what_is_on_the_page() -> None:
    app = app_with(GOOD.format(FORM))
    page = Page(app.test_client().get("/"))

    sent = page.form("/senden").submit(app.test_client()).get_json()

    assert sent == {
        "csrf_token": ["geheim"],
        "name": ["Erika"],
        "text": ["zwei\nZeilen"],
        "land": ["at"],
        "art": ["a"],
        "aktion": ["weiter"],
    }


def test_a_form_sends_what_was_filled_in_and_the_button_that_was_pressed() -> None:
    app = app_with(GOOD.format(FORM))
    form = Page(app.test_client().get("/")).form()

    sent = form.submit(app.test_client(), {"land": "de"}, name="Max", art="b", ok=True, button="Zurück")

    answer = sent.get_json()
    assert (answer["land"], answer["name"], answer["art"]) == (["de"], ["Max"], ["b"])
    assert (answer["ok"], answer["aktion"]) == (["y"], ["zurueck"])


@pytest.mark.parametrize("fields", [{"gibtsnicht": "1"}, {"land": "fr"}, {"art": "c"}])
def test_a_form_cannot_send_what_a_person_could_not_enter(fields: dict[str, str]) -> None:
    form = page_of(GOOD.format(FORM)).form()

    with pytest.raises(AssertionError):
        form.fill(fields)
