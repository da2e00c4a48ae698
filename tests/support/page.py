"""An HTML answer as a test sees it. Making a Page checks what every page of ours has to keep."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Protocol, cast
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from werkzeug.test import TestResponse

UNLABELLED = frozenset({"hidden", "submit", "button", "image", "reset"})
BUTTON_TYPES = frozenset({"submit", "image"})
REFERENCES = ("aria-labelledby", "aria-describedby", "aria-controls", "popovertarget", "list", "form")


class Client(Protocol):
    """What a form needs to be sent."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse: ...


def normalise(text: str) -> str:
    return " ".join(text.split())


def attribute(tag: Tag, name: str) -> str:
    value = tag.get(name, "")
    return " ".join(value) if isinstance(value, list) else str(value or "")


class Page:
    """Raises AssertionError, with everything that is wrong, when the answer breaks a rule of the house."""

    def __init__(self, response: TestResponse) -> None:
        assert response.mimetype == "text/html", f"{response.mimetype} is no page"
        self.response = response
        self.status = response.status_code
        self.path = response.request.path
        self.soup = BeautifulSoup(response.get_data(as_text=True), "html.parser")
        _join_words(self.soup)
        problems = list(_problems(self.soup, response.headers.get("Content-Security-Policy", "")))
        assert not problems, f"{self.path} ({self.status}):\n" + "\n".join(problems)

    @property
    def h1(self) -> str:
        return normalise(self.select_one("h1").get_text())

    @property
    def title(self) -> str:
        return normalise(self.select_one("title").get_text())

    @property
    def text(self) -> str:
        """What a person reads in the main part, in one line."""
        return normalise(self.select_one("main").get_text(" "))

    @property
    def messages(self) -> list[str]:
        """The titles of the coloured boxes, the error summary among them."""
        return [normalise(box.get_text(" ")) for box in self.select(".kern-alert .kern-title")]

    @property
    def errors(self) -> dict[str, str]:
        """From the id of a field to the sentence beside it."""
        found = self.select(".kern-error[id]")
        return {attribute(e, "id").removesuffix("-fehler"): normalise(e.get_text(" ")) for e in found}

    def select(self, selector: str) -> list[Tag]:
        return list(self.soup.select(selector))

    def select_one(self, selector: str) -> Tag:
        found = self.select(selector)
        assert len(found) == 1, f"{len(found)} elements match {selector!r} on {self.path}"
        return found[0]

    def texts(self, selector: str) -> list[str]:
        return [normalise(element.get_text(" ")) for element in self.select(selector)]

    def link(self, text: str) -> str:
        """The address behind the only link whose text is or starts with this."""
        links = [a for a in self.select("a[href]") if normalise(a.get_text(" ")).startswith(text)]
        addresses = {attribute(a, "href") for a in links}
        assert len(addresses) == 1, f"{len(addresses)} links say {text!r} on {self.path}"
        return urljoin(self.path, addresses.pop())

    def has_link(self, text: str) -> bool:
        return any(normalise(a.get_text(" ")).startswith(text) for a in self.select("a[href]"))

    def form(self, which: str | int = 0) -> "Form":
        """By the end of its action (without the query), or by its number among the forms of the main part."""
        if isinstance(which, int):
            return Form(self.select("main form")[which], self.path)
        forms = [f for f in self.select("form") if _action(f, self.path).endswith(which)]
        assert len(forms) == 1, f"{len(forms)} forms go to {which!r} on {self.path}"
        return Form(forms[0], self.path)


class Form:
    """Filled in and sent as a browser would: what is on the page goes along, and nothing else can."""

    def __init__(self, tag: Tag, page_path: str) -> None:
        self.tag = tag
        self.method = (attribute(tag, "method") or "get").upper()
        self.action = urljoin(page_path, attribute(tag, "action"))
        self.values: dict[str, list[Any]] = {}
        self._options: dict[str, list[str]] = {}
        for control in tag.select("input[name], select[name], textarea[name]"):
            if not control.has_attr("disabled"):
                self._read(control)

    @property
    def buttons(self) -> list[str]:
        return [normalise(button.get_text(" ")) for button in self._buttons()]

    def fill(self, fields: Mapping[str, Any] | None = None, **values: Any) -> "Form":
        """Text, a list for several choices, True or False for one checkbox, (stream, name) for a file."""
        for name, value in {**(fields or {}), **values}.items():
            self._fill(name, value)
        return self

    def submit(
        self,
        client: Client,
        fields: Mapping[str, Any] | None = None,
        *,
        button: str | None = None,
        **values: Any,
    ) -> TestResponse:
        """`button`: the beginning of its text; without it the first one, as the Enter key does."""
        self.fill(fields, **values)
        data = {name: chosen for name, chosen in self.values.items() if chosen} | self._pressed(button)
        target = "query_string" if self.method == "GET" else "data"
        return client.open(self.action, method=self.method, **{target: data})

    def _read(self, control: Tag) -> None:
        name, kind = attribute(control, "name"), attribute(control, "type")
        chosen = self.values.setdefault(name, [])
        if control.name == "select":
            options = control.select("option:not([disabled])")
            selected = [option for option in options if option.has_attr("selected")]
            self._options[name] = [_option_value(option) for option in options]
            if not selected and not control.has_attr("multiple"):
                selected = options[:1]
            chosen.extend(_option_value(option) for option in selected)
        elif kind in {"checkbox", "radio"}:
            value = attribute(control, "value") or "on"
            self._options.setdefault(name, []).append(value)
            if control.has_attr("checked"):
                chosen.append(value)
        elif control.name == "textarea":
            chosen.append(control.get_text().removeprefix("\n"))
        elif kind not in {"button", "submit", "reset", "image", "file"}:
            chosen.append(attribute(control, "value"))

    def _fill(self, name: str, value: Any) -> None:
        assert name in self.values, f"no field {name!r} in the form; it has {sorted(self.values)}"
        options = self._options.get(name)
        if options is None:
            self.values[name] = value if isinstance(value, list) else [value]
            return
        if isinstance(value, bool):
            chosen = options[:1] if value else []
        else:
            chosen = [str(v) for v in (value if isinstance(value, list) else [value])]
        unknown = set(chosen) - set(options)
        assert not unknown, f"{name!r} does not offer {sorted(unknown)}, only {options}"
        self.values[name] = cast(list[Any], chosen)

    def _buttons(self) -> list[Tag]:
        buttons = self.tag.select("button, input[type=submit]")
        return [b for b in buttons if (attribute(b, "type") or "submit") in BUTTON_TYPES]

    def _pressed(self, text: str | None) -> dict[str, str]:
        for button in self._buttons():
            if text is None or normalise(button.get_text(" ")).startswith(text):
                name = attribute(button, "name")
                return {name: attribute(button, "value")} if name else {}
        assert text is None, f"no button {text!r} in the form; it has {self.buttons}"
        return {}


def _action(form: Tag, page_path: str) -> str:
    return urlsplit(urljoin(page_path, attribute(form, "action"))).path


def _option_value(option: Tag) -> str:
    return attribute(option, "value") if option.has_attr("value") else normalise(option.get_text())


def _join_words(soup: BeautifulSoup) -> None:
    """Where a line may break inside a word, nobody reads a gap."""
    for place in soup.select("wbr"):
        place.decompose()
    soup.smooth()


def _problems(soup: BeautifulSoup, policy: str) -> Iterator[str]:
    yield from _frame_problems(soup)
    yield from _id_problems(soup)
    yield from _control_problems(soup)
    yield from _policy_problems(soup, policy)
    for form in soup.select("form"):
        action, has_token = attribute(form, "action"), bool(form.select("input[name=csrf_token]"))
        is_ours = not urlsplit(action).netloc
        if attribute(form, "method").lower() == "post" and has_token is not is_ours:
            yield f"our CSRF token belongs into forms of ours, and there only: {action}"


def _frame_problems(soup: BeautifulSoup) -> Iterator[str]:
    headings = [normalise(h1.get_text()) for h1 in soup.select("h1")]
    titles = [normalise(title.get_text()) for title in soup.select("head > title")]
    if len(headings) != 1 or not headings[0]:
        yield f"exactly one h1 wanted, found {headings}"
    elif not titles or not titles[0].startswith(headings[0]):
        yield f"the title {titles} does not start with the h1 {headings}"
    if not soup.select("html[lang]"):
        yield "no language"
    if len(soup.select("main")) != 1:
        yield "exactly one main wanted"
    for level, heading in _skipped_headings(soup):
        yield f"heading level {level} skips one: {heading}"


def _skipped_headings(soup: BeautifulSoup) -> Iterator[tuple[int, str]]:
    previous = 0
    for heading in soup.select("main :is(h1, h2, h3, h4, h5, h6)"):
        level = int(heading.name[1])
        if level > previous + 1 and previous:
            yield level, normalise(heading.get_text())
        previous = level


def _id_problems(soup: BeautifulSoup) -> Iterator[str]:
    ids = Counter(attribute(tag, "id") for tag in soup.select("[id]"))
    yield from (f"id {name!r} is there {count} times" for name, count in ids.items() if count > 1)
    for tag in soup.find_all(True):
        wanted = [name for key in REFERENCES for name in attribute(tag, key).split()]
        if tag.name == "label":
            wanted += attribute(tag, "for").split()
        if tag.name == "a" and attribute(tag, "href").startswith("#"):
            wanted.append(attribute(tag, "href")[1:])
        yield from (f"{tag.name} refers to the missing id {name!r}" for name in wanted if name not in ids)


def _control_problems(soup: BeautifulSoup) -> Iterator[str]:
    labelled = {attribute(label, "for") for label in soup.select("label[for]")}
    for control in soup.select("input, select, textarea"):
        if attribute(control, "type") in UNLABELLED or control.find_parent("label"):
            continue
        named = control.has_attr("aria-label") or control.has_attr("aria-labelledby")
        if not named and attribute(control, "id") not in labelled:
            yield f"no label: {attribute(control, 'name')!r}"
    for button in soup.select("button, a[href]"):
        if not normalise(button.get_text()) and not button.has_attr("aria-label"):
            yield f"no text: {button}"


def _policy_problems(soup: BeautifulSoup, policy: str) -> Iterator[str]:
    found = re.search(r"script-src [^;]*'nonce-([^']+)'", policy)
    nonce = found[1] if found else None
    for script in soup.select("script"):
        if not nonce or attribute(script, "nonce") != nonce:
            yield f"script without the nonce of the policy: {attribute(script, 'src')}"
    for tag in soup.find_all(True):
        yield from (f"inline handler {key} on {tag.name}" for key in tag.attrs if key.startswith("on"))
        if tag.has_attr("style") or tag.name == "style":
            yield f"inline style on {tag.name}"
