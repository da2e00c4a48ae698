"""``python -m benchmarks [NAME …]``: see docs/performance.md for what the figures mean."""

import argparse
from collections.abc import Callable

from benchmarks import audit, harness, inbox, pages, sign_in, size, submit
from benchmarks.oidc import run as oidc

BENCHMARKS: dict[str, Callable[[], None]] = {
    "pages": pages.run,
    "inbox": inbox.run,
    "sign_in": sign_in.run,
    "submit": submit.run,
    "receipt": submit.run_receipt,
    "memory": size.run_memory,
    "start": size.run_start,
    "bytes": size.run_bytes,
    "oidc": oidc.run,
    "audit": audit.run,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Ratios measured in one run")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all without")
    parser.add_argument("--server", metavar="FOLDER", help="socket of a PostgreSQL that keeps the databases")
    parser.add_argument("--sizes", default="1000,100000,1000000", help="of the inbox, with commas")
    parser.add_argument("--entries", default="10000,100000", help="of audit: multiples of 2,000")
    parser.add_argument("--rounds", type=int, default=oidc.ROUNDS, help="of oidc")
    parser.add_argument("--seconds", type=float, default=oidc.SECONDS, help="each of them lasts, of oidc")
    chosen = parser.parse_args()
    unknown = set(chosen.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    inbox.SIZES = tuple(int(number) for number in chosen.sizes.split(","))
    audit.SIZES = tuple(int(number) for number in chosen.entries.split(","))
    oidc.ROUNDS, oidc.SECONDS = chosen.rounds, chosen.seconds
    with harness.database_server(chosen.server):
        for name in chosen.names or BENCHMARKS:
            BENCHMARKS[name]()


if __name__ == "__main__":
    main()
