"""The provider that lies, and somebody at the example."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.integration.example.provider import LyingProvider, lying_provider
from tests.integration.example.visitors import settings_for, visitor_of


@pytest.fixture
def provider() -> Iterator[LyingProvider]:
    with lying_provider() as provider:
        yield provider


@pytest.fixture
def visitor(provider: LyingProvider, tmp_path: Path) -> FlaskClient:
    return visitor_of(settings_for(provider, tmp_path))
