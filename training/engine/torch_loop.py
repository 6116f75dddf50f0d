"""The training loop of `characters`, on PyTorch: Muon and AdamW, one cosine, a checkpoint after every epoch.

It replaces `training.engine.keras_loop` for networks that training.models.torch_network can rebuild: on two
cores it is 1.6 times as fast, which matters for runs of hours.
"""

import json
import math
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np
import torch
from tqdm import tqdm

from training.engine.checkpoints import CheckpointError, write_atomically
from training.models.torch_network import TorchNetwork
from training.recipes import TrainingRecipe

MASKED = -1e9  # the logit of a class that the label does not allow: its probability becomes 0
SMALL_KERNEL = 25  # inputs, as the first layer's 5x5 kernels have: AdamW trains these, Muon the larger ones
MOMENTUM = 0.95  # of Muon
NEWTON_SCHULZ_STEPS = 5
A, B, C = 3.4445, -4.7750, 2.0315  # coefficients of the Newton-Schulz iteration (Jordan et al. 2024)
ADAMW_RMS = 0.2  # root mean square of AdamW's updates; Muon's are scaled to it (arXiv 2502.16982)
PREFETCH = 16  # batches prepared while the network trains
EVALUATION_BATCH = 512  # held-out samples per pass


class Muon(torch.optim.Optimizer):
    """SGD with momentum whose updates are made orthogonal, for kernels as matrices (Jordan et al. 2024).

    torch.optim.Muon iterates in bfloat16, which most CPUs emulate: that would take longer than the network.
    """

    def __init__(self, parameters: list[torch.Tensor], lr: float, weight_decay: float):
        super().__init__(parameters, {"lr": lr, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            for kernel in group["params"]:
                state = self.state[kernel]
                if not state:
                    state["momentum"] = torch.zeros_like(kernel)
                state["momentum"].mul_(MOMENTUM).add_(kernel.grad)
                update = _orthogonalized(kernel.grad + MOMENTUM * state["momentum"])
                kernel.mul_(1 - group["lr"] * group["weight_decay"])
                kernel.add_(update, alpha=-group["lr"] * ADAMW_RMS * math.sqrt(max(kernel.shape)))


def _orthogonalized(matrix: torch.Tensor) -> torch.Tensor:
    """Approximate the nearest matrix with orthonormal rows or columns, by Newton-Schulz iteration."""
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    wide = wide / (wide.norm() + 1e-7)
    for _ in range(NEWTON_SCHULZ_STEPS):
        square = wide @ wide.T
        wide = A * wide + (B * square + C * square @ square) @ wide
    return wide if matrix.shape[0] <= matrix.shape[1] else wide.T


def fit(
    recipe: TrainingRecipe,
    model: keras.Model,
    batches: Callable[[int], keras.utils.PyDataset],
    validation: tuple[np.ndarray, np.ndarray],
    folder: Path,
    resume: bool,
) -> list[dict[str, float]]:
    """Train a Keras model in place and write a checkpoint after every epoch.

    Args:
        recipe: gives the optimizer, the number of epochs and the seed.
        model: the untrained model; has the trained weights afterwards.
        batches: the samples of an epoch; must depend on the epoch's number alone.
        validation: held-out inputs, and the classes that each label allows.
        folder: where the checkpoint and the history are kept.
        resume: continue after the checkpoint in `folder`, if there is one.

    Returns:
        For each epoch a dict of losses and accuracies.

    Raises:
        CheckpointError: the checkpoint is damaged, or a new one cannot be written.
    """
    network = TorchNetwork(model)
    optimizers = _optimizers(network, recipe)
    checkpoint, log = folder / "epoch.pt", folder / "history.json"
    history: list[dict[str, float]] = []
    if resume and checkpoint.exists():
        done = _restore(checkpoint, network, optimizers)
        history = json.loads(log.read_text())[:done]
        print(f"resuming {recipe.name} after epoch {done} of {recipe.epochs}", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    for epoch in range(len(history), recipe.epochs):
        torch.manual_seed(1000 * recipe.seed + epoch)  # of dropout
        training = _epoch(recipe, epoch, network, optimizers, batches(epoch))
        held_out = evaluate(network, *validation)
        history.append(training | {f"val_{key}": value for key, value in held_out.items()})
        print(f"{recipe.name}, epoch {epoch + 1} of {recipe.epochs}: {history[-1]}", flush=True)
        # the history first: if the checkpoint then fails, resuming ignores the entry too many
        write_atomically(log, lambda path, lines=history: path.write_text(json.dumps(lines)))
        state = {"epoch": epoch + 1, "network": network.state_dict()}
        state |= {"optimizers": [optimizer.state_dict() for optimizer in optimizers]}
        write_atomically(checkpoint, lambda path, state=state: torch.save(state, path))
    network.copy_weights_to(model)
    return history


def _optimizers(network: TorchNetwork, recipe: TrainingRecipe) -> list[torch.optim.Optimizer]:
    """Muon for the convolution kernels, AdamW for all other parameters."""
    kernels = [kernel for kernel in network.kernels() if kernel.shape[1] > SMALL_KERNEL]
    others = [
        parameter for parameter in network.parameters() if all(parameter is not kernel for kernel in kernels)
    ]
    return [
        Muon(kernels, recipe.kernel_rate, recipe.weight_decay),
        torch.optim.AdamW(others, recipe.learning_rate, weight_decay=recipe.weight_decay, fused=True),
    ]


def _epoch(
    recipe: TrainingRecipe,
    epoch: int,
    network: TorchNetwork,
    optimizers: list[torch.optim.Optimizer],
    batches: keras.utils.PyDataset,
) -> dict[str, float]:
    """Train for one epoch; return the mean loss and accuracy of its batches."""
    network.train()
    count, loss_sum, accuracy_sum = len(batches), 0.0, 0.0
    peak_rates = (recipe.kernel_rate, recipe.learning_rate)
    bar = tqdm(_prefetched(batches), total=count, disable=not os.isatty(1), desc=f"epoch {epoch + 1}")
    for number, (glyphs, allowed) in enumerate(bar):
        factor = one_cycle((epoch * count + number) / (recipe.epochs * count), recipe.warmup)
        for optimizer, peak_rate in zip(optimizers, peak_rates, strict=True):
            optimizer.param_groups[0]["lr"] = peak_rate * factor
            optimizer.zero_grad()
        logits = network(torch.from_numpy(glyphs))
        loss = set_losses(logits, torch.from_numpy(allowed)).mean()
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        loss_sum += float(loss.detach())
        accuracy_sum += float(_correct(logits.detach(), torch.from_numpy(allowed)).mean())
    return {"loss": round(loss_sum / count, 5), "accuracy": round(accuracy_sum / count, 5)}


def one_cycle(done: float, warmup: float) -> float:
    """The factor on the peak learning rate: a linear warm-up, then a cosine to 0.

    Args:
        done: share of all steps that are done, in [0, 1].
        warmup: share of all steps that are warm-up.
    """
    if done < warmup:
        return max(done / warmup, 0.01)
    return 0.5 * (1 + math.cos(math.pi * (done - warmup) / (1 - warmup)))


def set_losses(logits: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
    """Negative log-probability of the set of allowed classes, for each sample: (N,)."""
    inside = logits.masked_fill(allowed == 0, MASKED)
    return torch.logsumexp(logits, dim=1) - torch.logsumexp(inside, dim=1)


def _correct(logits: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
    """1 for each sample whose most probable class is allowed, else 0: (N,)."""
    return allowed[torch.arange(len(logits)), logits.argmax(dim=1)]


@torch.no_grad()
def evaluate(network: TorchNetwork, inputs: np.ndarray, allowed: np.ndarray) -> dict[str, float]:
    """Mean loss and accuracy on held-out samples."""
    network.eval()
    parts = [
        network(torch.from_numpy(inputs[start : start + EVALUATION_BATCH]))
        for start in range(0, len(inputs), EVALUATION_BATCH)
    ]
    logits, targets = torch.cat(parts), torch.from_numpy(allowed)
    loss, accuracy = set_losses(logits, targets).mean(), _correct(logits, targets).mean()
    return {"loss": round(float(loss), 5), "accuracy": round(float(accuracy), 5)}


def _prefetched(batches: keras.utils.PyDataset) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """All batches in order; another thread prepares the next ones while the network trains."""
    with ThreadPoolExecutor(1) as thread:
        waiting = [
            thread.submit(batches.__getitem__, number) for number in range(min(PREFETCH, len(batches)))
        ]
        for number in range(len(batches)):
            yield waiting.pop(0).result()
            if number + PREFETCH < len(batches):
                waiting.append(thread.submit(batches.__getitem__, number + PREFETCH))


def _restore(checkpoint: Path, network: TorchNetwork, optimizers: list[torch.optim.Optimizer]) -> int:
    """Load a checkpoint into the network and its optimizers; return how many epochs are done."""
    try:
        state = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(state["network"])
        for optimizer, saved in zip(optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        return int(state["epoch"])
    except Exception as error:  # PyTorch raises all kinds of errors for a damaged file
        raise CheckpointError(
            f"{checkpoint} is damaged or of another network ({str(error).splitlines()[0]}): "
            f"delete the folder {checkpoint.parent}, or train without --resume"
        ) from error
