import numpy as np
import pytest

from recognizer.decoding import ctc
from recognizer.decoding.ctc import PatternPosition, Span
from recognizer.layout.line_strips import Strip

LABELS = ("1", "7", "A", "a")
BLANK = len(LABELS)


def log_probabilities(*frames: str) -> np.ndarray:
    """Frames that show these labels, "-" for the blank; "17" shows a 1 that may also be a 7."""
    rows = np.full((len(frames), BLANK + 1), 0.01)
    for row, shown in zip(rows, frames, strict=True):
        row[BLANK if shown == "-" else LABELS.index(shown[0])] = 0.9
        if len(shown) > 1:
            row[LABELS.index(shown[0])], row[LABELS.index(shown[1])] = 0.6, 0.3
    return np.log(rows / rows.sum(axis=1, keepdims=True))


def text(spans: list[Span]) -> str:
    return "".join(LABELS[span.label_index] for span in spans)


@pytest.mark.parametrize(("frames", "expected"), [
    (("-", "-"), ""), (("-", "1", "1", "-"), "1"), (("1", "-", "1"), "11"), (("1", "7", "7", "A"), "17A"),
])  # fmt: skip
def test_greedy_decoding_joins_frames_and_drops_blanks(frames, expected):
    assert text(ctc.decode_greedy(log_probabilities(*frames))) == expected


def test_span_covers_the_frames_of_its_character():
    assert ctc.decode_greedy(log_probabilities("-", "1", "1", "-")) == [Span(1, 3, 0, 0)]


@pytest.mark.parametrize(("frames", "pattern", "expected"), [
    (("1", "-", "7"), "99", "17"),
    (("1", "-", "7"), "A9", "A7"),  # the likeliest letter where a digit is seen
    (("1A", "-", "7"), "*9", "17"),
    (("1", "-", "7", "-", "A"), "99", "17"),  # more characters than positions: the rest becomes blank
    (("1", "-", "7"), "9-9", "17"),  # the literal is no class
    (("-", "1", "-"), "7", "7"),  # the literal is a class
])  # fmt: skip
def test_pattern_is_matched_against_the_whole_line(frames, pattern, expected):
    spans = ctc.decode_pattern(log_probabilities(*frames), ctc.parse_pattern(pattern, LABELS))
    assert text(spans).lower() == expected.lower()


def test_line_too_short_for_the_pattern_gives_nothing():
    assert ctc.decode_pattern(log_probabilities("1"), ctc.parse_pattern("999", LABELS)) == []


def test_pattern_signs_allow_kinds_of_labels_or_themselves():
    digit, letter, any_label, seven, dash = ctc.parse_pattern("9A*7-", LABELS)
    assert digit.allowed.tolist() == [True, True, False, False]
    assert letter.allowed.tolist() == [False, False, True, True]
    assert any_label.allowed.all()
    assert seven.allowed.tolist() == [False, True, False, False]
    assert not dash.allowed.any()
    assert dash.literal == "-"
    assert isinstance(dash, PatternPosition)


def test_filled_pattern_has_its_literals():
    assert ctc.fill_pattern(ctc.parse_pattern("9/A", LABELS), {0: "7", 2: "a"}) == "7/a"


def test_case_is_merged_for_labels_without_capitals():
    merged = ctc.frame_probabilities(log_probabilities("A", "a"), (*LABELS, ""), ("a", "b"), np.ones(2, bool))
    assert merged.shape == (2, 3)
    np.testing.assert_allclose(merged.sum(axis=1), 1)
    assert (merged[:, 0] > 0.9).all()


def test_label_that_is_not_allowed_becomes_another_label_and_not_the_blank():
    allowed = np.array([False, True, False, False])
    probabilities = ctc.frame_probabilities(log_probabilities("1"), (*LABELS, ""), LABELS, allowed)
    assert probabilities[0].argmax() == 1


def test_strips_of_any_width_come_back_in_order_without_padding():
    strips = [Strip(np.full((32, width), width, np.float32), np.eye(2, 3)) for width in (50, 400, 90)]
    logits = ctc.strip_logits(strips, lambda batch: np.repeat(batch[:, 0, ::2, None], 3, axis=2))
    assert [len(frames) for frames in logits] == [25, 200, 45]
    assert [frames.max() for frames in logits] == [50, 400, 90]
    assert ctc.strip_logits([], None) == []
