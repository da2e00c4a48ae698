"""``flask metrics``"""

import os
import signal
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from servicekonto.core.settings import settings
from servicekonto.operations.metrics.server import serve


def register(app: Flask) -> None:
    app.cli.add_command(metrics)


@click.command("metrics")
@with_appcontext
def metrics() -> None:
    """Serve /metrics on SERVICEKONTO_METRICS_PORT for all processes of this machine, until stopped."""
    port = settings().metrics_port
    if not port:
        raise click.ClickException("SERVICEKONTO_METRICS_PORT is missing")
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    server, thread = serve(app, host=settings().metrics_host, port=port, folder=folder)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    server.shutdown()
    thread.join()
