import dataclasses
import json
import os
import pickle
import socket
import subprocess
import sys

import numpy as np
import pytest

from tests.conftest import RECIPE
from training.browser import ROOT
from training.distributed import StrategyError, strategy_named

# 28 steps with all that chance decides: augmentation, what is no character, dropout
RUN = dataclasses.replace(RECIPE, architecture="compact", settings={}, epochs=4, nothing=0.1)
TOLERANCE = 1e-4  # of a loss; histories are rounded to 1e-5
LONG = 300  # seconds after which workers hang


@pytest.fixture(scope="module")
def run(samples):
    """What a process needs to train: the recipe and samples, seven batches of them."""
    return pickle.dumps((RUN, samples.rows(np.arange(2 * len(samples)) % len(samples))))


@pytest.fixture(scope="module")
def alone(run, tmp_path_factory):
    """The history and the weights of the run on one device."""
    folder = tmp_path_factory.mktemp("alone")
    (folder / "run.pickle").write_bytes(run)
    ((status, message),) = ended([started("none", folder)])
    assert status == 0, message
    return told(folder)[:2]


@pytest.fixture
def folder(run, tmp_path):
    (tmp_path / "run.pickle").write_bytes(run)
    return tmp_path


def started(strategy, folder, *modes, **environment):
    command = [sys.executable, "-m", "tests.distributed_worker", strategy, str(folder), *modes]
    return subprocess.Popen(
        command, cwd=ROOT, env=os.environ | environment, stderr=subprocess.PIPE, text=True
    )


def ended(processes):
    """Exit status and messages of each."""
    try:
        return [(process.communicate(timeout=LONG)[1], process.returncode)[::-1] for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def two_workers(folder, *modes):
    with socket.socket() as one, socket.socket() as other:
        for free in (one, other):
            free.bind(("127.0.0.1", 0))
        addresses = [f"127.0.0.1:{free.getsockname()[1]}" for free in (one, other)]
    tasks = [{"cluster": {"worker": addresses}, "task": {"type": "worker", "index": n}} for n in (0, 1)]
    return ended([started("multi-worker", folder, *modes, TF_CONFIG=json.dumps(task)) for task in tasks])


def told(folder, number=0):
    """What a process told: its history, its weights, and the history of the run with a mistake."""
    with np.load(folder / f"told-{number}.npz") as file:
        texts = {key: json.loads(str(file[key])) for key in ("history", "same") if key in file}
        return texts["history"], [file[key] for key in file if key.startswith("arr_")], texts.get("same")


def farthest(history, other):
    """The largest difference of two histories, in any loss or accuracy of any epoch."""
    assert [set(epoch) for epoch in history] == [set(epoch) for epoch in other]
    return max(
        abs(epoch[key] - again[key]) for epoch, again in zip(history, other, strict=True) for key in epoch
    )


def assert_as_alone(history, weights, alone):
    assert farthest(history, alone[0]) < TOLERANCE
    for mine, wanted in zip(weights, alone[1], strict=True):
        np.testing.assert_allclose(mine, wanted, atol=1e-6)


def test_two_workers_learn_what_one_process_learns(folder, alone):
    (_, of_chief), (_, of_worker) = two_workers(folder, "same", "other")
    history, weights, mistaken = told(folder)
    assert_as_alone(history, weights, alone)
    assert farthest(mistaken, history) > 1000 * TOLERANCE  # who learns from the same rows is found out
    for mine, others in zip(weights, told(folder, number=1)[1], strict=True):
        np.testing.assert_array_equal(mine, others)
    assert (folder / "run-0" / "epoch.keras").exists()
    assert not (folder / "run-1").exists()
    assert "worker 0 has another command or other data" in of_worker
    assert "the workers lost each other" in of_chief


def test_a_lost_worker_ends_the_run_and_resume_goes_on(folder, alone):
    (status, message), (killed, _) = two_workers(folder, "killed")
    assert killed < 0
    assert status == 1
    assert "the workers lost each other" in message
    assert "--resume" in message
    assert len(json.loads((folder / "run-0" / "history.json").read_text())) == 2
    assert [status for status, _ in two_workers(folder, "resume")] == [0, 0]
    assert_as_alone(*told(folder)[:2], alone)


def test_two_devices_of_one_machine_learn_what_one_learns(folder, alone):
    ((_, message),) = ended([started("mirrored", folder, "odd")])
    assert_as_alone(*told(folder)[:2], alone)
    assert "batches of 15 are not to be shared by 2 replicas" in message


@pytest.mark.parametrize("config", [
    "",
    "{}",
    "not JSON",
    '{"cluster": {"worker": ["a:1", "b:1"]}}',
    '{"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 2}}',
    '{"cluster": {"chief": ["a:1"], "worker": ["b:1"]}, "task": {"type": "worker", "index": 0}}',
])  # fmt: skip
def test_without_the_addresses_of_the_workers_the_error_says_what_to_give(config, monkeypatch):
    monkeypatch.setenv("TF_CONFIG", config)
    with pytest.raises(StrategyError, match=r'TF_CONFIG with .* as in \{"cluster"'):
        strategy_named("multi-worker")
