"""Networks as plain functions: number of classes in, an untrained Keras model out.

Every model takes glyphs, float32 (N, side, side, 1) in [0, 1], 1 = ink, and gives logits (N, classes);
the softmax belongs to `recognizer.numerics`, which divides by the card's temperature first.

`character_reader`, `trajectory_reader` and `line_reader` are ours. The others are the zoo: models of the
literature and of well-known apps, with their layers and parameter counts, so that ours can be compared with
them on the same data.
"""

import keras
from keras import layers

MOMENTUM = 0.95  # of the batch norms' running statistics: they settle within 100 steps, also in short runs


def character_reader(
    classes: int,
    widths: tuple[int, int, int],
    blocks: tuple[int, int] = (1, 3),
    dropout: float = 0.3,
    templates: int = 4,
) -> keras.Model:
    """The network of `characters`.

    A 5x5 convolution in steps of two: most of the cost of a convolution at 28x28 would buy little. 3x3
    convolutions with shortcuts follow at 14x14 and at 7x7. The head compares each channel's 7x7 with
    templates instead of averaging it, since *where* a stroke ends tells a `u` from an `n`; each template
    costs 49 weights a channel where a dense layer would cost thousands.

    Args:
        classes: number of outputs.
        widths: channels at the first convolution, at 14x14 and at 7x7; multiples of 16 run fastest.
        blocks: convolutions with a shortcut at 14x14 and at 7x7.
        dropout: share of the head's features dropped in training.
        templates: of the head for each channel: patterns of where its strokes are.

    Returns:
        A model from (N, 28, 28, 1) to logits (N, classes).
    """
    glyphs = keras.Input((28, 28, 1), name="glyphs")
    x = layers.Conv2D(widths[0], 5, strides=2, padding="same", use_bias=False)(glyphs)
    x = layers.ReLU()(layers.BatchNormalization(momentum=MOMENTUM)(x))
    x = _residual(x, widths[1], blocks[0])
    x = _residual(layers.MaxPooling2D()(x), widths[2], blocks[1])
    x = layers.Reshape((49, widths[2]))(x)
    x = layers.EinsumDense("npc,pct->nct", output_shape=(widths[2], templates), name="templates")(x)
    x = layers.BatchNormalization(momentum=MOMENTUM)(layers.Flatten()(x))
    x = layers.Dropout(dropout)(layers.ReLU()(x))
    return keras.Model(glyphs, layers.Dense(classes, name="logits")(x), name="character_reader")


def line_reader(
    classes: int, high: int, widths: tuple[int, int, int] = (16, 48, 80), head: int = 128
) -> keras.Model:
    """The network that reads whole lines: for every second column of a strip, which character is there.

    Convolutions with pooling, most of it from above to below, then convolutions along the line that see
    about one character to either side (as a CRNN, Shi et al. 2015, arXiv 1507.05717, without recurrence).

    Args:
        classes: number of outputs; the last is "no character here".
        high: pixels of a strip from top to bottom; a multiple of 8.
        widths: channels while pooling.
        head: channels along the line.

    Returns:
        A model from (N, high, W, 1) to logits (N, W / 2, classes).
    """
    strips = keras.Input((high, None, 1), name="strips")
    x = layers.Conv2D(widths[0], 5, padding="same", use_bias=False)(strips)
    x = layers.MaxPooling2D()(x)
    x = layers.ReLU()(layers.BatchNormalization(momentum=MOMENTUM)(x))
    for width in widths[1:]:
        x = layers.ReLU()(_convolution(x, width, kernel=3))
        x = layers.Add()([x, layers.ReLU()(_convolution(x, width, kernel=3))])
        x = layers.MaxPooling2D((2, 1))(x)
    x = layers.Permute((2, 1, 3))(x)
    x = layers.Reshape((-1, high // 8 * widths[-1]))(x)
    x = _along(x, head, 3)
    for _ in range(2):
        x = layers.Add()([x, _along(x, head, 7)])
    x = layers.Dropout(0.2)(x)
    return keras.Model(strips, layers.Dense(classes, name="logits")(x), name="line_reader")


def _along(x, channels: int, reach: int):
    x = layers.Conv1D(channels, reach, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=MOMENTUM)(x))


def trajectory_reader(
    classes: int, places: int, seen: int, widths: tuple[int, ...] = (64, 96, 128)
) -> keras.Model:
    """The network that sees a character's strokes as one path: convolutions along it, with pooling.

    Args:
        classes: number of outputs.
        places, seen: of a path (recognizer.models.stroke_model).
        widths: channels before each pooling.

    Returns:
        A model from (N, places, seen, 1) to logits (N, classes).
    """
    paths = keras.Input((places, seen, 1), name="paths")
    x = layers.Reshape((places, seen))(paths)
    for width in widths:
        x = layers.MaxPooling1D()(_along(x, width, 5))
    x = layers.Dropout(0.3)(layers.Flatten()(x))
    x = layers.Dropout(0.3)(layers.Dense(160, activation="relu")(x))
    return keras.Model(paths, layers.Dense(classes, name="logits")(x), name="trajectory_reader")


def mlp(classes: int) -> keras.Model:
    """Flatten, Dense 128, 64, `classes`, ReLU: 109,386 parameters for ten digits.

    The network that most introductions to MNIST begin with; it knows nothing of neighbouring pixels.
    """
    return _sequence(
        "mlp",
        layers.Flatten(),
        layers.Dense(128, "relu"),
        layers.Dense(64, "relu"),
        layers.Dense(classes),
    )


def cnn(classes: int) -> keras.Model:
    """Conv 32, 64 of 3x3, each with max pooling, Dense 64, `classes`, ReLU: 121,930 parameters for ten.

    The convolutional network of the Keras and TensorFlow tutorials ("Simple MNIST convnet", F. Chollet
    2015), with a dense layer of 64 before the last.
    """
    return _sequence(
        "cnn",
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(64, "relu"),
        layers.Dense(classes),
    )


def lenet(classes: int) -> keras.Model:
    """Conv 16, 32 of 5x5, each with max pooling, Dense 120, 84, `classes`, ReLU: 120,382 parameters for ten.

    LeNet's plan as it is written today: ReLU and max pooling in the place of tanh and averages, and
    more maps, as in Caffe's LeNet (Jia et al. 2014, arXiv 1408.5093).
    """
    return _sequence(
        "lenet",
        layers.Conv2D(16, 5, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(32, 5, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(120, "relu"),
        layers.Dense(84, "relu"),
        layers.Dense(classes),
    )


def lenet5(classes: int) -> keras.Model:
    """LeNet-5: Conv 6, 16 of 5x5, each with average pooling, Dense 120, 84, `classes`, tanh: 61,706 for ten.

    LeCun, Bottou, Bengio, Haffner 1998, "Gradient-based learning applied to document recognition". His
    partial connections between the maps are full here, and a softmax stands for his radial basis
    functions. His 32x32 input is 28x28 with "same" padding.
    """
    return _sequence(
        "lenet5",
        layers.Conv2D(6, 5, padding="same", activation="tanh"),
        layers.AveragePooling2D(2),
        layers.Conv2D(16, 5, activation="tanh"),
        layers.AveragePooling2D(2),
        layers.Flatten(),
        layers.Dense(120, "tanh"),
        layers.Dense(84, "tanh"),
        layers.Dense(classes),
    )


def resnet(classes: int) -> keras.Model:
    """Conv 16, residual blocks of 16 and 32, mean, Dense 256, 128, `classes`: 61,658 parameters for ten.

    He, Zhang, Ren, Sun 2015, "Deep residual learning for image recognition" (arXiv 1512.03385), made
    small enough for MNIST: pooled at once as theirs is, one block at 14x14, one at 7x7.
    """
    glyphs = keras.Input((28, 28, 1), name="glyphs")
    x = layers.Conv2D(16, 3, padding="same", use_bias=False)(glyphs)
    x = layers.MaxPooling2D()(x)
    x = layers.ReLU()(layers.BatchNormalization(momentum=MOMENTUM)(x))
    x = _residual(x, 16)
    x = _residual(layers.MaxPooling2D()(x), 32)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(256, "relu")(x)
    x = layers.Dense(128, "relu")(x)
    return keras.Model(glyphs, layers.Dense(classes, name="logits")(x), name="resnet")


def compact(classes: int) -> keras.Model:
    """Conv 16, 32 of 3x3 with max pooling, batch norm and dropout 0.25, Dense 64 with batch norm and
    dropout 0.25, `classes`: 57,162 parameters for ten digits.

    A small network as apps of this kind ship it.
    """
    return _sequence(
        "compact",
        *_stage(16, kernel=3, padding="valid", dropout=0.25),
        *_stage(32, kernel=3, padding="valid", dropout=0.25),
        *_dense_head(64, 0.25, classes),
    )


def wide_letters(classes: int, side: int = 28) -> keras.Model:
    """Conv 32, 64, 128 of 3x3, each with max pooling and batch norm, Dense 256 with batch norm and dropout
    0.5, `classes`: 396,699 parameters for 27 at 28x28, 1,707,419 at 56x56.

    The letter reader of an app that has 27 outputs, because EMNIST's labels run from 1 to 26; it speaks
    of grey images of higher resolution.

    Args:
        classes: number of outputs.
        side: pixels a side of the input.
    """
    return _sequence(
        "wide_letters",
        *_stage(32, kernel=3),
        *_stage(64, kernel=3),
        *_stage(128, kernel=3),
        *_dense_head(256, 0.5, classes),
        side=side,
    )


def alphanumeric62(classes: int) -> keras.Model:
    """Conv 16, 32, 64 of 5x5, each with max pooling, batch norm and dropout 0.25, Dense 256 with batch norm
    and dropout 0.5, `classes`: 229,630 parameters for 62, 736 of them not trainable.

    The reader of all of EMNIST ByClass in an app of this kind; its authors report 87.18 % with all of
    EMNIST's training data, the epoch chosen on the test set.
    """
    return _sequence(
        "alphanumeric62",
        *_stage(16, kernel=5, dropout=0.25),
        *_stage(32, kernel=5, dropout=0.25),
        *_stage(64, kernel=5, dropout=0.25),
        *_dense_head(256, 0.5, classes),
    )


def _sequence(name: str, *stack: keras.Layer, side: int = 28) -> keras.Model:
    return keras.Sequential([keras.Input((side, side, 1), name="glyphs"), *stack], name=name)


def _stage(width: int, kernel: int, padding: str = "same", dropout: float = 0.0) -> list[keras.Layer]:
    """Convolution, pooling and batch norm, half the size; in this order the norm has a quarter to do."""
    stage = [
        layers.Conv2D(width, kernel, padding=padding, activation="relu"),
        layers.MaxPooling2D(),
        layers.BatchNormalization(momentum=MOMENTUM),
    ]
    return [*stage, layers.Dropout(dropout)] if dropout else stage


def _dense_head(width: int, dropout: float, classes: int) -> list[keras.Layer]:
    return [
        layers.Flatten(),
        layers.Dense(width, "relu"),
        layers.BatchNormalization(momentum=MOMENTUM),
        layers.Dropout(dropout),
        layers.Dense(classes, name="logits"),
    ]


def _convolution(x, width: int, kernel: int):
    x = layers.Conv2D(width, kernel, padding="same", use_bias=False)(x)
    return layers.BatchNormalization(momentum=MOMENTUM)(x)


def _residual(x, width: int, blocks: int = 1):
    """A widening 3x3 convolution, then some with a shortcut (He et al. 2015, arXiv 1512.03385)."""
    x = layers.ReLU()(_convolution(x, width, kernel=3))
    for _ in range(blocks):
        x = layers.ReLU()(layers.Add()([x, _convolution(x, width, kernel=3)]))
    return x
