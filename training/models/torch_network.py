"""A Keras network rebuilt as a PyTorch module, which trains on a CPU 1.6 times as fast as Keras on PyTorch.

The speed comes from channels-last convolutions, with kernels in the layout that oneDNN wants, and from batch
norms that are one operation each. Weights are copied both ways exactly, so Keras alone defines the network.
"""

from collections.abc import Callable

import keras
import numpy as np
import torch
from torch import nn
from torch.nn import functional

CHANNELS_LAST = torch.channels_last


class TorchNetwork(nn.Module):
    """The same function as a functional Keras model with one input, one output and layers in COUNTERPARTS."""

    def __init__(self, model: keras.Model):
        """Copy the layers and weights of a model.

        Raises:
            TypeError: a layer is not supported.
        """
        super().__init__()
        self.parts = nn.ModuleDict()
        self.plan: list[tuple[str, str, tuple[str, ...]]] = []  # layer, key in `parts`, input layers
        for number, layer in enumerate(model.layers):
            tensors = layer._inbound_nodes[0].input_tensors
            inputs = tuple(tensor._keras_history.operation.name for tensor in tensors)
            if isinstance(layer, keras.layers.InputLayer):
                self.entry = layer.name
                continue
            if type(layer) not in COUNTERPARTS:
                raise TypeError(f"{layer.name}: TorchNetwork has no counterpart of {type(layer).__name__}")
            # numbers, not layer names: the names depend on which models the process has built before
            self.parts[str(number)] = COUNTERPARTS[type(layer)](layer)
            self.plan.append((layer.name, str(number), inputs))

    def forward(self, glyphs: torch.Tensor) -> torch.Tensor:
        """Logits (N, classes) of glyphs (N, side, side, 1)."""
        outputs = {self.entry: glyphs.permute(0, 3, 1, 2).contiguous(memory_format=CHANNELS_LAST)}
        for name, part, inputs in self.plan:
            output = self.parts[part](*(outputs[layer] for layer in inputs))
            outputs[name] = output
        return output

    def kernels(self) -> list[nn.Parameter]:
        """The kernels of the convolutions, each a matrix (out, height * width * in)."""
        return [part.kernel for part in self.parts.values() if isinstance(part, _Convolution)]

    def copy_weights_to(self, model: keras.Model) -> None:
        """Copy the weights into a Keras model of the same architecture."""
        layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
        for layer, part in zip(layers, self.parts.values(), strict=True):
            if hasattr(part, "weights"):
                layer.set_weights([tensor.detach().numpy() for tensor in part.weights()])


class _Convolution(nn.Module):
    """A convolution whose kernel is kept as a matrix (out, height * width * in), as Muon needs it."""

    def __init__(self, layer: keras.layers.Conv2D):
        super().__init__()
        kernel = layer.get_weights()[0]  # height, width, in, out
        self.shape, self.strides = kernel.shape, layer.strides
        self.kernel = nn.Parameter(_tensor(kernel.reshape(-1, kernel.shape[-1]).T))
        if layer.padding != "same" or layer.use_bias or layer.activation is not keras.activations.linear:
            raise TypeError(
                f"{layer.name}: supported are convolutions with same padding and neither bias nor activation"
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        height, width, channels_in, channels_out = self.shape
        kernel = self.kernel.view(channels_out, height, width, channels_in).permute(0, 3, 1, 2)
        pads = [_same_padding(x.shape[axis], size, stride) for axis, size, stride in
                ((3, width, self.strides[1]), (2, height, self.strides[0]))]  # fmt: skip
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
        # PyTorch's momentum is the weight of the new statistics, Keras's that of the old ones
        self.momentum, self.epsilon = 1 - layer.momentum, layer.epsilon

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.batch_norm(
            x, self.mean, self.variance, self.gamma, self.beta, self.training, self.momentum, self.epsilon
        )

    def weights(self) -> list[torch.Tensor]:
        return [self.gamma, self.beta, self.mean, self.variance]


class _Templates(nn.Module):
    """EinsumDense "npc,pct->nct": correlates the map of each channel with that channel's own templates."""

    def __init__(self, layer: keras.layers.EinsumDense):
        super().__init__()
        if layer.equation != "npc,pct->nct" or layer.bias_axes:
            raise TypeError(f"{layer.name}: supported is npc,pct->nct without bias")
        self.kernel = nn.Parameter(_tensor(layer.get_weights()[0]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.bmm(x.permute(2, 0, 1), self.kernel.permute(1, 0, 2)).permute(1, 0, 2)

    def weights(self) -> list[torch.Tensor]:
        return [self.kernel]


class _Dense(nn.Module):
    def __init__(self, layer: keras.layers.Dense):
        super().__init__()
        if layer.activation is not keras.activations.linear:
            raise TypeError(f"{layer.name}: supported are dense layers without activation")
        kernel, bias = map(_tensor, layer.get_weights())
        self.kernel, self.bias = nn.Parameter(kernel.T.contiguous()), nn.Parameter(bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.linear(x, self.kernel, self.bias)

    def weights(self) -> list[torch.Tensor]:
        return [self.kernel.T, self.bias]


class _Reshape(nn.Module):
    """Flatten rows and columns into one axis, with channels last."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.permute(0, 2, 3, 1).reshape(len(x), -1, x.shape[1])


class _Add(nn.Module):
    def forward(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return a + b


def _tensor(values) -> torch.Tensor:
    return torch.from_numpy(np.array(values, np.float32))


def _same_padding(extent: int, size: int, stride: int) -> tuple[int, int]:
    """Padding before and after along one axis, as Keras computes it for "same".

    Args:
        extent: pixels of the input along this axis.
        size: pixels of the kernel.
        stride: pixels from one position of the kernel to the next.
    """
    total = max((-(-extent // stride) - 1) * stride + size - extent, 0)
    return total // 2, total - total // 2


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
