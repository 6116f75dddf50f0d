"""A Keras network as a PyTorch module that trains on a CPU 1.6 times as fast as Keras on PyTorch does.

Convolutions see channels last and keep their kernels in the layout that oneDNN wants; batch norms are one
operation each. Weights go back and forth exactly, so that the network is defined once, in Keras.
"""

from collections.abc import Callable

import keras
import numpy as np
import torch
from torch import nn
from torch.nn import functional

CHANNELS_LAST = torch.channels_last


class TorchNetwork(nn.Module):
    """The same function as a functional Keras model of the layers below; one input, one output."""

    def __init__(self, model: keras.Model):
        """Takes the weights that the model has.

        Raises:
            TypeError: a layer that has no counterpart here.
        """
        super().__init__()
        self.parts = nn.ModuleDict()
        self.plan: list[tuple[str, str, tuple[str, ...]]] = []  # layer, its part, and what it takes
        for number, layer in enumerate(model.layers):
            before = tuple(one._keras_history.operation.name for one in layer._inbound_nodes[0].input_tensors)
            if isinstance(layer, keras.layers.InputLayer):
                self.entry = layer.name
                continue
            if type(layer) not in COUNTERPARTS:
                raise TypeError(f"{layer.name}: PyTorch is given no {type(layer).__name__}")
            # by number: Keras counts on in the names of a process's layers
            self.parts[str(number)] = COUNTERPARTS[type(layer)](layer)
            self.plan.append((layer.name, str(number), before))

    def forward(self, glyphs: torch.Tensor) -> torch.Tensor:
        """Logits (N, classes) of glyphs (N, side, side, 1)."""
        known = {self.entry: glyphs.permute(0, 3, 1, 2).contiguous(memory_format=CHANNELS_LAST)}
        for name, part, before in self.plan:
            found = self.parts[part](*(known[one] for one in before))
            known[name] = found
        return found

    def kernels(self) -> list[nn.Parameter]:
        """The kernels of the convolutions, as matrices (out, height * width * in)."""
        return [part.kernel for part in self.parts.values() if isinstance(part, _Convolution)]

    def give(self, model: keras.Model) -> None:
        """Put the weights into a Keras model of the same architecture."""
        layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
        for layer, part in zip(layers, self.parts.values(), strict=True):
            if hasattr(part, "weights"):
                layer.set_weights([one.detach().numpy() for one in part.weights()])


class _Convolution(nn.Module):
    """A convolution; its kernel is a matrix (out, height * width * in), which optimizers see as such."""

    def __init__(self, layer: keras.layers.Conv2D):
        super().__init__()
        kernel = layer.get_weights()[0]  # height, width, in, out
        self.shape, self.strides = kernel.shape, layer.strides
        self.kernel = nn.Parameter(_tensor(kernel.reshape(-1, kernel.shape[-1]).T))
        if layer.padding != "same" or layer.use_bias or layer.activation is not keras.activations.linear:
            raise TypeError(f"{layer.name}: only convolutions with padding, without bias and activation")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        high, wide, taken, given = self.shape
        kernel = self.kernel.view(given, high, wide, taken).permute(0, 3, 1, 2)
        pads = [_same(x.shape[axis], size, step) for axis, size, step in
                ((3, wide, self.strides[1]), (2, high, self.strides[0]))]  # fmt: skip
        if all(before == after for before, after in pads):
            return functional.conv2d(x, kernel, stride=self.strides, padding=(pads[1][0], pads[0][0]))
        return functional.conv2d(functional.pad(x, (*pads[0], *pads[1])), kernel, stride=self.strides)

    def weights(self) -> list[torch.Tensor]:
        return [self.kernel.T.reshape(self.shape)]


class _Norm(nn.Module):
    def __init__(self, layer: keras.layers.BatchNormalization):
        super().__init__()
        gamma, beta, mean, variance = map(_tensor, layer.get_weights())
        self.gamma, self.beta = nn.Parameter(gamma), nn.Parameter(beta)
        self.register_buffer("mean", mean)
        self.register_buffer("variance", variance)
        self.share, self.epsilon = 1 - layer.momentum, layer.epsilon

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.batch_norm(
            x, self.mean, self.variance, self.gamma, self.beta, self.training, self.share, self.epsilon
        )

    def weights(self) -> list[torch.Tensor]:
        return [self.gamma, self.beta, self.mean, self.variance]


class _Templates(nn.Module):
    """Each channel's places compared with its own templates: EinsumDense "npc,pct->nct"."""

    def __init__(self, layer: keras.layers.EinsumDense):
        super().__init__()
        if layer.equation != "npc,pct->nct" or layer.bias_axes:
            raise TypeError(f"{layer.name}: only templates a channel, without bias")
        self.kernel = nn.Parameter(_tensor(layer.get_weights()[0]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.bmm(x.permute(2, 0, 1), self.kernel.permute(1, 0, 2)).permute(1, 0, 2)

    def weights(self) -> list[torch.Tensor]:
        return [self.kernel]


class _Dense(nn.Module):
    def __init__(self, layer: keras.layers.Dense):
        super().__init__()
        if layer.activation is not keras.activations.linear:
            raise TypeError(f"{layer.name}: only dense layers without activation")
        kernel, bias = map(_tensor, layer.get_weights())
        self.kernel, self.bias = nn.Parameter(kernel.T.contiguous()), nn.Parameter(bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.linear(x, self.kernel, self.bias)

    def weights(self) -> list[torch.Tensor]:
        return [self.kernel.T, self.bias]


class _Reshape(nn.Module):
    """Rows and columns as one, channels last."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.permute(0, 2, 3, 1).reshape(len(x), -1, x.shape[1])


class _Add(nn.Module):
    def forward(self, one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        return one + other


def _tensor(values) -> torch.Tensor:
    return torch.from_numpy(np.array(values, np.float32))


def _same(extent: int, size: int, step: int) -> tuple[int, int]:
    """Padding before and after, as Keras's "same" has it."""
    room = max((-(-extent // step) - 1) * step + size - extent, 0)
    return room // 2, room - room // 2


COUNTERPARTS: dict[type, Callable[[keras.Layer], nn.Module]] = {
    keras.layers.Add: lambda layer: _Add(),
    keras.layers.BatchNormalization: _Norm,
    keras.layers.Conv2D: _Convolution,
    keras.layers.Dense: _Dense,
    keras.layers.Dropout: lambda layer: nn.Dropout(layer.rate),
    keras.layers.EinsumDense: _Templates,
    keras.layers.Flatten: lambda layer: nn.Flatten(),
    keras.layers.MaxPooling2D: lambda layer: nn.MaxPool2d(layer.pool_size, layer.strides),
    keras.layers.ReLU: lambda layer: nn.ReLU(),
    keras.layers.Reshape: lambda layer: _Reshape(),
}
