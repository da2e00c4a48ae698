"""The same thing by several people at the same time: threads, each with a connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def at_the_same_time(act: Callable[[int], T], *, times: int) -> list[T]:
    start = threading.Barrier(times)

    def one(number: int) -> T:
        start.wait(30)
        return act(number)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))
