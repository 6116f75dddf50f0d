"""How worker processes start: as forks of one process that has imported the modules that all of them need.

On Linux the fork server of multiprocessing imports them once, while the job is still being set up. Elsewhere
each worker imports them itself. Without LiteRT that is TensorFlow, which takes seconds.
"""

import multiprocessing
import sys
from multiprocessing import forkserver

from recognizer.models import litert_engine

PRELOADED = ["recognizer.batch.work", "distributed"]  # modules; the engine is added


def prepare() -> str:
    """Start the fork server, if it is not running; it imports in the background and ends with this process.

    Returns:
        The start method of `multiprocessing` to use: "forkserver" or "spawn".
    """
    if sys.platform != "linux":
        return "spawn"
    engine = litert_engine.PACKAGE if litert_engine.is_installed() else "keras"
    multiprocessing.set_forkserver_preload([*PRELOADED, engine])
    forkserver.ensure_running()
    return "forkserver"
