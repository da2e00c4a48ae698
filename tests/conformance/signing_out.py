"""What a website does to sign its visitor out at the provider as well, and how to see whether they are."""

import secrets
from dataclasses import dataclass

from tests.conformance.provider import SIGN_OUT
from tests.conformance.user_agent import Callback, Page, Step, UserAgent
from tests.conformance.website import Tokens, Website


@dataclass(frozen=True)
class Departure:
    """Somebody signed in, and tokens of theirs. ``has_confirmed``: they were asked and said yes."""

    website: Website
    agent: UserAgent
    tokens: Tokens

    def sign_out(self, **parameters: str) -> Step:
        step = self.agent.open(self.website.provider.endpoint("end_session"), parameters)
        if isinstance(step, Page) and self.website.provider.page_kind(step) == SIGN_OUT:
            step = self.website.provider.go_on(self.agent, step)
        return step

    def complete(self, **changes: str) -> dict[str, str]:
        """All the parameters that there are."""
        return {
            "id_token_hint": self.tokens.id_token,
            "post_logout_redirect_uri": self.website.client.post_logout_redirect_uri,
            "state": secrets.token_urlsafe(96)[:128],
        } | changes

    @property
    def is_over(self) -> bool:
        visit = self.website.send(self.agent, prompt="none")
        return "code" not in visit.back and visit.error in {"login_required", "interaction_required"}


def somebody_about_to_leave(website: Website) -> Departure:
    """In a session of their own: others go on."""
    website.provider.endpoint("end_session")
    agent = website.provider.stranger()
    return Departure(website, agent, website.tokens(website.send(agent)))


def assert_led_back(step: Step, website: Website, *, state: str | None) -> None:
    assert isinstance(step, Callback), f"it stays at {step}"
    assert step.uri == website.client.post_logout_redirect_uri
    assert dict(step.parameters) == ({} if state is None else {"state": state})


def assert_stays(step: Step, *, status: tuple[int, ...] = (200, 400)) -> None:
    """On a page of the provider: that something is wrong, or that the person is signed out."""
    assert isinstance(step, Page), f"it led away: {step}"
    assert step.status in status
    assert step.text
