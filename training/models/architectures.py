"""Network architectures: functions that take the number of classes and build an untrained Keras model.

If not said otherwise, a model takes glyphs, float32 (N, side, side, 1) in [0, 1], 1 = ink, and returns logits
(N, classes). The softmax is left to `recognizer.numerics`, which divides by the card's temperature first.

`character_reader`, `trajectory_reader` and `line_reader` are ours. The others are the zoo: models of the
literature and of well-known apps, rebuilt layer by layer, to compare ours with on the same data.
"""

import keras
from keras import layers

MOMENTUM = 0.95  # of batch norm statistics: they settle within 100 steps, soon enough for short runs


def character_reader(
    classes: int,
    widths: tuple[int, int, int],
    blocks: tuple[int, int] = (1, 3),
    dropout: float = 0.3,
    templates: int = 4,
) -> keras.Model:
    """The network of `characters`.

    The first 5x5 convolution has stride 2: at 28x28 it would cost much and gain little. Residual 3x3
    convolutions follow at 14x14 and at 7x7. The head correlates each channel's 7x7 map with learnt templates
    instead of averaging it, because *where* a stroke ends tells a `u` from an `n`. A template costs 49
    weights per channel; a dense layer would cost thousands.

    Args:
        classes: number of outputs.
        widths: channels of the first convolution, at 14x14 and at 7x7; multiples of 16 run fastest.
        blocks: residual convolutions at 14x14 and at 7x7.
        dropout: share of the head's features dropped in training.
        templates: templates per channel.

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
    classes: int, height: int, widths: tuple[int, int, int] = (16, 48, 80), head: int = 128
) -> keras.Model:
    """The network that reads whole lines with CTC: logits for every second column of a strip.

    2-D convolutions with pooling, mostly vertical, then 1-D convolutions along the line that see about one
    character to either side: a CRNN (Shi et al. 2015, arXiv 1507.05717) without recurrence.

    Args:
        classes: number of outputs; the last is CTC's blank, "no character here".
        height: pixels of a strip; a multiple of 8.
        widths: channels of the 2-D convolutions.
        head: channels of the 1-D convolutions.

    Returns:
        A model from strips (N, height, W, 1) to logits (N, W / 2, classes).
    """
    strips = keras.Input((height, None, 1), name="strips")
    x = layers.Conv2D(widths[0], 5, padding="same", use_bias=False)(strips)
    x = layers.MaxPooling2D()(x)
    x = layers.ReLU()(layers.BatchNormalization(momentum=MOMENTUM)(x))
    for width in widths[1:]:
        x = layers.ReLU()(_convolution(x, width, kernel=3))
        x = layers.Add()([x, layers.ReLU()(_convolution(x, width, kernel=3))])
        x = layers.MaxPooling2D((2, 1))(x)
    x = layers.Permute((2, 1, 3))(x)
    x = layers.Reshape((-1, height // 8 * widths[-1]))(x)
    x = _convolution_1d(x, head, 3)
    for _ in range(2):
        x = layers.Add()([x, _convolution_1d(x, head, 7)])
    x = layers.Dropout(0.2)(x)
    return keras.Model(strips, layers.Dense(classes, name="logits")(x), name="line_reader")


def _convolution_1d(x, channels: int, kernel: int):
    x = layers.Conv1D(channels, kernel, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=MOMENTUM)(x))


def trajectory_reader(
    classes: int, places: int, seen: int, widths: tuple[int, ...] = (64, 96, 128)
) -> keras.Model:
    """The network of `strokes`: 1-D convolutions with pooling along the pen's path of a character.

    Args:
        classes: number of outputs.
        places: points of a path (recognizer.models.stroke_model).
        seen: features of a point.
        widths: channels before each pooling.

    Returns:
        A model from paths (N, places, seen, 1) to logits (N, classes).
    """
    paths = keras.Input((places, seen, 1), name="paths")
    x = layers.Reshape((places, seen))(paths)
    for width in widths:
        x = layers.MaxPooling1D()(_convolution_1d(x, width, 5))
    x = layers.Dropout(0.3)(layers.Flatten()(x))
    x = layers.Dropout(0.3)(layers.Dense(160, activation="relu")(x))
    return keras.Model(paths, layers.Dense(classes, name="logits")(x), name="trajectory_reader")


def mlp(classes: int) -> keras.Model:
    """MLP: Dense 128, 64, `classes`, ReLU; 109,386 parameters for ten classes.

    The network that most introductions to MNIST begin with. It ignores which pixels are neighbours.
    """
    return _sequence(
        "mlp",
        layers.Flatten(),
        layers.Dense(128, "relu"),
        layers.Dense(64, "relu"),
        layers.Dense(classes),
    )


def cnn(classes: int) -> keras.Model:
    """Conv 32, 64 of 3x3, max pooling, Dense 64, `classes`, ReLU; 121,930 parameters for ten classes.

    The convolutional network of the Keras and TensorFlow tutorials ("Simple MNIST convnet", F. Chollet 2015),
    with an additional dense layer of 64.
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
    """Conv 16, 32 of 5x5, max pooling, Dense 120, 84, `classes`, ReLU; 120,382 parameters for ten classes.

    LeNet as it is written today: ReLU and max pooling instead of tanh and average pooling, and more channels,
    as in Caffe's LeNet (Jia et al. 2014, arXiv 1408.5093).
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
    """Conv 6, 16 of 5x5, average pooling, Dense 120, 84, `classes`, tanh; 61,706 parameters for ten classes.

    LeNet-5 of LeCun, Bottou, Bengio, Haffner 1998, "Gradient-based learning applied to document recognition".
    Differences: every map of the second convolution sees all maps of the first, a softmax replaces the radial
    basis functions, and the input is 28x28 with same padding instead of 32x32.
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
    """Conv 16, residual blocks of 16 and 32, Dense 256, 128, `classes`; 61,658 parameters for ten classes.

    He, Zhang, Ren, Sun 2015, "Deep residual learning for image recognition" (arXiv 1512.03385), made small
    enough for MNIST: pooling right after the first convolution as in the paper, a block at 14x14, one at 7x7.
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
    """Conv 16, 32 of 3x3, Dense 64, `classes`; 57,162 parameters for ten classes.

    Max pooling after the convolutions, batch norm and dropout 0.25 after every layer but the last: a small
    network, typical of what digit-reading apps ship.
    """
    return _sequence(
        "compact",
        *_stage(16, kernel=3, padding="valid", dropout=0.25),
        *_stage(32, kernel=3, padding="valid", dropout=0.25),
        *_dense_head(64, 0.25, classes),
    )


def wide_letters(classes: int, side: int = 28) -> keras.Model:
    """Conv 32, 64, 128 of 3x3, Dense 256, `classes`; for 27 classes 396,699 parameters, at 56x56 1,707,419.

    The letter reader of an app: max pooling after the convolutions, batch norm after every layer but the
    last, dropout 0.5 before it. It has 27 outputs because EMNIST's labels run from 1 to 26. Its authors speak
    of grey images with a higher resolution than 28x28.

    Args:
        classes: number of outputs.
        side: width and height of the input in pixels.
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
    """Conv 16, 32, 64 of 5x5, Dense 256, `classes`; 229,630 parameters for 62 classes, 736 not trainable.

    The reader of EMNIST ByClass in an app: max pooling, batch norm and dropout 0.25 after the convolutions,
    batch norm and dropout 0.5 after the dense layer. Its authors report 87.18 %, trained on all of EMNIST,
    with the epoch chosen on the test set.
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
    """Convolution, pooling, batch norm: after pooling the batch norm has a quarter of the pixels."""
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
    """A 3x3 convolution to `width` channels, then residual ones (He et al. 2015, arXiv 1512.03385)."""
    x = layers.ReLU()(_convolution(x, width, kernel=3))
    for _ in range(blocks):
        x = layers.ReLU()(layers.Add()([x, _convolution(x, width, kernel=3)]))
    return x
