"""From nothing to the first page, a second start, and the memory of everything."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.frame import Line, memory
from bench.load import wait_for

PORT = 8393
MB = 2**20


def run(size: str) -> list[Line]:
    with tempfile.TemporaryDirectory(prefix="seacliff-bench-") as name:
        place = Path(name)
        place.chmod(0o711)
        first, held = _up(place / "data", sample=size != "tiny")
        second, _ = _up(place / "data", sample=False)
    return [
        Line("start, first, with the sample", f"{first:.1f} s", "limit 30 s", first / 30, 1.0, at_most=True),
        Line("start, second", f"{second:.1f} s", "limit 5 s", second / 5, 1.0, at_most=True),
        Line("memory of everything", f"{held / MB:.0f} MB", "limit 350 MB", held / (350 * MB), 1.0, at_most=True),
    ]


def _up(place: Path, *, sample: bool) -> tuple[float, int]:
    command = [sys.executable, "-m", "seacliff", "up", f"--port={PORT}", "--sample" if sample else "--no-sample"]
    began = time.perf_counter()
    with subprocess.Popen(
        command,
        env=os.environ | {"SEACLIFF_DATA_DIR": str(place)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as up:
        try:
            wait_for(PORT, "/readyz", within=180)
            took = time.perf_counter() - began
            time.sleep(5)
            return took, memory(up.pid)
        finally:
            up.send_signal(signal.SIGTERM)
            up.wait(60)
