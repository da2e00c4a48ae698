import gzip
import re
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from fontTools.ttLib import TTFont

from config import default_asset_root
from servicekonto.web import assets


@pytest.fixture(scope="module")
def site() -> Flask:
    app = Flask("site", static_folder=None)
    assets.register(app, default_asset_root())
    return app


def address_of(site: Flask, path: str) -> str:
    with site.test_request_context():
        return render_template_string("{{ asset(path) }}", path=path)


def test_an_asset_may_be_kept_for_ever_under_an_address_with_its_fingerprint(site: Flask) -> None:
    address = address_of(site, "servicekonto.css")

    answer = site.test_client().get(address)

    assert address.startswith("/assets/app-")
    assert (answer.status_code, answer.mimetype) == (200, "text/css")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_text_is_compressed_for_browsers_that_accept_it(site: Flask) -> None:
    address = address_of(site, "kern.min.css")

    plain = site.test_client().get(address)
    compressed = site.test_client().get(address, headers={"Accept-Encoding": "br, gzip"})

    assert "Content-Encoding" not in plain.headers
    assert compressed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(compressed.data) == plain.data
    assert len(compressed.data) < len(plain.data) / 5
    assert plain.headers["Vary"] == compressed.headers["Vary"] == "Accept-Encoding"


def test_everything_the_style_sheet_of_fonts_names_is_there(site: Flask) -> None:
    address = address_of(site, "fonts.css")
    named = re.findall(r'url\("([^"]+)"\)', site.test_client().get(address).text)

    assert len(named) == 2 * len(assets.FONTS)
    for path in named:
        answer = site.test_client().get(f"{address.rpartition('/')[0]}/{path}")
        assert (answer.status_code, answer.mimetype) == (200, "font/woff2")


LETTERS = "ÄÖÜẞäöüßéèçñøåæœłżščěőűțșığİđðþāķŧẁạễ„“‚‘–—…€§·→←№"


@pytest.mark.parametrize("name", assets.FONTS)
def test_the_short_faces_hold_the_letters_of_european_names_and_their_licence(name: str) -> None:
    font = TTFont(default_asset_root() / "fonts" / name)

    assert [letter for letter in LETTERS if ord(letter) not in font.getBestCmap()] == []
    names = {record.nameID: str(record) for record in font["name"].names}
    assert "Mozilla" in names[0]
    assert "Open Font License" in names[13]


def test_an_old_fingerprint_gets_the_file_but_may_not_keep_it(site: Flask) -> None:
    answer = site.test_client().get("/assets/app-0000000000000000/servicekonto.css")

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/kern-0000000000000000/package.json",
        "/assets/kern-0000000000000000/../package.json",
        "/assets/app-0000000000000000/kern.min.css",
        "/assets/other-0000000000000000/servicekonto.css",
        "/assets/app/servicekonto.css",
        "/assets/kern-0000000000000000//etc/passwd",
    ],
)
def test_only_listed_files_are_served(site: Flask, path: str) -> None:
    assert site.test_client().get(path).status_code in {308, 404}


def test_a_template_cannot_name_an_unknown_file(site: Flask) -> None:
    with pytest.raises(KeyError):
        address_of(site, "tippfehler.css")


def test_the_fingerprint_follows_the_content() -> None:
    def root(content: bytes) -> assets.AssetRoot:
        return assets.AssetRoot("app", {"a.css": assets.Asset(content, None, "text/css")})

    assert root(b"a").fingerprint == root(b"a").fingerprint != root(b"b").fingerprint


def test_without_the_packages_a_message_says_what_to_start(tmp_path: Path) -> None:
    with pytest.raises(assets.MissingAssetsError, match=r"dev\.py run"):
        assets.load(tmp_path)
