"""The providers that every module runs against: ours, and the one that shows that the tests are right."""

import os
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event
from typing import TypeVar, cast

import pytest
import requests
from joserfc.jwk import ECKey

from tests.conformance import results
from tests.conformance.fapi import FapiWebsite, Pushed
from tests.conformance.provider import Provider
from tests.conformance.receiver import Receiver, running_receiver
from tests.conformance.reference import running_reference
from tests.conformance.servicekonto import running_servicekonto
from tests.conformance.website import FORM_POST, Tokens, Visit, Website
from tests.conftest import DATABASES
from tests.support.certificates import Tls, make_tls

FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What waits for something to grow old comes last of the tests here. ``--database`` is heeded."""
    chosen = config.getoption("--database")
    others = {f"servicekonto-{database}" for database in DATABASES if chosen not in (None, database)}
    items[:] = [item for item in items if _provider_of(item) not in others]
    places = [place for place, item in enumerate(items) if FOLDER in item.path.parents]
    here = [items[place] for place in places]
    here.sort(key=lambda item: item.get_closest_marker("slow") is not None)
    for place, item in zip(places, here, strict=True):
        items[place] = item


def _provider_of(item: pytest.Item) -> str | None:
    spec = getattr(item, "callspec", None)
    return spec.params.get("provider") if spec else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Modules have the results that docs/security/oidc-conformance.md says: what a provider does no longer
    publish must not be skipped as if nothing were wrong.
    """
    report = yield
    name = _provider_of(item)
    if name is not None and (report.skipped or (report.when == "call" and report.passed)):
        wrong = results.contradiction(item.location[2].partition("[")[0], name, is_skipped=report.skipped)
        if wrong:
            report.outcome, report.longrepr = "failed", f"{wrong} {report.longrepr or ''}"
    return report


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
        self.with_new_keys(Website(provider, "new-keys"))

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

    def with_new_keys(self, website: Website) -> tuple[Website, Visit, Tokens]:
        """A refresh token, and the website that has changed its keys since. Whoever fetches keys may do so
        once in a minute.
        """
        return self.get(website, "new keys", lambda: _with_new_keys(website))

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
        begun = next(at for each, at in list(self._made.values()) if each is made)
        time.sleep(max(0.0, begun + seconds - time.monotonic()))


def _redeemed(website: Website) -> tuple[Visit, Tokens]:
    visit = website.send(website.somebody())
    return visit, website.tokens(visit)


def _with_new_keys(website: Website) -> tuple[Website, Visit, Tokens]:
    visit = website.send(website.provider.stranger(), scope="openid offline_access", prompt="consent")
    tokens = website.tokens(visit)
    website.client = replace(website.client, key=ECKey.generate_key("P-256"))
    website.provider.replace_keys(website.client)
    return website, visit, tokens


RESPONSE_MODES = {"basic": None, "formpost-basic": FORM_POST}
_START: dict[str, Callable[[Path, Path, Tls, Receiver], AbstractContextManager[Provider]]] = {
    **{f"servicekonto-{each}": partial(running_servicekonto, each) for each in DATABASES},
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
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    shared_folder: Path,
    tls: Tls,
    receiver: Receiver,
    ageing: Ageing,
) -> Iterator[Callable[[str], Provider]]:
    """By its name, once in a process. What does not start is not tried again for every test.

    All that the run wants start at once. Of two processes each begins with another, so that both databases
    are filled at the same time.
    """
    wanted = [name for name in _START if name in {_provider_of(item) for item in request.session.items}]
    if os.environ.get("PYTEST_XDIST_WORKER", "gw0")[-1] in "13579":
        wanted.reverse()
    started: dict[str, Provider] = {}
    tried: set[str] = set()
    with ExitStack() as stack:

        def start(name: str) -> None:
            tried.add(name)
            running = _START[name](tmp_path_factory.mktemp(name), shared_folder, tls, receiver)
            started[name] = stack.enter_context(running)
            ageing.begin(started[name])

        def get(name: str) -> Provider:
            for each in wanted:
                if each not in tried:
                    start(each)
            assert name in started, f"{name} did not start: see the first test that wanted it"
            return started[name]

        yield get


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
