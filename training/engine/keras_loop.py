"""The training loop of most models: `fit` of Keras, a checkpoint an epoch, the same weights when resumed."""

import json
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import keras
import numpy as np

from training.engine.checkpoints import load_checkpoint, replace
from training.engine.losses import accuracy, set_loss
from training.recipes import TrainingRecipe

Validation = tuple[np.ndarray, np.ndarray]  # inputs, and the classes that each label allows
START = 1 / 20  # of the learning rate, where the warm-up begins


def compiled(network: keras.Model, recipe: TrainingRecipe, steps: int) -> keras.Model:
    """A network with its optimizer, for `steps` steps in all."""
    rate = recipe.learning_rate
    if recipe.one_cycle:
        warmup = max(1, round(recipe.warmup * steps))
        rate = keras.optimizers.schedules.CosineDecay(
            rate * START, steps - warmup, warmup_target=rate, warmup_steps=warmup
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
    """Train with a checkpoint an epoch in `folder`; resume after the last one where asked.

    `keras.callbacks.BackupAndRestore` keeps no state of dropout and no history; both are needed so that a
    resumed run ends with the weights of one that was not stopped.

    Args:
        recipe: its optimizer, epochs and seed.
        network: makes it, untrained.
        batches: the samples of an epoch, a function of its number alone.
        validation: held-out samples, measured after each epoch.
        folder: for checkpoints.
        resume: go on after the last one.
        mirrored: share each batch among all GPUs of this machine (TensorFlow alone).

    Returns:
        The trained model and its history: a list with one dict of losses and accuracies an epoch.

    Raises:
        CheckpointError: there is nothing sound to resume from, or no place to keep a checkpoint.
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
            shuffle=False,  # they have their order
            validation_data=validation,
            validation_batch_size=512,
            verbose=1 if os.isatty(1) else 2,  # a moving bar, or a line an epoch where the output is a file
        ).history
        history.append({key: round(values[0], 5) for key, values in logs.items()})
        folder.mkdir(parents=True, exist_ok=True)
        # the log first: the checkpoint knows how many of its lines count
        replace(log, lambda path, lines=history: path.write_text(json.dumps(lines)))
        replace(checkpoint, model.save)
    return model, history


def _devices(mirrored: bool) -> AbstractContextManager:
    """Where a model is made that all GPUs of this machine train; all its CPU devices where it has no GPU."""
    if not mirrored:
        return nullcontext()
    import tensorflow as tf

    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    return tf.distribute.MirroredStrategy([device.name for device in devices]).scope()


def _deterministic() -> None:
    """Let the engine give the same weights for the same seed."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()


def _seed_dropout(model: keras.Model, seed: int, epoch: int) -> None:
    """What is dropped depends on the seed and the epoch alone, so that a resumed run drops the same."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.seed_generator.state.assign([seed, epoch])
