import numpy as np
import pytest

from recognizer.personal import Blend
from training.hands import EACH, IN_A_ROW, Pool, changes, in_a_row, made

RNG = np.random.default_rng(0)


def rows(number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Noise in two classes, A and B, as capitals and as small letters: images, columns, labels."""
    labels = np.array(list("AaBb") * number)
    return RNG.integers(0, 256, (len(labels), 28, 28), np.uint8), np.array([0, 0, 1, 1] * number), labels


def test_a_made_hand_has_characters_of_every_class_and_most_people_write_one_case():
    images, columns, labels = rows(40)
    hands = made(images, columns, labels, near=15, others=0.0, seed=0)
    cases = []
    for hand in hands:
        assert [len(one) for one in hand] == [EACH, EACH]
        for column, one in enumerate(hand):
            assert (columns[one] == column).all()
            assert len(set(one)) == EACH
        cases.append(np.char.isupper(labels[np.concatenate(hand)]).mean())
    assert cases.count(1.0) > 5
    assert cases.count(0.0) > 5


def test_a_made_hand_looks_alike():
    images, columns, labels = rows(40)
    images[::2] //= 4  # half of each class is fainter
    hand = made(images, columns, np.char.lower(labels), near=15, others=0.0, seed=1)[0]
    for one in hand:
        faint = (images[one].mean(axis=(1, 2)) < 64).mean()
        assert faint in (0, 1)


def test_rows_that_follow_each_other_are_one_hand():
    columns = np.repeat([3, 5], 50)
    for hand in in_a_row(columns, seed=0):
        assert [sorted(columns[one])[0] for one in hand] == [3, 5]
        assert all(np.ptp(one) == IN_A_ROW - 1 for one in hand)


@pytest.mark.parametrize(
    ("blend", "all_are_read"), [(Blend(), True), (Blend(vote=0, gain=0, dilution=0), False)]
)
def test_errors_that_a_hand_explains_go_away(blend, all_are_read):
    """Two classes that look unlike; a network that takes a fifth of the second for the first."""
    columns = np.repeat([0, 1], 50)
    features = np.eye(2)[columns] + 0.01
    known = np.where(columns[:, None] == [0, 1], 0.8, 0.2)
    known[50::5] = (0.6, 0.4)
    hands = [[np.arange(0, 50), np.arange(50, 100)]]
    found = changes(Pool(known, features, columns), hands, blend)
    assert found["five of each"] == (0 if all_are_read else 1)
    assert found["of the other classes"] <= 1
