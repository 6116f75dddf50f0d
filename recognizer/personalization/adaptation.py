"""Adapt a network's probabilities to one writer from a few corrections, without training.

The similarity k_i of a character to correction i is exp(-sharpness (1 - cos)). The cosine is that of their
features, the input of the network's last dense layer, after a signed square root (Perronnin et al. 2010,
"Improving the Fisher kernel"). The kernel is Tip-Adapter's (Zhang et al. 2022, arXiv 2207.09519).

Step 1: a correction whose label got only probability p_i from the network shows that the network is wrong
about such characters. So the probability p_c of each class is mixed with l_c, the evidence e_ic of similar
corrections for that class:

    p'_c = (p_c + w l_c) / (1 + w),  w = vote sum_i k_i^2 (1 - p_i),  l_c ~ sum_i k_i^2 e_ic

Step 2: a person writes a class either as people in general do or as in one of the corrections. So the result
is, up to a factor that makes it sum to 1,

    p'_c^a (p'_c^(1 - a) / d_c + gain sum_i k_i e_ic / d_i),  d_c = 1 + dilution n_c,  a = network_exponent

where n_c is the number of corrections of class c, and d_i is d_c of the label of correction i. The more
examples of a class there are, the less likely are other shapes of it, as in a Dirichlet process.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recognizer.decoding.classifier import Classifier
from recognizer.errors import ImageError, ModelError
from recognizer.numerics import TINY


@dataclass(frozen=True)
class Blend:
    """How much corrections count beside the network; chosen on writers simulated from held-out samples.

    Attributes:
        vote: weight in step 1 of a correction that looks exactly like the character, if the network gave its
            label no probability.
        gain: weight in step 2 of a correction that looks exactly like the character.
        sharpness: how fast the similarity falls with 1 - cosine.
        network_exponent: the exponent a of step 2, in [0, 1]: how much the network still counts for a
            character that looks exactly like a correction.
        dilution: how much each correction of a class lowers its other shapes.
        slip_rate: expected share of corrections with a wrong label.
        sharing_exponent: how fast a look-alike's share of the evidence falls with its probability.
    """

    vote: float = 0.3
    gain: float = 30.0
    sharpness: float = 12.0
    network_exponent: float = 0.7
    dilution: float = 2.0
    slip_rate: float = 0.1
    sharing_exponent: float = 0.25


DEFAULT_BLEND = Blend()


@dataclass(frozen=True, eq=False)
class WriterAdaptation:
    """One writer's corrections as one network sees them.

    Attributes:
        features: (N, width), the input of the network's last dense layer.
        probabilities: (N, labels), the network's, each row summing to 1.
        label_indices: int (N,), the corrected label of each.
        blend: how much they count.
    """

    features: np.ndarray
    probabilities: np.ndarray
    label_indices: np.ndarray
    blend: Blend = DEFAULT_BLEND

    def extended(self, newer: "WriterAdaptation") -> "WriterAdaptation":
        """These corrections and then the newer ones, with the blend of these."""
        return WriterAdaptation(
            np.concatenate([self.features, newer.features]),
            np.concatenate([self.probabilities, newer.probabilities]),
            np.concatenate([self.label_indices, newer.label_indices]),
            self.blend,
        )

    @cached_property
    def directions(self) -> np.ndarray:
        """(N, width): the features as vectors of length 1."""
        return _directions(self.features)

    @cached_property
    def of_label(self) -> np.ndarray:
        """(N,): the network's probability of each corrected label."""
        return self.probabilities[np.arange(len(self.label_indices)), self.label_indices]

    @cached_property
    def trust(self) -> np.ndarray:
        """(N,): the probability that a correction is not a slip; low if the network rules its label out."""
        slip_rate = self.blend.slip_rate
        of_label = np.maximum(self.of_label, TINY)
        label_count = self.probabilities.shape[1]
        return (1 - slip_rate) * of_label / ((1 - slip_rate) * of_label + slip_rate / label_count)

    @cached_property
    def counts(self) -> np.ndarray:
        """(labels,): the number of corrections of each label, weighted by trust."""
        return np.bincount(self.label_indices, self.trust, self.probabilities.shape[1])

    @cached_property
    def evidence(self) -> np.ndarray:
        """How much each correction is evidence of each label: (N, labels) in [0, 1].

        A correction is also evidence of a look-alike, which the network finds likely, if the look-alike was
        corrected less often: somebody who corrected only an O writes the 0 the same way. But the more the
        network preferred the look-alike, the more clearly the correction says that it is not meant.
        """
        probabilities = np.maximum(self.probabilities, TINY)
        of_label = np.maximum(self.of_label, TINY)[:, None]
        rarer = np.maximum(0, 1 - self.counts / self.counts[self.label_indices][:, None])
        shared = rarer * np.minimum(probabilities**self.blend.sharing_exponent, of_label / probabilities)
        is_label = np.arange(probabilities.shape[1]) == self.label_indices[:, None]
        return self.trust[:, None] * np.where(is_label, 1, shared)

    def adapt(self, probabilities: np.ndarray, features: np.ndarray) -> np.ndarray:
        """Move probabilities towards this writer's way of writing.

        Args:
            probabilities: (N, labels), the network's, each row summing to 1.
            features: (N, width), of the same forward pass.

        Returns:
            float64 (N, labels), each row summing to 1.
        """
        blend = self.blend
        similarity = _similarity(features, self)
        voted = _vote(probabilities, similarity**2, self)
        diluted = 1 + blend.dilution * self.counts
        as_corrected = similarity @ (self.evidence / diluted[self.label_indices][:, None])
        as_usual = voted ** (1 - blend.network_exponent) / diluted
        adapted = voted**blend.network_exponent * (as_usual + blend.gain * as_corrected)
        return adapted / adapted.sum(axis=1, keepdims=True)

    def max_similarity(self, features: np.ndarray) -> np.ndarray:
        """The similarity of each character to the nearest correction: (N,) in [0, 1], 1 for the same glyph.

        Args:
            features: (N, width), of the network.
        """
        return _similarity(features, self).max(axis=1)


def adapt_classifier(classifier: Classifier, glyphs: np.ndarray, labels: Iterable[str]) -> Classifier:
    """Make a classifier that also knows these corrections.

    Args:
        classifier: its earlier corrections are kept.
        glyphs: uint8 (N, side, side), 255 = ink; or float in [0, 1], 1 = ink.
        labels: the N correct labels.

    Raises:
        ModelError: the model does not have a label, the glyphs have another size, or there are more or fewer
            labels than glyphs.
        ImageError: a glyph is blank.
    """
    glyphs, side = np.asarray(glyphs), classifier.model.side
    indices = label_indices(labels, classifier.labels)
    if len(indices) != len(glyphs):
        raise ModelError(f"{len(glyphs)} characters but {len(indices)} labels: give one label for each")
    if not len(glyphs):
        return classifier
    if glyphs.shape[1:] != (side, side):
        raise ModelError(
            f"{classifier.model.name} reads glyphs of shape (N, {side}, {side}), not {glyphs.shape}"
        )
    if blank := [number for number, glyph in enumerate(glyphs, 1) if not glyph.any()]:
        raise ImageError(f"correction {blank[0]} shows nothing: leave it out")
    probabilities, features = classifier.forward(glyphs / 255 if glyphs.dtype == np.uint8 else glyphs)
    of_labels = probabilities[:, classifier.label_mask]
    if_character = of_labels / np.maximum(of_labels.sum(axis=1, keepdims=True), TINY)
    adaptation = WriterAdaptation(features, if_character, indices)
    if isinstance(classifier.adaptation, WriterAdaptation):
        adaptation = classifier.adaptation.extended(adaptation)
    return Classifier(classifier.model, classifier.policy, adaptation)


def label_indices(labels: Iterable[str], known: tuple[str, ...]) -> np.ndarray:
    """The indices of labels among the known ones, int (N,); case is ignored if these have no capitals.

    Raises:
        ModelError: a label is not known.
    """
    labels = [label if "A" in known else label.lower() for label in labels]
    if unknown := sorted(set(labels) - set(known)):
        raise ModelError(f"this model cannot read {', '.join(map(repr, unknown))}, only {' '.join(known)}")
    return np.array([known.index(label) for label in labels], int)


def _similarity(features: np.ndarray, adaptation: WriterAdaptation) -> np.ndarray:
    """The similarity of each character to each correction: (N, corrections) in [0, 1]."""
    cosine = _directions(features) @ adaptation.directions.T
    return np.exp(-adaptation.blend.sharpness * (1 - cosine))


def _vote(probabilities: np.ndarray, weights: np.ndarray, adaptation: WriterAdaptation) -> np.ndarray:
    """Step 1: probabilities (N, labels) after the vote of corrections, weights (N, corrections)."""
    surprise = 1 - adaptation.of_label
    total = adaptation.blend.vote * (weights @ surprise)[:, None]
    # without similar corrections, the network's own probabilities
    voted = weights @ adaptation.evidence + TINY * probabilities
    voted /= voted.sum(axis=1, keepdims=True)
    return np.maximum((probabilities + total * voted) / (1 + total), TINY)


def _directions(features: np.ndarray) -> np.ndarray:
    """Signed square roots of features (N, width), each row scaled to length 1."""
    roots = np.sign(features) * np.sqrt(np.abs(features, dtype=np.float64))
    return roots / np.maximum(np.linalg.norm(roots, axis=1, keepdims=True), TINY)
