"""Commands of ``flask``, one after the other in one process: a list of their words comes in as JSON, and a
list of what they printed goes out.
"""

import json
import sys

from wsgi import app


def _run(words: list[str]) -> str:
    result = app.test_cli_runner().invoke(args=words)
    if result.exit_code:
        raise SystemExit(f"flask {' '.join(words)}: {result.output}")
    return result.output


if __name__ == "__main__":
    sys.stdout.write(json.dumps([_run(words) for words in json.load(sys.stdin)]) + "\n")
