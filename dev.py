#!/usr/bin/env python3
"""Sets everything up, then runs, tests or checks it: ``python3 dev.py run | test | check``.

Needs nothing but Python with venv. This file must stay readable by a Python that is too old, to say so.
"""

import sys
from typing import Any

MINIMUM = (3, 11)


def problem_with_python(version: "tuple[Any, ...]") -> "str | None":
    """Message for people, or None when this Python will do. ``version``: like sys.version_info."""
    if tuple(version[:2]) >= MINIMUM:
        return None
    found, needed = "%d.%d" % tuple(version[:2]), "%d.%d" % MINIMUM
    return (
        "Fehler: Dieses Python ist zu alt (%s). Servicekonto braucht Python %s oder neuer.\n"
        "        Unter Debian 12: apt-get install python3 python3-venv\n"
        "Error:  This Python is too old (%s). Servicekonto needs Python %s or newer."
    ) % (found, needed, found, needed)


def main() -> int:
    problem = problem_with_python(sys.version_info)
    if problem:
        sys.exit(problem)
    from tooling.command_line import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
