"""Where the packages meet: what is registered, in one place each."""

from flask import Flask


def register_packages(app: Flask) -> None:
    """Hooks and reactions that packages above register with packages below."""


def register_blueprints(app: Flask) -> None:
    from servicekonto.web import information

    app.register_blueprint(information.bp)


def register_commands(app: Flask) -> None:
    """``flask --app wsgi …``"""
