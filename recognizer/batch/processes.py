"""How worker processes begin: copied from one that has imported what all of them need.

On Linux a process imports it once, while the job is still being set up, and the workers are forked from that
(multiprocessing's fork server); elsewhere each imports it for itself. Without LiteRT that is TensorFlow, and
takes seconds.
"""

import multiprocessing
import sys
from multiprocessing import forkserver

from recognizer.models import litert_engine

NEEDED = ["recognizer.batch.work", "distributed"]


def prepare() -> str:
    """Let that process begin to import, where it has not begun; it ends with this process.

    Returns:
        The start method of `multiprocessing` to use: "forkserver" or "spawn".
    """
    if sys.platform != "linux":
        return "spawn"
    engine = litert_engine.ENGINE if litert_engine.prefer() else "keras"
    multiprocessing.set_forkserver_preload([*NEEDED, engine])
    forkserver.ensure_running()
    return "forkserver"
