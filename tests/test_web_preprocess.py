"""The modules of web/ make of a drawing what the library makes of it."""

import base64
from types import SimpleNamespace

import numpy as np
import pytest

from recognizer import Drawing
from recognizer.decoding import calibration
from recognizer.io.decoding import load_image
from recognizer.models import stroke_model
from recognizer.models.store import read_card
from recognizer.models.stroke_model import PATH_POINTS, POINT_FEATURES, pen_path
from recognizer.models.views import VIEWS, view_logits, view_matrix
from recognizer.numerics import softmax
from recognizer.preprocessing.declutter import is_bare_stroke, only_character
from recognizer.preprocessing.foreground import find_ink, ink_box
from recognizer.preprocessing.normalize import glyph
from tests.characters import GRID, STROKES, picture
from tests.site import modules  # noqa: F401
from training.data import wild

LOOK = """async ({ pixels, width, height, recipe }) => {
  const { seen } = await import("/preprocess.js");
  const data = Uint8Array.from(atob(pixels), (letter) => letter.charCodeAt(0));
  const found = seen({ data, width, height }, recipe);
  return found && { ...found, glyph: [...found.glyph] };
}"""
PAINT = """async (drawing) => {
  const { picture } = await import("/strokes.js");
  return [...picture(drawing).data];
}"""
ANSWER = """async ({ rows, card, bare }) => {
  const { answer } = await import("/answer.js");
  return rows.map((logits) => answer(logits, card, bare));
}"""
VIEW = """async ({ rows, weights }) => {
  const { seenBy } = await import("/answer.js");
  return rows.map((logits) => seenBy(logits, weights));
}"""
GROUPS = """async ({ strokes, pen }) => {
  const { characters } = await import("/groups.js");
  return characters(strokes, pen).map((one) => [one.strokes.length, one.space]);
}"""
PATH = """async (strokes) => {
  const { path } = await import("/trajectory.js");
  return [...path(strokes)];
}"""
OPINIONS = """async ({ rows, stroke_rows, card, stroke_card }) => {
  const [{ answer }, { opinion }] = [await import("/answer.js"), await import("/trajectory.js")];
  return rows.map((logits, at) =>
    answer(logits, card, false, opinion(stroke_rows[at], stroke_card, card.classes)).alternatives);
}"""
RECIPES = ("mnist", "emnist")
NEAR = 0.5 / 255  # on average over the pixels of a glyph
WHITE = np.full((280, 280), 255, np.uint8)


def looked_at(page, drawn: np.ndarray, recipe: str) -> dict | None:
    pixels = base64.b64encode(drawn.tobytes()).decode()
    height, width = drawn.shape
    return page.evaluate(LOOK, {"pixels": pixels, "width": width, "height": height, "recipe": recipe})


def same(page, drawn: np.ndarray, recipe: str) -> bool:
    """Whether page and library see the same in a picture."""
    ink = only_character(find_ink(load_image(drawn)))
    found, box = looked_at(page, drawn, recipe), ink_box(ink)
    if found is None or box is None:
        return found is box is None
    away = np.abs(np.reshape(found["glyph"], (28, 28)) - glyph(ink, recipe)).mean()
    assert away < NEAR, f"{255 * away:.2f} of 255"
    return (tuple(found["box"]), found["bare"]) == (box, is_bare_stroke(ink))


def speckled() -> np.ndarray:
    drawn = picture("4")
    drawn[20:22, 20:22] = 0
    return drawn


def beside_the_edge() -> np.ndarray:
    drawn = picture("4")
    drawn[100:140, 270:] = 0
    return drawn


PICTURES = {
    "nothing": WHITE,
    "a grey sheet": WHITE // 2,
    "a faint mark": np.minimum(WHITE, 255 - (255 - picture("7")) // 20),
    "a dot": wild.draw([[(0, 0)]], 20, 16, 100, 100),
    "light on dark": 255 - picture("R"),
    "pale": 255 - (255 - picture("2")) // 3,
    "a speck beside it": speckled(),
    "a neighbour at the edge": beside_the_edge(),
    "over the edge": picture("5", left=-20),
    "a square of ink": np.where(np.indices((280, 280)).max(axis=0) < 200, 0, WHITE).astype(np.uint8),
    "a grid": wild.draw(GRID, 200, 12, 40, 40),
    "wide and low": wild.draw([[(0, 0), (100, 1)]], 200, 8, 40, 100),
    "on a wide canvas": np.pad(picture("3"), ((0, 0), (0, 400)), constant_values=255),
    "on a small canvas": wild.draw(STROKES["3"], 30, 4, 10, 10, 50),
}


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("name", PICTURES)
def test_pictures_of_all_kinds_are_seen_alike(modules, name, recipe):  # noqa: F811
    assert same(modules, PICTURES[name], recipe)


@pytest.mark.parametrize("recipe", RECIPES)
def test_characters_of_all_sizes_and_pens_are_seen_alike(modules, recipe):  # noqa: F811
    rng = np.random.default_rng(1)
    for name, strokes in STROKES.items():
        assert same(modules, wild.draw(strokes, **wild.free_place(strokes, rng)), recipe), name


def test_recorded_characters_are_seen_alike(modules, data_dir):  # noqa: F811
    rows = wild.strokes62(data_dir)
    chosen = np.random.default_rng(2).choice(len(rows), 100, replace=False)
    drawn, _ = wild.drawn_freely([rows[row] for row in chosen], seed=3)
    assert all(same(modules, one, recipe) for one in drawn for recipe in RECIPES)


@pytest.mark.parametrize("name", STROKES)
def test_strokes_are_drawn_as_the_library_draws_them(modules, name):  # noqa: F811
    drawing = Drawing(tuple(map(np.array, wild.placed(STROKES[name], 180, 16, 50, 50))), 16, (280, 280))
    strokes = [points.tolist() for points in drawing.strokes]
    painted = modules.evaluate(PAINT, {"strokes": strokes, "pen": 16, "width": 280, "height": 280})
    expected = drawing.picture().astype(int)
    apart = np.abs(np.reshape(painted, (280, 280)) - expected).sum() / (255 - expected).sum()
    assert apart < 0.04


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("name", ["digits", "letters", "alphanumeric", "alphanumeric-62"])
def test_answers_are_what_the_library_says(modules, name, bare):  # noqa: F811
    card = read_card(name)
    classes = tuple(card["classes"])
    policy = calibration.AcceptancePolicy(reject_above=card.get("refuse", calibration.REJECT_ABOVE))
    scales = np.repeat([1, 3, 9], 40)[:, None]
    rows = scales * np.random.default_rng(4).normal(size=(120, len(classes)))
    rows[::4, ~calibration.label_mask(classes)] += 20  # surely none
    shares = softmax(rows, card["temperature"])
    shares[:, ~calibration.label_mask(classes)] *= not bare
    shares /= shares.sum(axis=1, keepdims=True)
    reasons = set()
    for one, said in zip(
        shares, modules.evaluate(ANSWER, {"rows": rows.tolist(), "card": card, "bare": bare}), strict=True
    ):
        expected = calibration.to_character(one, classes, None, np.zeros((28, 28)), policy)
        assert (said["label"], said["accepted"], said["reason"]) == (
            expected.label, expected.accepted, expected.reason,
        )  # fmt: skip
        assert [label for label, _ in said["alternatives"]] == [label for label, _ in expected.alternatives]
        assert said["probability"] == pytest.approx(expected.probability)
        reasons.add(said["reason"])
    assert reasons == {"", "uncertain"} | ({"not a character"} if "" in classes and not bare else set())


@pytest.mark.parametrize("name", list(VIEWS))
def test_a_view_is_what_the_library_makes_of_it(modules, name):  # noqa: F811
    card = read_card("characters")
    matrix = view_matrix(VIEWS[name], card["classes"], card["prior"])
    rows = 5 * np.random.default_rng(6).normal(size=(30, len(card["classes"])))
    found = modules.evaluate(VIEW, {"rows": rows.tolist(), "weights": matrix.tolist()})
    np.testing.assert_allclose(found, view_logits(matrix, rows), atol=1e-3)


WAYS = [list(map(np.array, strokes)) for strokes in STROKES.values()]
RESTING = [np.array([(10, 10), (10, 10), (10, 60), (40, 60), (40, 60)])]
DOT = [np.array([(5, 5), (5, 5)])]


@pytest.mark.parametrize("strokes", [*WAYS, RESTING, DOT, [*RESTING, *DOT]])
def test_a_path_of_strokes_is_seen_alike(modules, strokes):  # noqa: F811
    seen = modules.evaluate(PATH, [points.tolist() for points in strokes])
    np.testing.assert_allclose(np.reshape(seen, (PATH_POINTS, POINT_FEATURES)), pen_path(strokes), atol=1e-4)


@pytest.mark.parametrize("name", ["digits", "letters", "alphanumeric"])
def test_strokes_count_as_much_as_in_the_library(modules, monkeypatch, name):  # noqa: F811
    card, stroke_card, rng = read_card(name), read_card("strokes"), np.random.default_rng(5)
    classes = tuple(card["classes"])
    named = calibration.label_mask(classes)
    labels = tuple(label for label in classes if label)
    rows, stroke_rows = (3 * rng.normal(size=(20, len(one["classes"]))) for one in (card, stroke_card))
    monkeypatch.setattr(stroke_model, "_network", lambda _: SimpleNamespace(logits=lambda _: stroke_rows))
    shares = softmax(rows, card["temperature"])
    known = shares[:, named] / shares[:, named].sum(axis=1, keepdims=True)
    expected = stroke_model.combine(SimpleNamespace(name=name, engine="keras"), labels, known, 20 * [WAYS[0]])
    given = {
        "rows": rows.tolist(),
        "stroke_rows": stroke_rows.tolist(),
        "card": card,
        "stroke_card": stroke_card,
    }
    for row, said in zip(expected, modules.evaluate(OPINIONS, given), strict=True):
        best = np.argsort(-row)[: len(said)]
        assert [label for label, _ in said] == [labels[number] for number in best]
        np.testing.assert_allclose([share for _, share in said], row[best], rtol=1e-6)


def line_of(text: str, wide: float = 62) -> list:
    """The strokes of a text, a character every `wide` pixels."""
    return [
        points.tolist()
        for place, sign in enumerate(text)
        if sign != " "
        for points in wild.placed(STROKES[sign], 60, 6, 20 + wide * place, 40)
    ]


@pytest.mark.parametrize(("text", "groups"), [
    ("", []), ("7", [[1, False]]), ("i", [[2, False]]), ("E", [[2, False]]), ("M", [[1, False]]),
    ("HAT", [[3, False], [2, False], [2, False]]),
    ("4 2", [[2, False], [1, True]]),
])  # fmt: skip
def test_strokes_that_stand_over_each_other_are_one_character(modules, text, groups):  # noqa: F811
    assert modules.evaluate(GROUPS, {"strokes": line_of(text), "pen": 6}) == groups


def test_a_bar_that_is_written_last_still_belongs_to_its_character(modules):  # noqa: F811
    strokes = line_of("TA")
    strokes.append(strokes.pop(0))
    assert modules.evaluate(GROUPS, {"strokes": strokes, "pen": 6}) == [[2, False], [2, False]]
