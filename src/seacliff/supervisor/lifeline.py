"""A child must not outlive whoever started it, even when that process is killed and can say nothing any more."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2)


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent, process number `parent`, ends; end now if it has already.

    It is killed rather than asked, for the database goes at the same moment; all work is taken up again from there.
    Only Linux can do this; elsewhere a killed supervisor leaves its children to the next start.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        sys.exit(0)


def follow_supervisor() -> None:
    """In a child of the supervisor: end with it. A process started by hand lives on its own."""
    if supervisor := os.environ.get("SEACLIFF_SUPERVISOR"):
        die_with_parent(int(supervisor))
