import dataclasses

import numpy as np
import pytest

from recognizer.models import load_model
from tests.conftest import RECIPE
from training.batches import Batches
from training.distillation import EARLIER_WEIGHTS, Teachers, _sums
from training.recipe import NOTHING
from training.recipes import EARLIER, RECIPES
from training.train import save, train


@pytest.fixture(scope="module")
def taught(samples, tmp_path_factory):
    """A recipe, and the folder with its teacher."""
    folder = tmp_path_factory.mktemp("earlier")
    teacher = dataclasses.replace(RECIPE, name="teacher")
    model, history = train(teacher, samples, samples, folder / "run", resume=False)
    save(teacher, model, history, samples, folder)
    return dataclasses.replace(RECIPE, teachers=("teacher",), taught=0.25, nothing=0.2), folder


def test_teachers_answer_with_probabilities_of_characters(samples, taught):
    recipe, folder = taught
    glyphs = samples.images / np.float32(255)
    answers = Teachers(recipe, samples.frequency, folder)(glyphs)
    np.testing.assert_allclose(answers.sum(axis=1), recipe.taught, rtol=1e-4)
    assert (answers[:, recipe.classes.index(NOTHING)] == 0).all()
    named = [index for index, label in enumerate(recipe.classes) if label]
    said = load_model("teacher", folder).logits(glyphs)[:, named].argmax(axis=1)
    np.testing.assert_array_equal(answers[:, named].argmax(axis=1), said)


def test_a_teacher_that_knows_case_answers_for_letters_without():
    sums = _sums(("1", "A", "a", "b", ""), ("a", "b", NOTHING))
    np.testing.assert_array_equal(sums.T, [[0, 1, 1, 0, 0], [0, 0, 0, 1, 0]])
    sums = _sums(("1", "A", "a", "b"), ("1", "A", "a", "b"))
    np.testing.assert_array_equal(sums, np.eye(4))


def test_a_sample_that_is_no_character_has_one_true_answer(samples, taught):
    recipe, folder = taught
    _, targets = Batches(samples, recipe, 0, Teachers(recipe, samples.frequency, folder))[0]
    nothing = targets[:, 0, -1] == 1
    assert 0 < nothing.sum() < len(nothing)
    assert (targets[nothing, 1] == 0).all()
    np.testing.assert_allclose(targets[~nothing, 1].sum(axis=1), recipe.taught, rtol=1e-4)


def test_what_flagships_begin_with_learn_from_and_are_the_mean_of_is_there():
    needed = {
        name for recipe in RECIPES.values() for name in (recipe.start, recipe.mean_with, *recipe.teachers)
    }
    assert needed - {""} == set(EARLIER)
    for name in EARLIER:
        model = load_model(name, EARLIER_WEIGHTS)  # checks the SHA-256 in its card
        assert model.classes == RECIPES[name].classes
