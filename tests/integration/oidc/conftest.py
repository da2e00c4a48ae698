import pytest

from servicekonto.oidc import keys


@pytest.fixture
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorter ones, as with the cost of passwords."""
    monkeypatch.setattr(keys, "RSA_BITS", 2048)
