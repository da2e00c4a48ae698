"""What may be registered as the address that is told when a session ends."""

import dataclasses
from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import Babel

from config import Config, Mode
from servicekonto.core import settings
from servicekonto.oidc.logout_rules import problem_of_backchannel
from tests.conftest import test_environment
from tests.support.databases import DatabaseUrls

DEMO = Config.from_environment(test_environment(DatabaseUrls("sqlite://", "sqlite://")))
PRODUCTION = dataclasses.replace(DEMO, mode=Mode.PRODUCTION)


@pytest.fixture(params=[DEMO, PRODUCTION], ids=["demo", "production"])
def either(request: pytest.FixtureRequest) -> Iterator[None]:
    yield from _inside(request.param)


@pytest.fixture
def production() -> Iterator[None]:
    yield from _inside(PRODUCTION)


@pytest.fixture
def demonstration() -> Iterator[None]:
    yield from _inside(DEMO)


def _inside(config: Config) -> Iterator[None]:
    app = Flask("rules")
    Babel(app)
    settings.install(app, config)
    with app.test_request_context():
        yield


@pytest.mark.usefixtures("either")
@pytest.mark.parametrize(
    "uri",
    [
        "",
        "https://website.example.org/abmelden",
        "https://website.example.org:8443/a?b=c",
        "https://8.8.8.8/",
    ],
)
def test_an_address_on_the_internet_is_fine_and_so_is_none(uri: str) -> None:
    assert problem_of_backchannel(uri) is None


@pytest.mark.usefixtures("either")
@pytest.mark.parametrize(
    "uri",
    [
        *(
            "http://website.example.org/",
            "ftp://website.example.org/",
            "website.example.org",
            "//website.example.org/",
        ),
        *("https://intranet/", "https://db.internal/", "https://drucker.local/", "https://x.localhost/"),
        *("https://10.0.0.5/", "https://169.254.169.254/latest/", "https://192.168.1.1/", "https://0.0.0.0/"),
        *("https://user@website.example.org/", "https://website.example.org/#x", "https://*.example.org/"),
        *(
            "https://website.example.org/a/../b",
            " https://website.example.org/",
            "https://[::ffff:10.0.0.1]/",
        ),
        "https://website.example.org/" + "x" * 2000,
    ],
)
def test_another_address_is_refused_with_a_sentence(uri: str) -> None:
    assert problem_of_backchannel(uri)


LOOPBACK = [
    "http://localhost:8124/backchannel",
    "http://127.0.0.1:8124/",
    "https://localhost/",
    "http://[::1]:1/",
]


@pytest.mark.usefixtures("demonstration")
@pytest.mark.parametrize("uri", LOOPBACK)
def test_a_demonstration_may_tell_this_machine(uri: str) -> None:
    assert problem_of_backchannel(uri) is None


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("uri", LOOPBACK)
def test_in_production_nothing_leads_to_this_machine(uri: str) -> None:
    assert problem_of_backchannel(uri)
