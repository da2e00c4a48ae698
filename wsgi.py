"""Entry point for the server and for ``flask --app wsgi …``."""

import gc
import os
import sys

from config import Config, ConfigError
from servicekonto import create_app

try:
    app = create_app(Config.from_environment(os.environ))
except ConfigError as error:
    sys.exit(f"Servicekonto does not start: {error}")

# What is there now stays: the collector need not look at it again and again.
gc.collect()
gc.freeze()
