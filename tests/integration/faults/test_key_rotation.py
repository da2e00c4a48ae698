"""kill -9 of ``flask keys rotate``, at chosen moments and at random ones: afterwards there is one key of each
kind that signs, and whatever was signed before can still be verified.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from config import PROJECT_ROOT
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.oidc import keys
from servicekonto.oidc.capabilities import Algorithm
from servicekonto.oidc.key_models import KeyFamily, KeyState
from servicekonto.web.application import Servicekonto
from tests.conftest import test_environment
from tests.integration.operations.restoring import inside
from tests.support.databases import DatabaseUrls

ROTATE = [sys.executable, "-m", "flask", "--app", "tests.support.dying_wsgi", "keys", "rotate", "--now"]
# The n-th statement that writes, or the n-th commit, of this process.
CHOSEN = ["statement:1", "statement:2", "statement:4", "statement:7", "before_commit:1", "after_commit:1"]
RANDOM = 4


def begin(urls: DatabaseUrls, moment: str = "") -> subprocess.Popen[bytes]:
    environ = {**os.environ, **test_environment(urls), "SERVICEKONTO_TEST_DIE_AT": moment}
    return subprocess.Popen(
        ROTATE,
        cwd=PROJECT_ROOT,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def signed(app: Servicekonto) -> list[str]:
    """One token with each algorithm."""
    with inside(app), unit_of_work(read_only=True):
        signers = [keys.signing_key(algorithm) for algorithm in Algorithm]
        return [
            jwt.encode(
                {"alg": signer.algorithm, "kid": signer.kid}, {}, signer.key, algorithms=[signer.algorithm]
            )
            for signer in signers
        ]


def assert_right(app: Servicekonto, tokens: list[str]) -> None:
    """All of them verify with what is published now; nothing hangs half-way."""
    with inside(app), unit_of_work(read_only=True):
        states = Counter((row.family, row.state) for row in keys.all_keys())
        published = KeySet.import_key_set(keys.public_jwks())  # type: ignore[arg-type]
    for family in KeyFamily:
        assert states[family, KeyState.ACTIVE] == 1, states
        assert states[family, KeyState.NEXT] == 1, states
    for token in tokens:
        jwt.decode(token, published, algorithms=list(Algorithm))


@pytest.mark.slow
def test_killed_ten_times_a_rotation_leaves_one_key_of_each_kind_and_everything_verifies(
    committed_app: Servicekonto, own_urls: DatabaseUrls
) -> None:
    with inside(committed_app):
        keys.ensure_keys(at=clock.now())
    tokens = signed(committed_app)

    for moment in CHOSEN:
        assert begin(own_urls, moment).wait(60) == -signal.SIGKILL, moment
        tokens += signed(committed_app)
        assert_right(committed_app, tokens)

    begun = time.monotonic()
    assert begin(own_urls).wait(60) == 0
    seconds = time.monotonic() - begun
    dice = random.Random(9)  # noqa: S311 - no secret
    for _time in range(RANDOM):
        process = begin(own_urls)
        time.sleep(dice.uniform(seconds / 2, seconds))  # the random moment itself
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(60)
        tokens += signed(committed_app)
        assert_right(committed_app, tokens)

    assert begin(own_urls).wait(60) == 0
    assert_right(committed_app, tokens + signed(committed_app))
