"""Progress bars whose length is known only after some counting."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import click

Progress = Callable[[int], None]
Start = Callable[[int], Progress]
"""Is told how much there is and gives back what counts it."""

_REDRAWN = 200


@contextmanager
def progress_bar(label: str) -> Iterator[Start]:
    with ExitStack() as stack:

        def start(length: int) -> Progress:
            steps = max(1, length // _REDRAWN)
            bar = click.progressbar(length=length, label=label, update_min_steps=steps)
            return stack.enter_context(bar).update

        yield start
