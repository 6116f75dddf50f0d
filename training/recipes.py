"""What is trained and how: one frozen recipe a model, each field with its unit and its reason."""

import dataclasses

from training.augment import AS_ON_FORMS, Augmentation
from training.habits import Habits
from training.recipe import ALPHANUMERIC, DIGITS, LETTERS, NOTHING, TrainingRecipe
from training.zoo import ZOO

FLAGSHIPS = ("digits", "letters", "alphanumeric")
# in training/earlier/: flagships begin there, or are the mean of one and a newer one
EARLIER = tuple(
    f"{name}-{run}"
    for name, runs in {"alphanumeric": 10, "digits": 11, "letters": 6}.items()
    for run in range(1, runs + 1)
)

FOUR = {"templates": 4}  # of the head for each channel
# a run of NIST's hands alone, varied as they vary among themselves: what a network that learns other hands
# too forgets of them. The mean of it and what it began with knows both
FORMS = {
    "teachers": (),
    "learning_rate": 1e-3,
    "drawn": 0.0,
    "nothing": 0.06,
    "digits_as_letters": 0,
    "augmentation": AS_ON_FORMS,
}


def again(
    earlier: TrainingRecipe, name: str, like: TrainingRecipe | None = None, **changes
) -> TrainingRecipe:
    """A run that begins with an earlier one's weights and learns from it; the mean of both is shipped.

    Args:
        earlier: whose weights these are.
        name: of the new run.
        like: the run that it is like, but for `changes`; the earlier one where it is left out.
    """
    begun = {"start": earlier.name, "teachers": (earlier.name,), "mean_with": earlier.name}
    return dataclasses.replace(like or earlier, name=name, **begun | changes)


# what the flagships begin with and learn from (training/earlier/)
DIGITS_1 = TrainingRecipe(
    "digits-1",
    (*DIGITS, NOTHING),
    "mnist",
    "digits",
    settings={"widths": (32, 48, 128), "blocks": (1, 2)},
    epochs=16,
    hold_out=19,
    nothing=0.1,
    balance=0.0,  # and so a character to which strokes are added is drawn as much more often
    # with fewer of these, a European 1 is a 7 or a 2, a 4 in one stroke a 6, a crossed 7 a 2
    # and a bowed 9 a 3
    augmentation=Augmentation(
        untouched=0.2,
        aspect=0.25,
        as_read=0.2,
        habits=Habits(
            upstroke=0.55,
            foot=0.25,
            foot_reach=0.5,
            short_stem=0.25,
            tick=0.2,
            crossing=0.35,
            bow=0.35,
        ),
    ),
)
DIGITS_2 = dataclasses.replace(
    DIGITS_1,
    name="digits-2",
    start="digits-1",
    epochs=6,
    learning_rate=1e-3,
    augmentation=Augmentation(
        untouched=0.2,
        aspect=0.25,
        bulge=0.12,
        as_read=0.2,
        # a 2 with a closed hook is no 9, nor a 9 whose loop crosses its stem an 8
        habits=dataclasses.replace(DIGITS_1.augmentation.habits, short_stem=0.35, nose=0.15, hook=0.15),
    ),
)
DIGITS_3 = dataclasses.replace(DIGITS_2, name="digits-3", drawn=0.1, mean_with="digits-2")
DIGITS_4 = again(DIGITS_3, "digits-4", teachers=("digits-2", "digits-3"), own_share=0.5)
DIGITS_5 = again(DIGITS_4, "digits-5", teachers=("digits-3", "digits-4"), drawn=0.12, own_share=0.25)
DIGITS_6 = again(
    DIGITS_5,
    "digits-6",
    settings=DIGITS_5.settings | FOUR,
    taught=0.4,
    epochs=8,
    drawn=0.15,
    own_share=0.5,
)
DIGITS_7 = again(DIGITS_6, "digits-7", epochs=6, learning_rate=7e-4, seed=2, own_share=0.4)
DIGITS_8 = again(
    DIGITS_6,
    "digits-8",
    settings=DIGITS_6.settings | {"blocks": (1, 3)},
    mean_with="digits-7",
    own_share=0.25,
    seed=2,
    augmentation=dataclasses.replace(DIGITS_6.augmentation, untouched=0.3),
)
DIGITS_9 = again(
    DIGITS_8,
    "digits-9",
    epochs=6,
    learning_rate=7e-4,
    seed=3,
    mean_with="digits-2",  # the last that saw no drawn samples: it knew NIST's hands best
    own_share=0.7,
)
DIGITS_10 = again(DIGITS_9, "digits-10", **FORMS, seed=5, own_share=0.5)
DIGITS_11 = dataclasses.replace(DIGITS_10, name="digits-11", own_share=0.15)  # the same run, less of it
ALPHANUMERIC_1 = TrainingRecipe(
    "alphanumeric-1",
    ALPHANUMERIC,
    "emnist",
    "nist",
    settings={"widths": (32, 64, 128)},
    epochs=9,
    balance=0.0,
    forms_prior=True,
    augmentation=Augmentation(),
)
ALPHANUMERIC_2 = TrainingRecipe(
    "alphanumeric-2",
    (*ALPHANUMERIC, NOTHING),
    "emnist",
    "nist",
    settings={"widths": (32, 48, 128), "blocks": (1, 3)},
    epochs=18,
    hold_out=19,
    nothing=0.1,
    # rare letters more often than on NIST's forms; the difference is taken out of the last biases
    balance=0.5,
    forms_prior=True,
    # loops that a heavy pen closes, and letters as in joined writing: NIST's forms have few
    augmentation=Augmentation(aspect=0.25, as_read=0.2, habits=Habits(joined=0.12)),
)
ALPHANUMERIC_3 = dataclasses.replace(
    ALPHANUMERIC_2,
    name="alphanumeric-3",
    start="alphanumeric-2",
    teachers=("alphanumeric-1", "alphanumeric-2"),
    epochs=8,
    learning_rate=1.5e-3,
    augmentation=Augmentation(
        untouched=0.2, aspect=0.25, bulge=0.1, as_read=0.2, habits=Habits(joined=0.12, flat=0.12)
    ),
)
ALPHANUMERIC_4 = again(
    ALPHANUMERIC_3,
    "alphanumeric-4",
    teachers=("alphanumeric-1", "alphanumeric-3"),
    epochs=6,
    learning_rate=1.2e-3,
    drawn=0.1,
    own_share=0.5,
)
ALPHANUMERIC_5 = again(
    ALPHANUMERIC_4, "alphanumeric-5", teachers=("alphanumeric-3", "alphanumeric-4"), drawn=0.15
)
ALPHANUMERIC_6 = again(
    ALPHANUMERIC_5,
    "alphanumeric-6",
    settings=ALPHANUMERIC_5.settings | FOUR,
    taught=0.4,
    epochs=4,
    mean_with="alphanumeric-2",  # as digits-9
    own_share=0.8,
)
ALPHANUMERIC_7 = again(ALPHANUMERIC_6, "alphanumeric-7", **FORMS, seed=5, own_share=0.5)
ALPHANUMERIC_8 = again(ALPHANUMERIC_7, "alphanumeric-8", **FORMS, epochs=5, seed=11)
ALPHANUMERIC_9 = again(
    ALPHANUMERIC_8, "alphanumeric-9", like=ALPHANUMERIC_6, epochs=3, seed=12, own_share=0.6
)
ALPHANUMERIC_10 = again(ALPHANUMERIC_9, "alphanumeric-10", **FORMS, epochs=5, seed=31, own_share=0.5)
LETTERS_1 = TrainingRecipe(
    "letters-1",
    (*LETTERS, NOTHING),
    "emnist",
    "nist",
    settings={"widths": (32, 48, 128), "blocks": (1, 3), "forms": 2},
    # it knows both forms of every letter already
    start="alphanumeric-3",
    epochs=8,
    learning_rate=1e-3,
    hold_out=19,
    digits_as_letters=6,
    nothing=0.1,
    # loops that a heavy pen closes, and letters as in joined writing: NIST's forms have few
    augmentation=Augmentation(
        untouched=0.2, aspect=0.35, bulge=0.1, as_read=0.2, habits=Habits(joined=0.2, flat=0.12)
    ),
    # EMNIST Letters is balanced, and so is what a person draws to try a letter reader
    balance=1.0,
)
LETTERS_2 = dataclasses.replace(LETTERS_1, name="letters-2", drawn=0.2, mean_with="letters-1")
LETTERS_3 = again(
    LETTERS_2, "letters-3", teachers=("letters-2", "alphanumeric-4"), taught=0.4, drawn=0.25, own_share=0.5
)
LETTERS_4 = again(LETTERS_3, "letters-4", settings=LETTERS_3.settings | FOUR, epochs=6)
LETTERS_5 = again(LETTERS_4, "letters-5", seed=5, **FORMS)
LETTERS_6 = again(LETTERS_5, "letters-6", **FORMS, epochs=8, seed=11, mean_with="")

RECIPES = {
    recipe.name: recipe
    for recipe in (
        DIGITS_1,
        DIGITS_2,
        DIGITS_3,
        DIGITS_4,
        DIGITS_5,
        DIGITS_6,
        DIGITS_7,
        DIGITS_8,
        DIGITS_9,
        DIGITS_10,
        DIGITS_11,
        again(DIGITS_10, "digits", like=DIGITS_9, seed=12, mean_with="digits-11", own_share=0.5),
        ALPHANUMERIC_1,
        ALPHANUMERIC_2,
        ALPHANUMERIC_3,
        ALPHANUMERIC_4,
        ALPHANUMERIC_5,
        ALPHANUMERIC_6,
        ALPHANUMERIC_7,
        ALPHANUMERIC_8,
        ALPHANUMERIC_9,
        ALPHANUMERIC_10,
        again(
            ALPHANUMERIC_10,
            "alphanumeric",
            like=ALPHANUMERIC_6,
            as_on_forms=0.4,  # both at once: it forgets less of either
            epochs=4,
            seed=32,
            mean_with="alphanumeric-9",
            own_share=0.5,
        ),
        LETTERS_1,
        LETTERS_2,
        LETTERS_3,
        LETTERS_4,
        LETTERS_5,
        LETTERS_6,
        again(LETTERS_5, "letters", like=LETTERS_4, seed=12, mean_with="letters-6", own_share=0.65),
        *ZOO,
    )
}
