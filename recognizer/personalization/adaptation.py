"""One person's hand: a network's answers, moved towards how this person writes, without training.

A character is like a correction i as far as k_i = exp(-sharpness (1 - cos)), with the cosine of what they are
to the network: signed roots of the features that its last dense layer sees (Perronnin et al. 2010, "Improving
the Fisher kernel"). The kernel is Tip-Adapter's (Zhang et al. 2022, arXiv 2207.09519).

Where the network gave a correction's label only p_i, it was wrong about such characters. So its probability
p_c of a class gives way to l_c, what the corrections that look so are evidence of (e_ic):

    p'_c = (p_c + w l_c) / (1 + w),  w = vote sum_i k_i^2 (1 - p_i),  l_c ~ sum_i k_i^2 e_ic

And a person writes a class either as people write it or as in a correction. So, up to a factor, it is

    p'_c^own (p'_c^(1 - own) / d_c + gain sum_i k_i e_ic / d_i),  d_c = 1 + dilution n_c

where n_c is how many corrections the class has, and d_i that of the correction's label: the more examples
there are of how somebody writes a class, the less its other shapes are expected, as in a Dirichlet process.
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
    """How much corrections count beside the network; chosen on hands made of held-out rows."""

    vote: float = 0.3  # of a correction that looks exactly like the character and was read otherwise
    gain: float = 30.0  # of any correction that looks so
    sharpness: float = 12.0  # how fast that falls with 1 - cosine
    own: float = 0.7  # how much of the network's say stays however alike they are, as a power in [0, 1]
    dilution: float = 2.0  # of a class's other shapes by each correction
    doubt: float = 0.1  # share of the corrections that are expected to be slips
    likeness: float = 0.25  # how fast a look-alike's share falls with its probability, as a power


USUAL = Blend()


@dataclass(frozen=True, eq=False)
class Hand:
    """What a person's corrections are to one network."""

    features: np.ndarray  # (N, width), as the last dense layer sees them
    known: np.ndarray  # (N, labels): the network's probabilities of the labels, each row summing to 1
    columns: np.ndarray  # int (N,): which of the labels each is
    blend: Blend = USUAL

    def followed_by(self, more: "Hand") -> "Hand":
        """These corrections, then those."""
        return Hand(
            np.concatenate([self.features, more.features]),
            np.concatenate([self.known, more.known]),
            np.concatenate([self.columns, more.columns]),
            self.blend,
        )

    @cached_property
    def directions(self) -> np.ndarray:
        """(N, width): where each lies for the network, all at distance 1."""
        return _directions(self.features)

    @cached_property
    def trust(self) -> np.ndarray:
        """How likely each label is no slip, as one that the network holds for impossible may be: (N,)."""
        named, doubt = self.known[np.arange(len(self.columns)), self.columns], self.blend.doubt
        named = np.maximum(named, TINY)
        return (1 - doubt) * named / ((1 - doubt) * named + doubt / self.known.shape[1])

    @cached_property
    def count(self) -> np.ndarray:
        """How many corrections each label has: (labels,)."""
        return np.bincount(self.columns, self.trust, self.known.shape[1])

    @cached_property
    def evidence(self) -> np.ndarray:
        """How far each is evidence of each label: (N, labels) in [0, 1].

        A label that was corrected less often than the one that was named shares in the evidence, where it is
        likely to the network: who has corrected only an O writes the 0 just so. But the more the network
        preferred it, the more plainly the correction says that it is not that.
        """
        known = np.maximum(self.known, TINY)
        named = known[np.arange(len(self.columns)), self.columns][:, None]
        rarer = np.maximum(0, 1 - self.count / self.count[self.columns][:, None])
        shared = rarer * np.minimum(known**self.blend.likeness, named / known)
        return self.trust[:, None] * np.where(np.arange(known.shape[1]) == self.columns[:, None], 1, shared)

    def adapted(self, known: np.ndarray, features: np.ndarray) -> np.ndarray:
        """Probabilities of labels, as this hand writes them.

        Args:
            known: (N, labels), the network's probabilities, each row summing to 1.
            features: (N, width), of the same forward pass.

        Returns:
            float64 (N, labels), each row summing to 1.
        """
        blend = self.blend
        alike = _alike(features, self)
        known = _outvoted(known, alike**2, self)
        diluted = 1 + blend.dilution * self.count
        as_shown = alike @ (self.evidence / diluted[self.columns][:, None])
        moved = known**blend.own * (known ** (1 - blend.own) / diluted + blend.gain * as_shown)
        return moved / moved.sum(axis=1, keepdims=True)

    def nearness(self, features: np.ndarray) -> np.ndarray:
        """How near the nearest correction is to each character: (N,), from 0 to 1, where it is the same.

        Args:
            features: (N, width), of the network.
        """
        return _alike(features, self).max(axis=1)


def with_corrections(classifier: Classifier, glyphs: np.ndarray, labels: Iterable[str]) -> Classifier:
    """A classifier that also knows what these glyphs are in a person's hand.

    Args:
        classifier: what it knows of the hand is kept.
        glyphs: uint8 (N, side, side), 255 = ink; or float in [0, 1].
        labels: what each is.

    Raises:
        ModelError: a label that the model cannot say, glyphs of another size, or not a label for each.
        ImageError: a glyph is blank.
    """
    glyphs, side = np.asarray(glyphs), classifier.model.side
    columns = columns_of(labels, classifier.labels)
    if len(columns) != len(glyphs):
        raise ModelError(f"{len(glyphs)} characters but {len(columns)} labels: give each its own")
    if not len(glyphs):
        return classifier
    if glyphs.shape[1:] != (side, side):
        raise ModelError(f"{classifier.model.name} sees (N, {side}, {side}) glyphs, not {glyphs.shape}")
    if blank := [number for number, one in enumerate(glyphs, 1) if not one.any()]:
        raise ImageError(f"correction {blank[0]} shows nothing: leave it out")
    probabilities, features = classifier.plain(glyphs / 255 if glyphs.dtype == np.uint8 else glyphs)
    known = probabilities[:, classifier.named]
    known = known / np.maximum(known.sum(axis=1, keepdims=True), TINY)
    hand = Hand(features, known, columns)
    before = classifier.hand
    if isinstance(before, Hand):
        hand = before.followed_by(hand)
    return Classifier(classifier.model, classifier.demands, hand)


def _alike(features: np.ndarray, hand: Hand) -> np.ndarray:
    """How near each correction is, (N, corrections), from 0 to 1."""
    return np.exp(-hand.blend.sharpness * (1 - _directions(features) @ hand.directions.T))


def _outvoted(known: np.ndarray, near: np.ndarray, hand: Hand) -> np.ndarray:
    """Probabilities (N, labels) after the vote of corrections, by how near they are: (N, corrections)."""
    surprise = 1 - hand.known[np.arange(len(hand.columns)), hand.columns]
    weight = hand.blend.vote * (near @ surprise)[:, None]
    labels = near @ hand.evidence + TINY * known  # where none is near, what it was
    labels /= labels.sum(axis=1, keepdims=True)
    return np.maximum((known + weight * labels) / (1 + weight), TINY)


def columns_of(labels: Iterable[str], classes: tuple[str, ...]) -> np.ndarray:
    """Where labels stand in `classes`: int (N,). Where these have no capitals, case is ignored.

    Raises:
        ModelError: a label is none of them.
    """
    labels = [label if "A" in classes else label.lower() for label in labels]
    if unknown := sorted(set(labels) - set(classes)):
        raise ModelError(f"this model cannot say {', '.join(map(repr, unknown))}, only {' '.join(classes)}")
    return np.array([classes.index(label) for label in labels], int)


def _directions(features: np.ndarray) -> np.ndarray:
    """Features (N, width) as directions: signed roots of length 1."""
    roots = np.sign(features) * np.sqrt(np.abs(features, dtype=np.float64))
    return roots / np.maximum(np.linalg.norm(roots, axis=1, keepdims=True), TINY)
