"""Style sheets, fonts and scripts under addresses that change with their content: browsers may keep them.

Only the files named here are served: the npm package holds many more. The fingerprint is part of the *path*
(`/assets/<root>-<sha16>/<path>`), so relative `url()` inside a style sheet keeps working.
"""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, request

from servicekonto.web.access import own_units_of_work, public

STATIC = Path(__file__).parent / "static"
KERN = Path("@kern-ux/native/dist")
FONTS = ("FiraSans-Regular.woff2", "FiraSans-Italic.woff2", "FiraSans-SemiBold.woff2")
OWN_FILES = (
    "autosave.js",
    "favicon.svg",
    "form_post.js",
    "live.js",
    "passkeys.js",
    "workbench.js",
    "servicekonto.css",
    "servicekonto.js",
    "session.js",
)
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}

bp = Blueprint("assets", __name__, url_prefix="/assets")


class MissingAssetsError(RuntimeError):
    """The npm packages of the lock file are not unpacked; the message tells a person what to start."""


@dataclass(frozen=True)
class Asset:
    content: bytes
    compressed: bytes | None
    content_type: str


@dataclass(frozen=True)
class AssetRoot:
    """Files that refer to each other by relative address and therefore share one fingerprint."""

    name: str
    files: dict[str, Asset]

    @property
    def fingerprint(self) -> str:
        digest = hashlib.sha256()
        for path, asset in sorted(self.files.items()):
            digest.update(path.encode() + b"\0" + asset.content)
        return digest.hexdigest()[:16]


class AssetCatalogue:
    """All served files, in memory: about 900 kB."""

    def __init__(self, roots: tuple[AssetRoot, ...]) -> None:
        self._roots = {root.name: (root.fingerprint, root) for root in roots}
        self._root_of = {path: root.name for root in roots for path in root.files}

    def address_of(self, path: str) -> str:
        root = self._root_of[path]
        return f"{root}-{self._roots[root][0]}/{path}"

    def find(self, versioned_root: str, path: str) -> tuple[Asset, bool] | None:
        """The file and whether the asked fingerprint is the current one."""
        name, _, fingerprint = versioned_root.rpartition("-")
        if name not in self._roots:
            return None
        current, root = self._roots[name]
        asset = root.files.get(path)
        return (asset, fingerprint == current) if asset else None


def register(app: Flask, asset_root: Path) -> None:
    """`asset_root`: what the set-up made: `node_modules`, and the `fonts` cut down to Latin."""
    app.extensions["assets"] = load(asset_root)
    app.register_blueprint(bp)
    app.jinja_env.globals["asset"] = address


def load(asset_root: Path) -> AssetCatalogue:
    kern = asset_root / "node_modules" / KERN
    # fonts.css is ours, but lies beside the fonts it names: our changes must not invalidate the fonts.
    design_system = {"kern.min.css": kern / "kern.min.css", "fonts.css": STATIC / "fonts.css"}
    design_system |= {f"fonts/{name}": asset_root / "fonts" / name for name in FONTS}
    design_system |= {f"fonts/whole/{name}": kern / "fonts" / "fira-sans" / name for name in FONTS}
    own = {name: STATIC / name for name in OWN_FILES}
    missing = [path for path in (design_system | own).values() if not path.is_file()]
    if missing:
        raise MissingAssetsError(
            "Die Dateien der Oberfläche fehlen (Stilvorlagen und Schriften).\n"
            f"Erwartet wird zum Beispiel: {missing[0]}\n"
            "Bitte starten Sie einmal `python3 dev.py run`. Das legt die Dateien an."
        )
    return AssetCatalogue((_read("kern", design_system), _read("app", own)))


def address(path: str) -> str:
    """Jinja global `asset("servicekonto.css")`; an unknown name is a mistake in the template."""
    catalogue: AssetCatalogue = current_app.extensions["assets"]
    return f"{request.script_root}{bp.url_prefix}/{catalogue.address_of(path)}"


@bp.get("/<root>/<path:path>")
@public
@own_units_of_work
def show(root: str, path: str) -> Response:
    catalogue: AssetCatalogue = current_app.extensions["assets"]
    found = catalogue.find(root, path)
    if found is None:
        abort(404)
    asset, is_current = found
    return _answer(asset, is_current)


def _answer(asset: Asset, is_current: bool) -> Response:
    body, encoding = asset.content, None
    if asset.compressed and request.accept_encodings["gzip"] > 0:
        body, encoding = asset.compressed, "gzip"
    answer = Response(body, content_type=asset.content_type)
    if encoding:
        answer.content_encoding = encoding
    answer.vary.add("Accept-Encoding")
    # During a rolling update a page of the previous release asks with an old fingerprint: served, not kept.
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_current else "no-cache"
    return answer


def _read(name: str, files: dict[str, Path]) -> AssetRoot:
    return AssetRoot(name, {path: _asset(file) for path, file in files.items()})


def _asset(file: Path) -> Asset:
    content = file.read_bytes()
    kind = TYPES[file.suffix]
    is_text = file.suffix != ".woff2"
    return Asset(
        content=content,
        compressed=gzip.compress(content, compresslevel=9, mtime=0) if is_text else None,
        content_type=f"{kind}; charset=utf-8" if is_text else kind,
    )
