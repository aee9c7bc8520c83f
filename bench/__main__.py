"""`make bench`: every row, or one by --row; prints a table for docs/performance.md."""

import argparse
import importlib
import sys
import time

from bench.frame import HEAD

ROWS = [
    "start", "intake", "formats", "routing", "claim", "pages", "audit", "fairness", "value_designs", "staffing", "board",
    "mail_in", "playbooks", "asks",
]  # fmt: skip


def main() -> int:
    asked = argparse.ArgumentParser(prog="bench", description=__doc__)
    asked.add_argument("--size", choices=["tiny", "small", "full"], default="small")
    asked.add_argument("--row", choices=ROWS, action="append")
    options = asked.parse_args()
    if options.row and len(options.row) == 1:
        for line in importlib.import_module(f"bench.{options.row[0]}").run(options.size):
            print(line, flush=True)
        return 0
    print(HEAD, flush=True)
    failed = 0
    for row in options.row or ROWS:  # a process for each: an installation of its own, nothing left in memory
        import subprocess

        began = time.monotonic()
        command = [sys.executable, "-m", "bench", "--size", options.size, "--row", row]
        failed += subprocess.run(command, check=False).returncode != 0
        print(f"bench: {row} took {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return 1 if failed else 0


sys.exit(main())
