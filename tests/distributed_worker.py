"""Trains with a strategy, in double precision: rounding then hides no mistake, and makes none.

    python -m tests.distributed_worker STRATEGY FOLDER [resume] [killed] [same] [other] [odd]

FOLDER has run.pickle (recipe, samples); checkpoints go to FOLDER/run-N of process N, history and weights to
FOLDER/told-N.npz. killed: worker 1 dies in the third epoch. What is tried when the run has ended: same: once
more with a mistake, all replicas learn from the same rows; other: worker 1 has another seed; odd: batches
that two cannot share. `tests/test_distributed.py` starts one process, or two.
"""

import dataclasses
import json
import os
import pickle
import signal
import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from training import distributed
from training.batches import Batches
from training.train import train

name, folder, *modes = sys.argv[1:]
folder = Path(folder)
number = json.loads(os.environ["TF_CONFIG"])["task"]["index"] if name == "multi-worker" else 0
tf.config.threading.set_inter_op_parallelism_threads(1)  # as training.train has it
keras.config.set_floatx("float64")
if name == "mirrored":
    two = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], two)

if "killed" in modes and number == 1:
    batch = Batches.__getitem__

    def deadly(self, index):
        if self.epoch == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return batch(self, index)

    Batches.__getitem__ = deadly

recipe, samples = pickle.loads((folder / "run.pickle").read_bytes())
try:
    strategy = distributed.strategy_named(name)
    place = folder / f"run-{number}"
    model, history = train(recipe, samples, samples, place, "resume" in modes, strategy=strategy)
    told = {"history": json.dumps(history)}
    if "same" in modes:
        of_replica = distributed.share
        distributed.share = lambda batches, replica, count: of_replica(batches, 0, count)
        told["same"] = json.dumps(train(recipe, samples, samples, place, False, strategy=strategy)[1])
    np.savez(folder / f"told-{number}.npz", *model.get_weights(), **told)
    if "other" in modes:
        other = dataclasses.replace(recipe, seed=recipe.seed + number)
        train(other, samples, samples, place, False, strategy=strategy)
    if "odd" in modes:
        odd = dataclasses.replace(recipe, batch_size=15)
        train(odd, samples, samples, place, False, strategy=strategy)
except distributed.StrategyError as error:
    sys.exit(str(error))
