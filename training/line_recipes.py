"""How each network that reads whole lines is trained: one frozen recipe a network."""

from dataclasses import dataclass

from training.recipe import ALPHANUMERIC, DIGITS, NOTHING


@dataclass(frozen=True)
class LineRecipe:
    """Everything that `training.train_lines` needs to make one file in weights/lines/."""

    name: str  # of the file, and of the recipe of characters whose training rows are written on the lines
    classes: tuple[str, ...]  # labels in output order; the last, "", is "no character here"
    text: str  # a function of training.written: what is written
    high: int  # pixels of a strip from top to bottom
    tall: int  # pixels of a usual capital or digit on it
    epochs: int  # in all cycles, which are equally long
    cycles: int = 1
    start: str = ""  # the network of lines whose weights are taken to begin with, but for the last layer
    lines: int = 9_728  # an epoch, all made anew
    batch_size: int = 64  # lines
    learning_rate: float = 2e-3  # at the top of the first cycle; of each later one 0.6 of that before
    weight_decay: float = 0.01
    seed: int = 1


LINE_RECIPES = {
    recipe.name: recipe
    for recipe in (
        LineRecipe("digits", (*DIGITS, NOTHING), "number", high=32, tall=21, epochs=70, cycles=5),
        LineRecipe(
            "alphanumeric",
            (*ALPHANUMERIC, NOTHING),
            "text",
            high=32,
            tall=18,
            epochs=36,
            cycles=2,
            start="digits",
        ),
    )
}
