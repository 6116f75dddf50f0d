import os
import subprocess
import sys

import pytest

from recognizer.batch import processes

IN_CHILD = 'import os, sys; print(os.getppid(), *sys.modules, "END", flush=True)'
PARENT = f"""
import multiprocessing, os, sys
from recognizer.batch.processes import prepare
context = multiprocessing.get_context(prepare())
for _ in range(2):
    child = context.Process(target=exec, args=({IN_CHILD!r},))
    child.start()
    child.join()
print(os.getpid(), *sys.modules)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere processes are not forked")
def test_workers_have_what_they_need_from_one_process_that_imported_it():
    done = subprocess.run(
        [sys.executable, "-c", PARENT], capture_output=True, text=True, check=True, env=os.environ
    )
    *children, parent = (part.split() for part in done.stdout.split("END"))
    assert len(children) == 2
    for child in children:
        assert {"tensorflow", "distributed", "recognizer.batch.work"} <= set(child[1:])
    assert children[0][0] == children[1][0] != parent[0]  # of the same process, which is not this one
    assert "tensorflow" not in parent


def test_elsewhere_each_begins_anew(monkeypatch):
    monkeypatch.setattr(processes.sys, "platform", "darwin")
    monkeypatch.setattr(processes.forkserver, "ensure_running", lambda: pytest.fail("forked"))
    assert processes.prepare() == "spawn"
