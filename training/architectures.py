"""Networks as plain functions: number of classes in, an untrained Keras model out.

Every model takes glyphs, float32 (N, 28, 28, 1) in [0, 1], 1 = ink, and gives logits (N, classes);
the softmax belongs to `recognizer.models`, which divides by the card's temperature first.
"""

import keras
from keras import layers

MOMENTUM = 0.95  # of the batch norms' running statistics: they settle within 100 steps, also in short runs


def residual_reader(
    classes: int, widths: tuple[int, int, int], dropout: float, forms: int = 1
) -> keras.Model:
    """The network of `digits`, `letters` and `alphanumeric`.

    One 5x5 convolution sees the full 28x28, where a convolution costs most; two 3x3 convolutions
    with a shortcut follow at 14x14 and two at 7x7. The head is a depthwise 7x7 convolution instead of global
    average pooling, since *where* a stroke ends tells a `u` from an `n`; it costs 49 weights a
    channel where a dense layer would cost thousands.

    Args:
        classes: number of outputs.
        widths: channels at 28x28, 14x14 and 7x7.
        dropout: share of the head's features dropped in training.
        forms: ways to write a class, as A and a are of one letter; the likelier one counts.

    Returns:
        A model from (N, 28, 28, 1) to logits (N, classes).
    """
    glyphs = keras.Input((28, 28, 1), name="glyphs")
    x = _convolution(glyphs, widths[0], kernel=5)
    x = layers.ReLU()(x)
    for width in widths[1:]:
        x = layers.MaxPooling2D()(x)
        x = _residual(x, width)
    x = layers.DepthwiseConv2D(7, use_bias=False)(x)
    x = layers.BatchNormalization(momentum=MOMENTUM)(x)
    x = layers.ReLU()(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(dropout)(x)
    x = layers.Dense(classes * forms, name="forms")(x)
    if forms > 1:
        x = layers.Reshape((classes, forms))(x)
        x = layers.MaxPooling1D(forms, data_format="channels_first")(x)
    return keras.Model(glyphs, layers.Flatten(name="logits")(x), name="residual_reader")


def _convolution(x, width: int, kernel: int):
    x = layers.Conv2D(width, kernel, padding="same", use_bias=False)(x)
    return layers.BatchNormalization(momentum=MOMENTUM)(x)


def _residual(x, width: int):
    """A widening 3x3 convolution, then one with a shortcut (He et al. 2015, arXiv 1512.03385)."""
    x = layers.ReLU()(_convolution(x, width, kernel=3))
    return layers.ReLU()(layers.Add()([x, _convolution(x, width, kernel=3)]))
