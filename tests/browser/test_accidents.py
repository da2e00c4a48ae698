"""What people do with browsers: clicking twice, going back, two tabs, a session that is gone."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.browser import birth_certificate
from tests.browser.birth_certificate import NEXT
from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor

SEND = "Antrag jetzt absenden"
EITHER_WAY = pytest.mark.parametrize("java_script", [False, True], ids=["without scripts", "with scripts"])


@pytest.fixture
def java_script() -> bool:
    return True


@pytest.fixture
def citizen(visit: Visit, java_script: bool) -> Iterator[Visitor]:
    """Somebody new."""
    citizen = visit(java_script=java_script)
    citizen.email = f"{uuid4().hex[:8]}@example.org"
    yield citizen
