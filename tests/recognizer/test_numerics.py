import numpy as np

from recognizer.numerics import softmax


def test_softmax_of_no_rows_is_empty():
    assert softmax(np.zeros((0, 10)), 1.0).shape == (0, 10)


def test_softmax_sums_to_one_and_a_high_temperature_flattens_it():
    logits = np.array([[1000.0, 999.0, 0.0], [-3.0, 2.0, 5.0]])
    cold, hot = softmax(logits, 1.0), softmax(logits, 4.0)
    np.testing.assert_allclose(cold.sum(axis=1), 1)
    np.testing.assert_allclose(cold[0, 0] / cold[0, 1], np.e)
    assert (hot.max(axis=1) < cold.max(axis=1)).all()
    assert (hot.argmax(axis=1) == cold.argmax(axis=1)).all()


def test_softmax_divides_by_the_prior():
    logits = np.log([[0.6, 0.3, 0.1]])
    # a network that gives back the class frequencies of its training set says nothing about the glyph
    np.testing.assert_allclose(softmax(logits, 1.0, [0.6, 0.3, 0.1]), 1 / 3)
    quotients = np.array([[0.6 / 0.4, 0.3 / 0.4, 0.1 / 0.2]])
    np.testing.assert_allclose(softmax(logits, 1.0, [0.4, 0.4, 0.2]), quotients / quotients.sum())
