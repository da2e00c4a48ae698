"""What the application and its libraries write into the log."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from servicekonto.core import logs


@contextmanager
def everything_logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Until the end of the block, instead of the error output of the process."""
    written = io.StringIO()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", written)
        logs.configure()
        yield written
    logs.configure()
