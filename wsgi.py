"""Entry point for the server and for ``flask --app wsgi …``."""

import os
import sys

from config import Config, ConfigError
from servicekonto import create_app

try:
    app = create_app(Config.from_environment(os.environ))
except ConfigError as error:
    sys.exit(f"Servicekonto does not start: {error}")
