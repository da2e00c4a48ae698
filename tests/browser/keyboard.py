"""Somebody who has a keyboard and nothing else."""

import re

from tests.browser.visitor import Visitor

MOST_STOPS = 120


class KeyboardVisitor(Visitor):
    """Comes to everything with the tab key; from the last stop it goes on at the first."""

    def press(self, name: str) -> None:
        self.go_to(name, "main button")
        self._enter()

    def follow(self, name: str) -> None:
        self.go_to(name, "main a")
        self._enter()

    def fill(self, label: str, value: str, *, within: str | None = None) -> None:
        """``within`` is not needed: the parts of a date come one after the other."""
        self.go_to(label, "main input, main textarea, main select")
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.type(value)

    def choose(self, label: str) -> None:
        """Of radio buttons only one is a stop; the arrows lead to the others and choose them."""
        wanted = self.page.locator("main").get_by_label(re.compile(f"^{re.escape(label)}"))
        group = f'main input[name="{wanted.get_attribute("name")}"]'
        self.go_to("", group, is_whole=False)
        self.page.keyboard.press("Space")
        for _stop in range(MOST_STOPS):
            if self.focused(group).startswith(label):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows never come to {label!r} on {self.path}")

    def go_to(self, name: str, selector: str, *, is_whole: bool = True) -> None:
        for _stop in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            found = self.focused(selector)
            if found and (found == name or (not is_whole and found.startswith(name))):
                return
        raise AssertionError(f"the tab key never comes to {name!r} on {self.path}")

    def focused(self, selector: str = "*") -> str:
        """What the element with the focus is called: the text of its label, or its own."""
        script = """selector => {
          const element = document.activeElement;
          if (!element?.matches(selector)) return "";
          const label = element.labels?.[0] ?? element;
          return label.innerText.trim().replace(/\\s+/g, " ");
        }"""
        return str(self.page.evaluate(script, selector))

    def _enter(self) -> None:
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
