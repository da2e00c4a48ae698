"""Submitting a request next to a bare INSERT and COMMIT under the same server; making its receipt."""

from benchmarks.harness import Measure, Server, database, latency_of, report, serving, take_turns
from benchmarks.visitors import hidden, sign_in

GOAL = 3
ROUNDS = 9
