"""Every action in every status answers as the table says: by command, by HTTP, and on random walks."""

import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest

from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import ConflictError, NotAllowedError
from servicekonto.service_requests.actions import RULES, Action, Who
from servicekonto.service_requests.conversation_models import InformationRequest
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.status import AT_AUTHORITY, TRANSITIONS, Status
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import SOME_DAY, create_account
from tests.builders.requests import ASKED, Registry, create_registry, create_service_request
from tests.integration.service_requests.acts import COMMANDS, PATHS, Scene, send
from tests.support.client import PageClient

pytestmark = pytest.mark.usefixtures("database")

PAIRS = [(status, action) for status in sorted(AT_AUTHORITY) for action in Action]
NO_ONE_ON_IT = frozenset({Status.RECEIVED, Status.WITHDRAWN})

# What has been done already may be done again, and changes nothing.
DONE = {
    (Status.WITHDRAWN, Action.WITHDRAW),
    (Status.DECIDED, Action.APPROVE),
    (Status.NOTIFIED, Action.APPROVE),
    *((status, Action.TAKE) for status in AT_AUTHORITY - NO_ONE_ON_IT),
}


@pytest.fixture
def scene(request: pytest.FixtureRequest) -> Scene:
    return make_scene(request.getfixturevalue("status"))


def make_scene(status: Status) -> Scene:
    """In every status there was a question once, so that there is something to answer."""
    registry = create_registry()
    create_registry("gelnhausen")
    found = create_service_request(status=status, registry=registry)
    if status is not Status.INFORMATION_REQUESTED:
        with unit_of_work():
            question = InformationRequest(
                service_request_id=found.id, service_request=found, authority_id=found.authority_id,
                asked_by_id=registry.clerk.account_id, asked_at=SOME_DAY, ended_at=SOME_DAY, text="Frage",
                asked=[{"path": path, "reason": reason} for path, reason in ASKED.items()],
            )  # fmt: skip
            db.session.add(question)
    return Scene(found, registry)


def expected(status: Status, action: Action) -> int:
    """303 done, 403 somebody else has to, 409 not now."""
    if (status, action) in DONE:
        return 303
    rule = RULES[action]
    if status not in rule.within:
        return 409
    needs_a_name = rule.who is Who.ASSIGNEE and status in NO_ONE_ON_IT
    return 403 if needs_a_name else 303


def test_the_table_and_the_ways_to_act_are_complete() -> None:
    assert set(RULES) == set(COMMANDS) == set(PATHS) | {Action.ANSWER} == set(Action)
    assert all(rule.within <= AT_AUTHORITY for rule in RULES.values())


@pytest.mark.parametrize(("status", "action"), PAIRS)
def test_a_command_answers_as_the_table_says(status: Status, action: Action, scene: Scene) -> None:
    before = state_of(scene.service_request)

    outcome = tried(action, scene)

    assert outcome == expected(status, action)
    if outcome != 303 or (status, action) in DONE:
        assert state_of(scene.service_request) == before
    assert_history_says_the_status(scene.service_request)


@pytest.mark.parametrize("status", sorted(AT_AUTHORITY))
def test_a_browser_gets_what_the_table_says(
    status: Status, client: PageClient, app: Servicekonto, without_csrf: None
) -> None:
    answers = {}
    for action in Action:
        answers[action] = send(client, action, make_scene(status))

    assert answers == {action: expected(status, action) for action in Action}


@pytest.fixture
def without_csrf(app: Servicekonto) -> Iterator[None]:
    app.config["WTF_CSRF_ENABLED"] = False
    yield
    app.config["WTF_CSRF_ENABLED"] = True


@pytest.mark.parametrize("seed", range(12))
def test_a_random_walk_by_commands_keeps_status_and_history_together(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - no secret
    registries = {"hanau": create_registry(), "gelnhausen": create_registry("gelnhausen")}
    found = create_service_request(create_account(), registry=registries["hanau"])
    done = 0
    for step in range(60):
        scene = at_its_place(found, registries)
        action = dice.choice(list(Action))
        before = state_of(found)
        outcome = tried(action, scene, minutes=step)
        done += outcome == 303
        assert outcome == 303 or state_of(found) == before, action
        assert_history_says_the_status(found)
    assert done > 5


@pytest.mark.parametrize("seed", range(2))
def test_a_random_walk_by_http_keeps_status_and_history_together(
    seed: int, client: PageClient, without_csrf: None
) -> None:
    dice = random.Random(1000 + seed)  # noqa: S311 - no secret
    registries = {"hanau": create_registry(), "gelnhausen": create_registry("gelnhausen")}
    found = create_service_request(create_account(), registry=registries["hanau"])
    answers = set()
    for _step in range(25):
        db.session.expire_all()
        usable = [a for a in Action if a is not Action.ANSWER or found.status is Status.INFORMATION_REQUESTED]
        answers.add(send(client, dice.choice(usable), at_its_place(found, registries)))
        db.session.expire_all()
        assert_history_says_the_status(found)
    assert answers <= {303, 403, 409}


def at_its_place(found: ServiceRequest, registries: dict[str, Registry]) -> Scene:
    here, there = "hanau", "gelnhausen"
    if found.authority_id != registries[here].clerk.authority_id:
        here, there = there, here
    return Scene(found, registries[here], there)


def tried(action: Action, scene: Scene, *, minutes: int = 10) -> int:
    try:
        with unit_of_work():
            COMMANDS[action](scene, SOME_DAY + timedelta(minutes=minutes))
    except ConflictError:
        return 409
    except NotAllowedError:
        return 403
    return 303


def state_of(found: ServiceRequest) -> tuple[object, ...]:
    return found.status, found.event_count, found.assignee_id, found.authority_id, found.answers


def assert_history_says_the_status(found: ServiceRequest) -> None:
    """Each event goes on where the one before ended, by an allowed step, and the last is where it stands."""
    history = found.history
    assert [event.sequence for event in history] == list(range(1, found.event_count + 1))
    assert history[-1].to_status is found.status
    for before, after in pairwise(history):
        assert after.from_status is before.to_status
        assert after.to_status is not None
        assert after.from_status is not None
        assert after.to_status is after.from_status or after.to_status in TRANSITIONS[after.from_status]
    waiting = [q for q in _questions(found) if q.ended_at is None]
    assert bool(waiting) == (found.status is Status.INFORMATION_REQUESTED)


def _questions(found: ServiceRequest) -> list[InformationRequest]:
    query = db.select(InformationRequest).filter_by(service_request_id=found.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))
