"""The providers that every module runs against: ours, and the one that shows that the tests are right."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from threading import Event
from typing import TypeVar, cast

import pytest
import requests

from tests.conformance.fapi import FapiWebsite, Pushed
from tests.conformance.provider import Provider
from tests.conformance.receiver import Receiver, running_receiver
from tests.conformance.reference import running_reference
from tests.conformance.servicekonto import running_servicekonto
from tests.conformance.website import FORM_POST, Tokens, Visit, Website
from tests.support.certificates import Tls, make_tls

FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits for something to grow old comes last of the tests here."""
    places = [place for place, item in enumerate(items) if FOLDER in item.path.parents]
    here = [items[place] for place in places]
    here.sort(key=lambda item: item.get_closest_marker("slow") is not None)
    for place, item in zip(places, here, strict=True):
        items[place] = item


Made = TypeVar("Made")


class Ageing:
    """What is made as soon as a provider runs, so that no test waits for long until it is old."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, ...], tuple[object, float]] = {}
        self._threads = ThreadPoolExecutor(8)
        self._is_over = Event()

    def begin(self, provider: Provider) -> None:
        known = provider.metadata.get("response_modes_supported", ())
        for mode in (None, FORM_POST):
            if mode is None or mode in known:
                self.reused(Website(provider, response_mode=mode))
        if provider.has_fapi:
            self.unused(FapiWebsite(provider))
            self.pushed(FapiWebsite(provider))

    def reused(self, website: Website) -> Future[tuple[requests.Response, requests.Response]]:
        """The answers to a code that comes again after 30 seconds, and to its access token after that. Not
        later: a provider may forget a code when it would have run out, which is after 60 seconds.
        """
        return self.get(website, "reused", lambda: self._threads.submit(self._reuse, *_redeemed(website)))

    def _reuse(self, visit: Visit, tokens: Tokens) -> tuple[requests.Response, requests.Response]:
        self._is_over.wait(30)
        website, url = visit.website, visit.website.provider.endpoint("userinfo")
        answer = website.redeem(visit)
        return answer, website.provider.get(url, headers=website.bearer(tokens.access, "GET", url))

    def end(self) -> None:
        self._is_over.set()
        self._threads.shutdown(cancel_futures=True)

    def unused(self, website: FapiWebsite) -> Visit:
        return self.get(website, "unused", lambda: website.send(website.somebody()))

    def pushed(self, website: FapiWebsite) -> Pushed:
        return self.get(website, "pushed", website.push)

    def get(self, website: Website, kind: str, make: Callable[[], Made]) -> Made:
        name = (website.provider.name, website.client.client_id, website.response_mode or "query", kind)
        if name not in self._made:
            self._made[name] = make(), time.monotonic()
        return cast(Made, self._made[name][0])

    def wait_until_old(self, made: object, *, seconds: float) -> None:
        begun = next(at for each, at in self._made.values() if each is made)
        time.sleep(max(0.0, begun + seconds - time.monotonic()))


def _redeemed(website: Website) -> tuple[Visit, Tokens]:
    visit = website.send(website.somebody())
    return visit, website.tokens(visit)


RESPONSE_MODES = {"basic": None, "formpost-basic": FORM_POST}
_START: dict[str, Callable[[Path, Path, Tls, Receiver], AbstractContextManager[Provider]]] = {
    "servicekonto": running_servicekonto,
    "oidc-provider": running_reference,
}


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return make_tls(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="session")
def receiver(tls: Tls) -> Iterator[Receiver]:
    with running_receiver(tls) as receiver:
        yield receiver


@pytest.fixture(scope="session")
def start_provider(
    tmp_path_factory: pytest.TempPathFactory,
    shared_folder: Path,
    tls: Tls,
    receiver: Receiver,
    ageing: Ageing,
) -> Iterator[Callable[[str], Provider]]:
    """By its name, once in a run. What does not start is not tried again for every test."""
    started: dict[str, Provider] = {}
    tried: set[str] = set()
    with ExitStack() as stack:

        def start(name: str) -> Provider:
            if name not in started:
                assert name not in tried, f"{name} did not start: see the first test that wanted it"
                tried.add(name)
                folder = tmp_path_factory.mktemp(name)
                running = _START[name](folder, shared_folder, tls, receiver)
                started[name] = stack.enter_context(running)
                ageing.begin(started[name])
            return started[name]

        yield start


@pytest.fixture(params=list(_START))
def provider(request: pytest.FixtureRequest, start_provider: Callable[[str], Provider]) -> Provider:
    return start_provider(request.param)


@pytest.fixture(params=list(RESPONSE_MODES))
def website(request: pytest.FixtureRequest, provider: Provider) -> Website:
    """Of the plan *basic*, and again of *formpost-basic*, which only names the response mode."""
    mode = RESPONSE_MODES[request.param]
    if mode is not None:
        provider.needs("response_modes_supported", mode)
    return Website(provider, response_mode=mode)


@pytest.fixture(scope="session")
def ageing() -> Iterator[Ageing]:
    ageing = Ageing()
    yield ageing
    ageing.end()
