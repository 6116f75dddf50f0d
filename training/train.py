"""Train one model of training.recipes and write weights/NAME.keras with its card.

    python -m training.train digits
    python -m training.train letters --epochs 2 --data-dir ~/data --resume
    python -m training.train letters --strategy mirrored        on all GPUs of this machine
    TF_CONFIG=... python -m training.train letters --strategy multi-worker       on each of several machines

Every epoch ends with a checkpoint in .checkpoints/NAME; --resume goes on after the last one, and
ends with the same weights as a run that was not stopped. The same seed gives the same weights on
the same machine.
"""

import argparse
import dataclasses
import json
import os
import random
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import cv2
import keras
import numpy as np
import tensorflow as tf

from recognizer.confidence import fit_temperature
from recognizer.exchange import CorrectionError
from recognizer.models import WEIGHTS, ModelError
from training import architectures, priors
from training.batches import Batches
from training.calibrate import promises
from training.checkpoints import CHECKPOINTS, CheckpointError, opened, replace
from training.datasets import DATA, Samples, training_data
from training.distillation import EARLIER_WEIGHTS, Teachers
from training.distributed import STRATEGIES, Replicas, StrategyError, is_chief, strategy_named
from training.losses import TaughtLoss, accuracy, set_loss
from training.official import DataError
from training.recipe import TrainingRecipe
from training.recipes import EARLIER, RECIPES
from training.ship import chosen, held_out, keep_history, mean, ship
from training.warm_start import begin_with

ROOT = Path(__file__).resolve().parent.parent
FINE_TUNED = ROOT / "fine-tuned"  # not weights/: what is shipped stays


def network(recipe: TrainingRecipe) -> keras.Model:
    """The recipe's network, untrained."""
    return getattr(architectures, recipe.architecture)(len(recipe.classes), **recipe.settings)


def compiled(recipe: TrainingRecipe, steps: int) -> keras.Model:
    """A fresh model of the recipe with its optimizer, for `steps` steps in all."""
    model = network(recipe)
    if recipe.start:
        begin_with(model, recipe)
    rate = recipe.learning_rate
    if recipe.one_cycle:
        warmup = max(1, round(recipe.warmup * steps))
        rate = keras.optimizers.schedules.CosineDecay(
            rate / 20, steps - warmup, warmup_target=rate, warmup_steps=warmup
        )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay)
    model.compile(optimizer, loss=TaughtLoss() if recipe.teachers else set_loss, metrics=[accuracy])
    return model


def train(
    recipe: TrainingRecipe,
    training: Samples,
    validation: Samples,
    folder: Path,
    resume: bool,
    strategy: tf.distribute.Strategy | None = None,
) -> tuple[keras.Model, list[dict[str, float]]]:
    """Train with a checkpoint an epoch in `folder`; resume after the last one where asked.

    Where several processes train together, all call this; the chief alone reads and writes in `folder`.

    Returns:
        The trained model and its history: a list with one dict of losses and accuracies an epoch.

    Raises:
        CheckpointError: there is nothing sound to resume from.
        StrategyError: the devices or workers of `strategy` cannot learn together, or no longer.
    """
    keras.utils.set_random_seed(recipe.seed)
    tf.config.experimental.enable_op_determinism()
    checkpoint, log = folder / "epoch.keras", folder / "history.json"
    steps = len(training) // recipe.batch_size
    model, history = compiled(recipe, recipe.epochs * steps), []
    orders = _orders(recipe.epochs, steps)
    if resume and is_chief(strategy) and checkpoint.exists():
        model = opened(checkpoint)
        history = json.loads(log.read_text())[: int(model.optimizer.iterations) // steps]
        print(f"resuming {recipe.name} after epoch {len(history)} of {recipe.epochs}")
    agreed = recipe, training.sources, len(training), orders
    replicas = Replicas(model, strategy, recipe.batch_size, agreed) if strategy else None
    allowed = validation.allowed.astype(np.float32)
    targets = np.stack([allowed, np.zeros_like(allowed)], axis=1) if recipe.teachers else allowed
    seen = validation.images[..., None].astype(np.float32) / 255, targets
    taught = Teachers(recipe, training.frequency) if recipe.teachers else None
    for epoch in range(int(model.optimizer.iterations) // steps, recipe.epochs):
        print(f"{recipe.name}, epoch {epoch + 1} of {recipe.epochs}", flush=True)
        batches = Batches(training, recipe, epoch, taught, orders[epoch])
        _seed_dropout(replicas.copy if replicas else model, recipe.seed, epoch)
        logs = replicas.fit(batches, seen) if replicas else _fitted(model, batches, seen)
        history.append({key: round(value, 5) for key, value in logs.items()})
        if is_chief(strategy):
            folder.mkdir(parents=True, exist_ok=True)
            # the log first: the checkpoint knows how many of its lines count
            replace(log, lambda path, lines=history: path.write_text(json.dumps(lines)))
            replace(checkpoint, model.save)
    return model, history


def _fitted(model: keras.Model, batches: Batches, validation: tuple) -> dict[str, float]:
    logs = model.fit(
        batches,
        shuffle=False,  # they have their order
        validation_data=validation,
        validation_batch_size=512,
        verbose=2 if _quiet() else 1,
    )
    return {key: values[0] for key, values in logs.history.items()}


def _orders(epochs: int, steps: int) -> list[list[int]]:
    """The order of each epoch's batches, drawn as model.fit draws it after the seed was set.

    Drawn for all epochs at once, so that a run that is resumed has the order of one that was not stopped.
    """
    orders = [list(range(steps)) for _ in range(epochs)]
    for order in orders:
        random.shuffle(order)
    return orders


def _seed_dropout(model: keras.Model, seed: int, epoch: int) -> None:
    """What is dropped depends on the seed and the epoch alone, so that a resumed run drops the same."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.seed_generator.state.assign([seed, epoch])


def _quiet() -> bool:
    """A line an epoch instead of a moving bar where the output is a file."""
    return not os.isatty(1)


def save(
    recipe: TrainingRecipe, model: keras.Model, history: list[dict], validation: Samples, weights: Path
) -> None:
    """Write NAME.keras, without optimizer or code of ours, and its card: whole or not at all."""
    plain = network(recipe)
    plain.set_weights(mean(recipe, model, validation.frequency))
    seen = validation.images[..., None].astype(np.float32) / 255
    logits = plain.predict(seen, batch_size=512, verbose=0)
    last = held_out(validation.allowed, logits) if recipe.mean_with else history[-1]
    temperature = round(fit_temperature(logits, validation.allowed), 4)
    if recipe.forms_prior:
        priors.expect_forms(plain, temperature, validation.frequency, recipe.balance)
    prior = priors.noted(validation.frequency) if recipe.forms_prior else 1.0
    logits = plain.predict(seen, batch_size=512, verbose=0)
    card = {
        "classes": list(recipe.classes),
        "recipe": recipe.glyph_recipe,
        "input_shape": [recipe.side, recipe.side, 1],
        "parameters": plain.count_params(),
        "temperature": temperature,
        **({"prior": prior} if recipe.forms_prior else {}),
        **promises(logits, validation.allowed, recipe.classes, temperature, prior),
        "training_data": validation.sources,
        "hyperparameters": dataclasses.asdict(recipe),
        "validation": {
            "samples": len(validation),
            "held_out": f"every {recipe.hold_out}th row of the training files, and sd19_128_val where "
            "letters of NIST are used",
            "chosen": chosen(recipe),
            **{key: last[key] for key in ("val_loss", "val_accuracy")},
        },
        "metrics": {},
        "command": f"python -m training.train {recipe.name}",
    }
    ship(recipe.name, plain, card, weights)


def make(
    recipe: TrainingRecipe,
    data_dir: Path,
    resume: bool,
    weights: Path = WEIGHTS,
    strategy: tf.distribute.Strategy | None = None,
) -> None:
    """Train a recipe and write its weights, card and history; of several workers the chief writes.

    Raises:
        DataError: the data are not there, or not what they should be.
        CheckpointError: there is nothing sound to resume from.
        StrategyError: the devices or workers of `strategy` cannot learn together, or no longer.
    """
    if recipe.mean_with and not (path := EARLIER_WEIGHTS / f"{recipe.mean_with}.keras").exists():
        raise DataError(f"{path} is missing: python -m training.train {recipe.mean_with}")
    training, validation = training_data(recipe, data_dir)
    print(f"{recipe.name}: {len(training)} training and {len(validation)} validation samples", flush=True)
    checkpoints = CHECKPOINTS / ("" if weights == WEIGHTS else weights.name) / recipe.name
    model, history = train(recipe, training, validation, checkpoints, resume, strategy)
    if not is_chief(strategy):
        print("worker 0 writes the weights", flush=True)
        return
    if weights == WEIGHTS:
        keep_history(recipe.name, history)
    save(recipe, model, history, validation, weights)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.train", description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=sorted(RECIPES))
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--batch-size", type=int)
    parser.add_argument("--learning-rate", type=float)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--data-dir", type=Path, default=DATA, help="default: $SCRAWL_DATA, else data/")
    parser.add_argument("--resume", action="store_true", help="go on after the last checkpoint")
    parser.add_argument(
        "--strategy",
        choices=STRATEGIES,
        default="none",
        help="mirrored: share each batch among the GPUs of this machine; multi-worker: among the machines "
        "that TF_CONFIG names, where each runs this command",
    )
    parser.add_argument(
        "--corrections", type=Path, metavar="FILE", help="fine-tune the shipped weights on an export instead"
    )
    parser.add_argument(
        "--out", type=Path, default=FINE_TUNED, help="folder for what is fine-tuned; default: fine-tuned/"
    )
    arguments = parser.parse_args()
    if arguments.corrections and (arguments.resume or arguments.epochs or arguments.strategy != "none"):
        parser.error(
            "--corrections takes a few hundred steps: give no --epochs and no --resume, nor a --strategy"
        )
    given = {key: getattr(arguments, key) for key in ("epochs", "batch_size", "learning_rate", "seed")}
    recipe = dataclasses.replace(
        RECIPES[arguments.name], **{key: value for key, value in given.items() if value is not None}
    )
    # on two cores a tenth faster: the network's operations take turns, and OpenCV does not compete with them
    tf.config.threading.set_inter_op_parallelism_threads(1)
    cv2.setNumThreads(1)
    try:
        if arguments.corrections:
            from training.fine_tune import RATE, fine_tune  # it uses this module

            rate = arguments.learning_rate or RATE
            fine_tune(recipe, arguments.corrections, arguments.data_dir, arguments.out, rate=rate)
        else:
            folder = EARLIER_WEIGHTS if recipe.name in EARLIER else WEIGHTS
            strategy = strategy_named(arguments.strategy)
            make(recipe, arguments.data_dir, arguments.resume, folder, strategy)
    except (DataError, CheckpointError, CorrectionError, ModelError, StrategyError) as error:
        parser.exit(1, f"{error}\n")


if __name__ == "__main__":
    main()
