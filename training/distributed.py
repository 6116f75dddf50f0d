"""One training shared by the GPUs of this machine, or by several machines (tf.distribute).

A replica is one device's copy of the network. It learns from its share of each batch's rows; the gradients,
the statistics of batch norms, the losses and what is dropped are those of the whole batch, so that the run is
the one of a single device, but for rounding. The making of batches is shared too. The chance of one row
begins where that of the row before ended, so batches are made whole: as many at a time as there are replicas,
one for each, and then every replica takes its rows of all of them.

Keras 3 has no model.fit for several workers (keras-team/keras issue 20585), so the step is written out here.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import keras
import numpy as np
import tensorflow as tf

from training.losses import accuracy

STRATEGIES = ("none", "mirrored", "multi-worker")


class StrategyError(Exception):
    """Devices or workers cannot learn together; the message says what to do."""


def strategy_named(name: str) -> tf.distribute.Strategy | None:
    """One of STRATEGIES, to be made before TensorFlow does anything else; None is one device.

    "mirrored" takes all GPUs of this machine, or its CPU where there is none. "multi-worker" takes the
    workers that TF_CONFIG names, with all their GPUs, and waits until all are there.

    Raises:
        StrategyError: TF_CONFIG does not name workers and which of them this is.
    """
    if name == "multi-worker":
        count, number = _workers(os.environ.get("TF_CONFIG", ""))
        print(f"worker {number}: waiting until all {count} workers are there", flush=True)
        with _connected(True):
            return tf.distribute.MultiWorkerMirroredStrategy()
    if name == "mirrored":
        devices = tf.config.list_logical_devices("GPU")
        if not devices:
            print("there is no GPU: the CPU does all")
            devices = tf.config.list_logical_devices("CPU")
        return tf.distribute.MirroredStrategy([device.name for device in devices])
    return None


def _workers(config: str) -> tuple[int, int]:
    """How many workers TF_CONFIG names, and which one this is."""
    try:
        cluster, task = json.loads(config)["cluster"], json.loads(config)["task"]
        count, number = len(cluster["worker"]), task["index"]
        sound = set(cluster) == {"worker"} and task["type"] == "worker" and number in range(count)
    except (ValueError, LookupError, TypeError):
        sound = False
    if not sound:
        raise StrategyError(
            "multi-worker needs TF_CONFIG with the address of every worker and the number of this one, as in "
            '{"cluster": {"worker": ["10.0.0.1:2222", "10.0.0.2:2222"]}, '
            f'"task": {{"type": "worker", "index": 0}}}}, not "{config}"'
        )
    return count, number


def _several_workers(strategy: tf.distribute.Strategy) -> bool:
    return isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy)


def is_chief(strategy: tf.distribute.Strategy | None) -> bool:
    """Whether this process reads checkpoints and writes files: the only one, or worker 0."""
    return strategy is None or not _several_workers(strategy) or strategy.cluster_resolver.task_id == 0


@contextmanager
def _connected(several_workers: bool) -> Iterator[None]:
    """Says what to do when a worker is lost, which TensorFlow notices by itself."""
    try:
        yield
    except tf.errors.OpError as error:
        if not several_workers:
            raise
        raise StrategyError(
            f"the workers lost each other ({type(error).__name__}): start all of them again, with "
            "--resume to go on after the last checkpoint"
        ) from error


class Replicas:
    """The copies of a model that learn together."""

    def __init__(self, model: keras.Model, strategy: tf.distribute.Strategy, batch_size: int, agreed: object):
        """
        Args:
            model: compiled. All workers begin with the chief's, and it follows the replicas epoch by epoch.
            strategy: who learns together.
            batch_size: rows of a whole batch.
            agreed: what has to be the same on all workers; compared by its repr.

        Raises:
            StrategyError: it is not the same, or a batch cannot be shared equally.
        """
        self.count = strategy.num_replicas_in_sync
        if batch_size % self.count:
            raise StrategyError(f"batches of {batch_size} are not to be shared by {self.count} replicas")
        self.model, self.strategy = model, strategy
        with _connected(_several_workers(strategy)):
            digest = np.frombuffer(hashlib.sha256(repr(agreed).encode()).digest(), np.int32)
            if not np.array_equal(digest, *self._of_chief([digest])):
                raise StrategyError("worker 0 has another command or other data: give all workers the same")
            model.optimizer.build(model.trainable_variables)
            for mine, value in zip(_state(model), self._of_chief(_values(model)), strict=True):
                mine.assign(value)
            with strategy.scope():
                self.copy = keras.models.clone_model(model, clone_function=_for_a_replica)
                self.copy.compile_from_config(model.get_compile_config())
        _take_over(self.copy, model)

    def _of_chief(self, values: Iterable[np.ndarray]) -> list[np.ndarray]:
        with self.strategy.scope():  # a variable begins with the chief's value on all workers
            return [tf.Variable(value).numpy() for value in values]

    def fit(
        self, batches: keras.utils.PyDataset, validation: tuple[np.ndarray, np.ndarray]
    ) -> dict[str, float]:
        """Learn from each batch once; gives the means of accuracy and loss, as model.fit does.

        Raises:
            StrategyError: a worker is lost.
        """
        steps = []
        with _connected(_several_workers(self.strategy)):
            for made, count in self._made(batches):
                rows = self._exchange(made)
                steps += [self._step(rows, tf.constant(number)) for number in range(count)]
            right, loss = np.mean([[value.numpy() for value in step] for step in steps], axis=0)
            _take_over(self.model, self.copy)
        seen = self.model.evaluate(*validation, batch_size=512, verbose=0, return_dict=True)
        logs = {"accuracy": float(right), "loss": float(loss)}
        logs |= {f"val_{name}": value for name, value in seen.items()}
        print(" - ".join(f"{name}: {value:.4f}" for name, value in logs.items()), flush=True)
        return logs

    def _made(self, batches: keras.utils.PyDataset) -> Iterator[tuple[tf.distribute.DistributedValues, int]]:
        """A batch for each replica, again and again, and how many of them are not there only to fill up."""
        distribute = self.strategy.experimental_distribute_values_from_function
        numbers = distribute(lambda context: context.replica_id_in_sync_group)
        mine = self.strategy.experimental_local_results(numbers)

        def made(first: int) -> dict[int, tuple[np.ndarray, np.ndarray]]:
            return {replica: batches[min(first + replica, len(batches) - 1)] for replica in mine}

        def of_replica(context, ready: dict) -> tuple[tf.Tensor, ...]:
            return tuple(map(tf.constant, ready[context.replica_id_in_sync_group]))

        with ThreadPoolExecutor(1) as ahead:  # the next are made while the replicas learn from these
            coming = ahead.submit(made, 0)
            for first in range(0, len(batches), self.count):
                ready, coming = coming.result(), ahead.submit(made, first + self.count)
                count = min(self.count, len(batches) - first)
                yield distribute(lambda context, ready=ready: of_replica(context, ready)), count
            coming.cancel()

    @tf.function
    def _exchange(self, made):
        """From a whole batch for each replica to each replica's rows of all these batches."""

        def own_rows(*batch):
            context = tf.distribute.get_replica_context()
            rows = []
            for part in batch:
                every = context.all_gather(tf.identity(part), axis=0)  # the identity is on this device
                every = tf.reshape(every, (self.count, *part.shape))
                rows.append(share(every, context.replica_id_in_sync_group, self.count))
            return rows

        return self.strategy.run(own_rows, args=made)

    @tf.function
    def _step(self, rows, number):
        """One step of the optimizer; gives accuracy and loss of the whole batch."""

        def learn(images, targets):
            weights = self.copy.trainable_variables
            with tf.GradientTape() as tape:
                logits = self.copy(images[number], training=True)
                # divided by the number of replicas: all their losses together are the batch's mean
                loss = self.copy.compute_loss(y=targets[number], y_pred=logits)
            self.copy.optimizer.apply(tape.gradient(loss, weights), weights)  # the sum over the replicas
            right = tf.reduce_mean(accuracy(targets[number], logits)) / self.count
            context = tf.distribute.get_replica_context()
            return context.all_reduce(tf.distribute.ReduceOp.SUM, [tf.cast(right, loss.dtype), loss])

        sums = self.strategy.run(learn, args=rows)
        return [self.strategy.experimental_local_results(value)[0] for value in sums]


def share(batches: tf.Tensor, replica: tf.Tensor, count: int) -> tf.Tensor:
    """One of `count` replicas' rows of each batch: (batches, rows, ...) to (batches, rows / count, ...)."""
    rows = batches.shape[1] // count
    return batches[:, replica * rows : (replica + 1) * rows]


class WholeBatchDropout(keras.layers.Dropout):
    """Drops of a replica's rows what Dropout would drop of them in the whole batch."""

    def call(self, inputs, training=False):
        context = tf.distribute.get_replica_context()
        if not training or context is None:
            return super().call(inputs, training)
        rows, count = tf.shape(inputs)[0], context.num_replicas_in_sync
        kept = super().call(tf.ones((rows * count, *inputs.shape[1:]), inputs.dtype), training)
        return inputs * share(kept[None], context.replica_id_in_sync_group, count)[0]


def _for_a_replica(layer: keras.Layer) -> keras.Layer:
    """A layer like this one, for who has only some rows of each batch."""
    settings = layer.get_config()
    if isinstance(layer, keras.layers.Dropout):
        return WholeBatchDropout.from_config(settings)
    if isinstance(layer, keras.layers.BatchNormalization):
        settings |= {"synchronized": True}
    return type(layer).from_config(settings)


def _state(model: keras.Model) -> list[keras.Variable]:
    return [*model.weights, *model.optimizer.variables]


def _values(model: keras.Model) -> list[np.ndarray]:
    return [variable.numpy() for variable in _state(model)]


def _take_over(model: keras.Model, other: keras.Model) -> None:
    for variable, value in zip(_state(model), _values(other), strict=True):
        variable.assign(value)
