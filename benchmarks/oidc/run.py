"""One run of all three, with ratios. Each figure: how often per second, with as many visitors at the same
time as there are people; beside it the CPU time of the server's processes for one of them.
"""

import os
import statistics
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.oidc import sides
from benchmarks.oidc.acts import MissingError, User, act_once, users_of
from benchmarks.oidc.load import Act, repeat

ROUNDS, SECONDS = 5, 2.0
OURS, PEER, BARE = "Servicekonto", "oidc-provider", "bare Flask"
BUSY = 0.5


@dataclass(frozen=True)
class Task:
    """``base`` and ``goal``: how often at least, compared with whom. ``needs_tokens``: fresh ones first."""

    act: Callable[[User], Act]
    base: str
    goal: float
    needs_tokens: bool = False


TASKS: Mapping[str, Task] = {
    "discovery": Task(User.discovery, BARE, 0.9),
    "JWKS": Task(User.jwks, BARE, 0.9),
    "UserInfo": Task(User.userinfo, PEER, 0.9, needs_tokens=True),
    "introspection": Task(User.introspection, PEER, 0.9, needs_tokens=True),
    "token by refresh": Task(User.refresh, PEER, 0.9, needs_tokens=True),
    "sign-in with a session": Task(User.sso, PEER, 0.7),
    "sign-in with a password": Task(User.password, PEER, 0.9),
}


@dataclass(frozen=True)
class Measured:
    """``rate``: per second. ``cpu``: milliseconds for each."""

    rate: float
    cpu: float


Rounds = list[Measured]


def run() -> None:
    with ExitStack() as stack:
        everyone = [stack.enter_context(sides.servicekonto()), *stack.enter_context(sides.peers())]
        users = {side.name: users_of(side) for side in everyone}
        _warn()
        for name, task in TASKS.items():
            _report(name, task, _turns(users, task))


def _turns(users: Mapping[str, list[User]], task: Task) -> dict[str, Rounds]:
    """The sides take turns, so that a slow minute meets all of them; the first round warms up."""
    found: dict[str, Rounds] = {name: [] for name in users}
    for number in range(ROUNDS + 1):
        for name, people in users.items():
            measured = _measure(task, people)
            if number and measured is not None:
                found[name].append(measured)
    return found


def _measure(task: Task, people: list[User]) -> Measured | None:
    """None when this side does not do it."""
    side = people[0].side
    try:
        if task.needs_tokens:
            act_once(people, User.sso)
        before = side.cpu()
        acts = [lambda user=user: task.act(user) for user in people]
        done, seconds = repeat(side.port, acts, seconds=SECONDS)
    except MissingError:
        return None
    return Measured(done / seconds, (side.cpu() - before) / done * 1000)


def _report(name: str, task: Task, found: Mapping[str, Rounds]) -> None:
    print(f"\n{name}, per second: median (lowest to highest), ms of CPU for one, ratios")
    medians = {
        side: statistics.median(measured.rate for measured in rounds)
        for side, rounds in found.items()
        if rounds
    }
    for side, rounds in found.items():
        if not rounds:
            print(f"  {side:14}        –", flush=True)
            continue
        rates = [measured.rate for measured in rounds]
        cpu = statistics.median(measured.cpu for measured in rounds)
        bases = [base for base in (PEER, BARE) if base in medians]
        ratios = "  ".join(f"{medians[side] / medians[base]:5.2f} × {base}" for base in bases)
        spread = f"({min(rates):.0f} to {max(rates):.0f})"
        verdict = _verdict(task, side, medians)
        print(f"  {side:14} {medians[side]:8.0f} {spread:16} {cpu:6.2f} ms  {ratios}{verdict}", flush=True)


def _verdict(task: Task, side: str, medians: Mapping[str, float]) -> str:
    if side != OURS or task.base not in medians:
        return ""
    is_met = medians[OURS] / medians[task.base] >= task.goal
    return f"  goal {task.goal} × {task.base} {'met' if is_met else 'MISSED'}"


def _warn() -> None:
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load before the start {load:.1f}", flush=True)
    if load > BUSY:
        print("Other programs use this machine: these figures are worth nothing.", flush=True)
