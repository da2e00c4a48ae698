"""kill -9 of web and worker, at chosen moments and at random ones, while people submit and answer: nothing
acknowledged is lost, nothing is there twice, each mail arrives, and whoever got no answer can find out.
"""

import random
import time
from collections import Counter

import pytest

from servicekonto.core import clock
from servicekonto.web.application import Servicekonto
from tests.builders.requests import create_draft, submit
from tests.integration.faults.accounting import (
    assert_books_balance,
    assert_each_mail_once,
    assert_everybody_can_find_out,
    is_done_without_waiting,
    make_leases_end,
    prepare,
)
from tests.integration.operations.restoring import inside
from tests.support.databases import DatabaseUrls
from tests.support.mail_server import free_port, mail_server
from tests.support.processes import (
    WEB,
    WORKER,
    Person,
    Processes,
    all_send,
    comes_true,
    processes_for,
    wait_until,
)

AT_ONCE = 3
RANDOM = "random:0"
# The n-th time after the start of the process, so that each step of a submission and of a job is met.
WEB_DIES_AT = [
    *("statement:1", "statement:4", "statement:9", "statement:14", "statement:25"),
    *("before_commit:1", "before_commit:2", "after_commit:1", "after_commit:2", "after_commit:3"),
    *("before_answer:1", "before_answer:2", RANDOM, RANDOM, RANDOM),
]
WORKER_DIES_AT = [
    *("before_commit:3", "after_commit:3", "before_commit:4", "after_commit:4", "after_commit:5"),
    *("mail_accepted:1", "mail_accepted:1", "mail_accepted:1", "statement:4", "statement:6"),
    *("statement:8", "before_commit:6", RANDOM, RANDOM, RANDOM),
]


def variable(moment: str) -> dict[str, str]:
    return {} if moment == RANDOM else {"SERVICEKONTO_TEST_DIE_AT": moment}


def killed(processes: Processes, name: str, moment: str, *, patience: float) -> bool:
    """True: it killed itself at the chosen moment. Otherwise it is killed now."""
    died = moment != RANDOM and comes_true(lambda: processes.has_died(name), patience)
    processes.kill(name)
    return died


@pytest.mark.slow
def test_killed_thirty_times_nothing_is_lost_and_nothing_doubled(
    committed_app: Servicekonto, own_urls: DatabaseUrls
) -> None:
    rounds = list(zip(WEB_DIES_AT, WORKER_DIES_AT, strict=True))
    number = AT_ONCE * len(rounds)
    people = prepare(committed_app, drafts=number - number // 3, questions=number // 3)
    dice, at_chosen, smtp_port = random.Random(30), Counter[str](), free_port()  # noqa: S311 - no secret

    with mail_server(smtp_port) as received, processes_for(own_urls, smtp_port) as processes:
        for web_moment, worker_moment in rounds:
            make_leases_end(committed_app)
            with inside(committed_app):  # so that the worker has something to do even if no form arrives
                submit(create_draft(at=clock.now()), at=clock.now())
            senders = [people.pop(0) for _ in range(AT_ONCE)]
            people += senders
            died = one_round(processes, senders, web_moment, worker_moment, dice)
            at_chosen.update(died)
        processes.start(WEB)
        processes.start(WORKER)
        wait_until(processes.is_up)
        unanswered = [person for person in people if not person.is_acknowledged]
        assert 0 < len(unanswered) < len(people)

        assert_everybody_can_find_out(processes, people)
        wait_until(lambda: is_done_without_waiting(committed_app))

    assert at_chosen[WEB] == 12, "chosen moments that came"
    assert at_chosen[WORKER] >= 10
    assert_books_balance(committed_app, people)
    submitted = sum(person.form.endswith("einreichen") for person in people)
    assert_each_mail_once(
        received,
        expected=submitted + len(rounds),
        # Every other death may fall between the mail server's yes and the commit.
        again=sum(not moment.startswith("after_commit") for moment in WORKER_DIES_AT),
    )


def one_round(
    processes: Processes, senders: list[Person], web_moment: str, worker_moment: str, dice: random.Random
) -> list[str]:
    """All send, both die. Returns who died at the chosen moment."""
    processes.start(WEB, variable(web_moment))
    processes.start(WORKER, variable(worker_moment))
    wait_until(processes.is_up, every=0.03)
    threads = all_send(processes, senders)
    if web_moment == RANDOM:
        time.sleep(dice.uniform(0, 0.15))  # the random moment itself
    died = [WEB] * killed(processes, WEB, web_moment, patience=30)
    for thread in threads:
        thread.join()
    died += [WORKER] * killed(processes, WORKER, worker_moment, patience=10)
    return died
