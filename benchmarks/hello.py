"""What everything is compared with: a Flask application that says hello, and one statement with a commit."""

import os
from uuid import uuid4

import sqlalchemy as sa
from flask import Flask

app = Flask(__name__)
_engine = sa.create_engine(os.environ["SERVICEKONTO_DATABASE_URL"], pool_size=20, hide_parameters=True)
_INSERT = sa.text("insert into job (id, kind, payload, status, run_at, attempts, created_at, done_at)"
                  " values (:id, 'benchmark', '{}', 'done', now(), 0, now(), now())")  # fmt: skip


@app.get("/")
def hello() -> str:
    return "Hello, world!"


@app.post("/insert")
def insert() -> str:
    with _engine.begin() as connection:
        connection.execute(_INSERT, {"id": uuid4()})
    return "done"
