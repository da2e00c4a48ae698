"""What stands behind dev.py. Standard library only: it runs before anything is installed."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
