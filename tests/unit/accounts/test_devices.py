import pytest

from servicekonto.accounts.devices import name_of

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (f"{WINDOWS}; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox, Windows"),
        (f"{WINDOWS} AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0", "Edge, Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/604.1",
            "Safari, iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 16) Chrome/142.0 Mobile Safari/537.36",
            "Chrome, Android",
        ),
        ("curl/8.0", None),
        ("", None),
    ],
)
def test_a_browser_gets_a_name_its_owner_recognises(user_agent: str, name: str | None) -> None:
    assert name_of(user_agent) == name
