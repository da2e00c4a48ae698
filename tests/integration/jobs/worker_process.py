"""A worker in a process of its own: ``python -m tests.integration.jobs.worker_process URL GRACE_SECONDS``."""

import sys

from servicekonto.jobs.worker import Worker, stopping_on_signals
from tests.integration.jobs import handlers  # noqa: F401 - registers them
from tests.support.own_database import bare_app

if __name__ == "__main__":
    worker = Worker(bare_app(sys.argv[1]))
    with stopping_on_signals(worker, grace_seconds=float(sys.argv[2])):
        worker.run()
