"""The training loop of `characters`, on PyTorch: Muon and AdamW, one cosine, a checkpoint an epoch.

Used instead of `training.engine.keras_loop` where a network has a counterpart in
training.models.torch_network: on two cores it is 1.6 times as fast, and runs take hours.
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

from training.engine.checkpoints import CheckpointError, replace
from training.models.torch_network import TorchNetwork
from training.recipes import TrainingRecipe

NEVER = -1e9  # the logit of a class that a label does not allow
SMALL = 25  # inputs of a kernel: one with so few is learnt by AdamW
MOMENTUM = 0.95  # of Muon
STEPS = 5  # of the Newton-Schulz iteration, with the coefficients of Jordan et al. 2024
A, B, C = 3.4445, -4.7750, 2.0315
AS_ADAMW = 0.2  # root mean square of an update of AdamW, to which Muon's are scaled (arXiv 2502.16982)
AHEAD = 16  # batches that are made while the network learns
AT_ONCE = 512  # held-out samples in one pass


class Muon(torch.optim.Optimizer):
    """Momentum, made orthogonal, for kernels as matrices (Jordan et al. 2024).

    torch.optim.Muon iterates in bfloat16, which most CPUs emulate: there it takes longer than the network.
    """

    def __init__(self, parameters: list[torch.Tensor], lr: float, weight_decay: float):
        super().__init__(parameters, {"lr": lr, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            for one in group["params"]:
                state = self.state[one]
                if not state:
                    state["momentum"] = torch.zeros_like(one)
                state["momentum"].mul_(MOMENTUM).add_(one.grad)
                update = _orthogonal(one.grad + MOMENTUM * state["momentum"])
                one.mul_(1 - group["lr"] * group["weight_decay"])
                one.add_(update, alpha=-group["lr"] * AS_ADAMW * math.sqrt(max(one.shape)))


def _orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    """About the nearest matrix with orthogonal rows or columns."""
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    wide = wide / (wide.norm() + 1e-7)
    for _ in range(STEPS):
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
    """Train a Keras model, with a checkpoint an epoch in `folder`; resume after the last one where asked.

    Args:
        recipe: its optimizer, epochs and seed.
        model: untrained; afterwards trained.
        batches: the samples of an epoch, a function of its number alone.
        validation: held-out samples and the classes that the label of each allows.
        folder: for checkpoints.
        resume: go on after the last one.

    Returns:
        A dict of losses and accuracies an epoch.

    Raises:
        CheckpointError: there is nothing sound to resume from, or no room for a checkpoint.
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
        torch.manual_seed(1000 * recipe.seed + epoch)  # what is dropped
        learnt = _epoch(recipe, epoch, network, optimizers, batches(epoch))
        held_out = measured(network, *validation)
        history.append(learnt | {f"val_{key}": value for key, value in held_out.items()})
        print(f"{recipe.name}, epoch {epoch + 1} of {recipe.epochs}: {history[-1]}", flush=True)
        # the log first: the checkpoint knows how many of its lines count
        replace(log, lambda path, lines=history: path.write_text(json.dumps(lines)))
        state = {"epoch": epoch + 1, "network": network.state_dict()}
        state |= {"optimizers": [one.state_dict() for one in optimizers]}
        replace(checkpoint, lambda path, state=state: torch.save(state, path))
    network.give(model)
    return history


def _optimizers(network: TorchNetwork, recipe: TrainingRecipe) -> list[torch.optim.Optimizer]:
    kernels = [one for one in network.kernels() if one.shape[1] > SMALL]
    others = [one for one in network.parameters() if all(one is not kernel for kernel in kernels)]
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
    """One pass; gives the mean loss and accuracy of its batches."""
    network.train()
    count, total, right = len(batches), 0.0, 0.0
    tops = (recipe.kernel_rate, recipe.learning_rate)
    bar = tqdm(_made_ahead(batches), total=count, disable=not os.isatty(1), desc=f"epoch {epoch + 1}")
    for number, (glyphs, allowed) in enumerate(bar):
        share = cycle((epoch * count + number) / (recipe.epochs * count), recipe.warmup)
        for optimizer, top in zip(optimizers, tops, strict=True):
            optimizer.param_groups[0]["lr"] = top * share
            optimizer.zero_grad()
        logits = network(torch.from_numpy(glyphs))
        loss = set_losses(logits, torch.from_numpy(allowed)).mean()
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        total += float(loss.detach())
        right += float(_right(logits.detach(), torch.from_numpy(allowed)).mean())
    return {"loss": round(total / count, 5), "accuracy": round(right / count, 5)}


def cycle(done: float, warmup: float) -> float:
    """The share of the learning rate after a share of all steps: up in a line, then down as a cosine."""
    if done < warmup:
        return max(done / warmup, 0.01)
    return 0.5 * (1 + math.cos(math.pi * (done - warmup) / (1 - warmup)))


def set_losses(logits: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
    """Minus the log of the probability that the answer is one of the allowed classes: (N,)."""
    inside = logits.masked_fill(allowed == 0, NEVER)
    return torch.logsumexp(logits, dim=1) - torch.logsumexp(inside, dim=1)


def _right(logits: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
    return allowed[torch.arange(len(logits)), logits.argmax(dim=1)]


@torch.no_grad()
def measured(network: TorchNetwork, inputs: np.ndarray, allowed: np.ndarray) -> dict[str, float]:
    """Mean loss and accuracy of held-out samples."""
    network.eval()
    parts = [network(torch.from_numpy(inputs[at : at + AT_ONCE])) for at in range(0, len(inputs), AT_ONCE)]
    logits, targets = torch.cat(parts), torch.from_numpy(allowed)
    loss, right = set_losses(logits, targets).mean(), _right(logits, targets).mean()
    return {"loss": round(float(loss), 5), "accuracy": round(float(right), 5)}


def _made_ahead(batches: keras.utils.PyDataset) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The batches in their order, made by another thread while the network learns."""
    with ThreadPoolExecutor(1) as maker:
        coming = [maker.submit(batches.__getitem__, number) for number in range(min(AHEAD, len(batches)))]
        for number in range(len(batches)):
            yield coming.pop(0).result()
            if number + AHEAD < len(batches):
                coming.append(maker.submit(batches.__getitem__, number + AHEAD))


def _restore(checkpoint: Path, network: TorchNetwork, optimizers: list[torch.optim.Optimizer]) -> int:
    """Take up a checkpoint; gives how many epochs it has had."""
    try:
        state = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(state["network"])
        for optimizer, kept in zip(optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(kept)
        return int(state["epoch"])
    except Exception as error:  # of a damaged file PyTorch raises anything
        raise CheckpointError(
            f"{checkpoint} is damaged or of another network ({str(error).splitlines()[0]}): "
            f"delete the folder {checkpoint.parent}, or train without --resume"
        ) from error
