"""The blueprint all account pages belong to, and how they answer."""

from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from wtforms import Field

from servicekonto.core.db import unit_of_work

bp = Blueprint("accounts", __name__)


def show(template: str, *, status: int = 200, **values: Any) -> ResponseReturnValue:
    """A page of a view with units of work of its own: what the page reads needs one too."""
    with unit_of_work(read_only=True):
        return render_template(f"accounts/{template}.html", **values), status


def refuse(field: Field, sentence: str) -> None:
    """A rule found something the form's syntax cannot see."""
    field.errors = [*field.errors, sentence]
