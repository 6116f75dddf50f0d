import os
import subprocess
import sys

import pytest

from recognizer.batch import processes

IN_CHILD = 'import os, sys; print(os.getppid(), *sys.modules, "END", flush=True)'
PARENT = f"""
import multiprocessing, os, sys
from recognizer.models import litert_engine
from recognizer.batch.processes import prepare
litert_engine.PACKAGE = sys.argv[1]
context = multiprocessing.get_context(prepare())
for _ in range(2):
    child = context.Process(target=exec, args=({IN_CHILD!r},))
    child.start()
    child.join()
print(os.getpid(), *sys.modules)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere processes are not forked")
@pytest.mark.parametrize(
    ("engine", "imported", "not_imported"),
    [("ai_edge_litert", "ai_edge_litert", "tensorflow"), ("not_installed", "tensorflow", "ai_edge_litert")],
)
def test_workers_are_forked_from_one_process_that_imported_their_modules(engine, imported, not_imported):
    done = subprocess.run(
        [sys.executable, "-c", PARENT, engine], capture_output=True, text=True, check=True, env=os.environ
    )
    *children, parent = (part.split() for part in done.stdout.split("END"))
    assert len(children) == 2
    for child in children:
        assert {imported, "distributed", "recognizer.batch.work"} <= set(child[1:])
        assert not_imported not in child
    assert children[0][0] == children[1][0] != parent[0]  # of the same process, which is not this one
    assert imported not in parent


def test_workers_are_spawned_where_there_is_no_fork_server(monkeypatch):
    monkeypatch.setattr(processes.sys, "platform", "darwin")
    monkeypatch.setattr(processes.forkserver, "ensure_running", lambda: pytest.fail("forked"))
    assert processes.prepare() == "spawn"
