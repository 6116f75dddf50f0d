"""The training loop of most models: Keras's `fit`, with a checkpoint after every epoch.

A resumed run ends with exactly the weights of a run that was never stopped.
"""

import json
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import keras
import numpy as np

from training.engine.checkpoints import load_checkpoint, write_atomically
from training.engine.losses import accuracy, set_loss
from training.recipes import TrainingRecipe

Validation = tuple[np.ndarray, np.ndarray]  # inputs, and the classes that each label allows
WARMUP_START = 1 / 20  # of the learning rate: where the warm-up begins


def compiled(network: keras.Model, recipe: TrainingRecipe, steps: int) -> keras.Model:
    """Compile a network with the recipe's optimizer and a schedule over `steps` steps."""
    rate = recipe.learning_rate
    if recipe.one_cycle:
        warmup = max(1, round(recipe.warmup * steps))
        rate = keras.optimizers.schedules.CosineDecay(
            rate * WARMUP_START, steps - warmup, warmup_target=rate, warmup_steps=warmup
        )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay)
    network.compile(optimizer, loss=set_loss, metrics=[accuracy])
    return network


def fit(
    recipe: TrainingRecipe,
    network: Callable[[], keras.Model],
    batches: Callable[[int], keras.utils.PyDataset],
    validation: Validation,
    folder: Path,
    resume: bool,
    mirrored: bool = False,
) -> tuple[keras.Model, list[dict[str, float]]]:
    """Train a network and write a checkpoint after every epoch.

    `keras.callbacks.BackupAndRestore` would not do: it saves neither the history nor the state of dropout.

    Args:
        recipe: gives the optimizer, the number of epochs and the seed.
        network: builds the untrained network.
        batches: the samples of an epoch; must depend on the epoch's number alone.
        validation: held-out samples, evaluated after every epoch.
        folder: where the checkpoint and the history are kept.
        resume: continue after the checkpoint in `folder`, if there is one.
        mirrored: share each batch among all GPUs of this machine (TensorFlow only).

    Returns:
        The trained model, and its history: for each epoch a dict of losses and accuracies.

    Raises:
        CheckpointError: the checkpoint is damaged, or a new one cannot be written.
    """
    keras.utils.set_random_seed(recipe.seed)
    _deterministic()
    checkpoint, log = folder / "epoch.keras", folder / "history.json"
    steps = len(batches(0))
    with _devices(mirrored):
        if resume and checkpoint.exists():
            model = load_checkpoint(checkpoint)
            history = json.loads(log.read_text())[: int(model.optimizer.iterations) // steps]
            print(f"resuming {recipe.name} after epoch {len(history)} of {recipe.epochs}", flush=True)
        else:
            model, history = compiled(network(), recipe, recipe.epochs * steps), []
    for epoch in range(len(history), recipe.epochs):
        print(f"{recipe.name}, epoch {epoch + 1} of {recipe.epochs}", flush=True)
        _seed_dropout(model, recipe.seed, epoch)
        logs = model.fit(
            batches(epoch),
            shuffle=False,  # the batches are in their order already
            validation_data=validation,
            validation_batch_size=512,
            verbose=1 if os.isatty(1) else 2,  # a progress bar on a terminal, a line an epoch in a log file
        ).history
        history.append({key: round(values[0], 5) for key, values in logs.items()})
        folder.mkdir(parents=True, exist_ok=True)
        # the history first: if the checkpoint then fails, resuming ignores the entry too many
        write_atomically(log, lambda path, lines=history: path.write_text(json.dumps(lines)))
        write_atomically(checkpoint, model.save)
    return model, history


def _devices(mirrored: bool) -> AbstractContextManager:
    """The scope in which a model must be built to train on all GPUs; without GPUs, on all CPU devices."""
    if not mirrored:
        return nullcontext()
    import tensorflow as tf

    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    return tf.distribute.MirroredStrategy([device.name for device in devices]).scope()


def _deterministic() -> None:
    """Make TensorFlow give the same weights for the same seed."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()


def _seed_dropout(model: keras.Model, seed: int, epoch: int) -> None:
    """Make dropout depend on the seed and the epoch alone, so that a resumed run drops the same features."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.seed_generator.state.assign([seed, epoch])
