"""How worker processes begin: copied from one that has imported what all of them need.

TensorFlow takes seconds to import. On Linux a process imports it once, while the job is still being set up,
and the workers are forked from that (multiprocessing's fork server); elsewhere each imports it for itself.
"""

import multiprocessing
import sys
from multiprocessing import forkserver

NEEDED = ["recognizer.batch.work", "distributed", "keras"]


def prepare() -> str:
    """Let that process begin to import, where it has not begun; it ends with this process.

    Returns:
        The start method of `multiprocessing` to use: "forkserver" or "spawn".
    """
    if sys.platform != "linux":
        return "spawn"
    multiprocessing.set_forkserver_preload(NEEDED)
    forkserver.ensure_running()
    return "forkserver"
