"""A browser reduced to what signing in needs: cookies, redirects and HTML forms, no scripts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

import requests
from bs4 import BeautifulSoup, Tag

MOST_REDIRECTS = 20
SECONDS = 30
Fields = Sequence[tuple[str, str]]


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True)
class Form:
    """``buttons``: name and value of those that send it. ``unticked``: of boxes, which are no fields then."""

    action: str
    method: str
    id: str
    fields: tuple[tuple[str, str], ...]
    buttons: tuple[tuple[str, str], ...]
    unticked: tuple[tuple[str, str], ...]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for name, _value in self.fields)


@dataclass(frozen=True)
class Page:
    """Something that a person would look at."""

    url: str
    status: int
    html: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    @property
    def forms(self) -> list[Form]:
        found = BeautifulSoup(self.html, "html.parser").find_all("form")
        return [_form(tag, self.url) for tag in found]

    @property
    def submits_itself(self) -> bool:
        """The one form of this page is sent by a script."""
        return "submit()" in self.html and len(self.forms) == 1

    @property
    def text(self) -> str:
        return " ".join(BeautifulSoup(self.html, "html.parser").get_text(" ").split())


@dataclass(frozen=True)
class Callback:
    """The way back to a website. ``parameters`` as they came, repeated ones too."""

    uri: str
    method: str
    parameters: tuple[tuple[str, str], ...]
    fragment: str = ""


Step = Page | Callback


class UserAgent:
    """``home``: the origin of the provider. What leads anywhere else is a Callback and is not opened.
    ``with_two_factors`` is about the person.
    """

    def __init__(self, home: str, authority: Path, *, with_two_factors: bool = False) -> None:
        self.with_two_factors = with_two_factors
        self._home = home
        self._authority = authority
        self._session = self._new_session()

    def copy(self) -> "UserAgent":
        """Another window of the same browser as it is now."""
        other = UserAgent(self._home, self._authority, with_two_factors=self.with_two_factors)
        other._session.cookies.update(self._session.cookies)
        return other

    @property
    def cookie_names(self) -> set[str]:
        return {cookie.name for cookie in self._session.cookies}

    def open(self, url: str, parameters: Mapping[str, str] | Fields = ()) -> Step:
        return self._follow(self._send(self._session, "GET", url, parameters))

    def post_from_elsewhere(self, url: str, fields: Mapping[str, str]) -> Step:
        """A form on another website: only cookies with SameSite=None go along. New ones are kept."""
        elsewhere = self._new_session()
        for cookie in self._session.cookies:
            if (cookie.get_nonstandard_attr("SameSite") or "lax").lower() == "none":
                elsewhere.cookies.set_cookie(cookie)
        answer = self._send(elsewhere, "POST", url, fields)
        self._session.cookies.update(elsewhere.cookies)
        return self._follow(answer)

    def submit(
        self,
        form: Form,
        changes: Mapping[str, str] | None = None,
        *,
        button: tuple[str, str] | None = None,
        ticks_all: bool = False,
    ) -> Step:
        changed = changes or {}
        fields = [(name, changed.get(name, value)) for name, value in form.fields]
        fields += form.unticked if ticks_all else ()
        if button is not None:
            fields.append(button)
        return self._follow(self._send(self._session, form.method, form.action, fields))

    def _new_session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.verify = str(self._authority)
        session.headers["Accept"] = "text/html"
        return session

    def _send(
        self, session: requests.Session, method: str, url: str, fields: Mapping[str, str] | Fields
    ) -> requests.Response:
        pairs = list(fields.items()) if isinstance(fields, Mapping) else list(fields)
        headers = {"Referer": url, "Origin": origin_of(url)} if session is self._session else {}
        if method == "GET":
            return session.get(url, params=pairs, headers=headers, allow_redirects=False, timeout=SECONDS)
        return session.post(url, data=pairs, headers=headers, allow_redirects=False, timeout=SECONDS)

    def _follow(self, answer: requests.Response) -> Step:
        for _number in range(MOST_REDIRECTS):
            if not answer.is_redirect:
                return self._arrived(answer)
            assert answer.status_code in {302, 303}, "307 and 308 would send what was typed to the website"
            target = urljoin(answer.url, answer.headers["Location"])
            if origin_of(target) != self._home:
                return _callback(target)
            answer = self._send(self._session, "GET", target, ())
        raise AssertionError(f"redirects without end, the last to {answer.headers['Location']}")

    def _arrived(self, answer: requests.Response) -> Step:
        page = Page(answer.url, answer.status_code, answer.text, answer.headers)
        away = [form for form in page.forms if origin_of(form.action) != self._home]
        if away:
            return Callback(away[0].action, away[0].method, away[0].fields)
        return self.submit(page.forms[0]) if page.submits_itself else page


def _callback(url: str) -> Callback:
    bare, fragment = urldefrag(url)
    uri, _mark, query = bare.partition("?")
    return Callback(uri, "GET", tuple(parse_qsl(query, keep_blank_values=True)), fragment)


def _form(tag: Tag, page_url: str) -> Form:
    buttons = tag.select("button[name], input[type=submit][name]")
    identifier = _text(tag, "id")
    outside = tag.find_parents()[-1].select(f'button[form="{identifier}"]') if identifier else []
    return Form(
        action=urljoin(page_url, _text(tag, "action") or page_url),
        method=(_text(tag, "method") or "get").upper(),
        id=identifier,
        fields=tuple(_fields(tag)),
        buttons=tuple((_text(button, "name"), _text(button, "value")) for button in [*buttons, *outside]),
        unticked=tuple(_unticked(tag)),
    )


def _fields(tag: Tag) -> list[tuple[str, str]]:
    found = []
    for control in tag.select("input[name], textarea[name]"):
        kind = _text(control, "type") or "text"
        is_left_out = kind in {"checkbox", "radio"} and not control.has_attr("checked")
        if kind not in {"submit", "button", "reset"} and not is_left_out:
            found.append((_text(control, "name"), _text(control, "value")))
    return found


def _unticked(tag: Tag) -> list[tuple[str, str]]:
    boxes = tag.select("input[type=checkbox][name]:not([checked])")
    return [(_text(box, "name"), _text(box, "value")) for box in boxes]


def _text(tag: Tag, attribute: str) -> str:
    return str(tag.get(attribute) or "")
