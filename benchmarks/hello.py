"""What everything is compared with: a Flask application that says hello, one statement with a commit, and one
verification of a password.
"""

import os
from uuid import uuid4

import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask

app = Flask(__name__)
_engine = sa.create_engine(os.environ["SERVICEKONTO_DATABASE_URL"], pool_size=20, hide_parameters=True)
_INSERT = sa.text("insert into job (id, kind, payload, status, run_at, attempts, created_at, done_at)"
                  " values (:id, 'benchmark', '{}', 'done', now(), 0, now(), now())")  # fmt: skip
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16)
_hash = _hasher.hash("Sonnige-Wege-am-Main-63")


@app.get("/")
def hello() -> str:
    return "Hello, world!"


@app.post("/insert")
def insert() -> str:
    with _engine.begin() as connection:
        connection.execute(_INSERT, {"id": uuid4()})
    return "done"


@app.get("/verify")
def verify() -> str:
    """With the costs of the application."""
    return str(_hasher.verify(_hash, "Sonnige-Wege-am-Main-63"))
