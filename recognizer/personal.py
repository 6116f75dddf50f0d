"""One person's hand: a network's answers, moved towards how this person writes, without training.

A person writes a class c either as people write it, of which the network's probability p_c tells, or as in
one of the corrections i that this person gave. So, up to a factor, its probability is

    p_c^own (p_c^(1 - own) + gain sum_i e_ic exp(-sharpness (1 - cos_i))) / (1 + dilution sum_i e_ic)

where cos_i is how alike the character and a correction are to the network: the cosine between signed roots
of the features that its last dense layer sees (Perronnin et al. 2010, "Improving the Fisher kernel"), and
e_ic how far the correction is evidence of the class. The kernel is Tip-Adapter's (Zhang et al. 2022, arXiv
2207.09519); the denominator is that of a Dirichlet process: the more examples there are of how somebody
writes a class, the less its other shapes are expected.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recognizer.models import ModelError

TINY = 1e-12  # of a probability, or of a length


@dataclass(frozen=True)
class Blend:
    """How much corrections count beside the network; chosen on made hands (training.hands)."""

    gain: float = 20.0  # of a correction that looks exactly like the character
    sharpness: float = 10.0  # how fast that falls with 1 - cosine
    own: float = 0.8  # how much of the network's say stays however alike they are, as a power in [0, 1]
    dilution: float = 2.0  # of a class's other shapes by each correction
    doubt: float = 0.1  # share of the corrections that are expected to be slips
    share: float = 0.6  # of its evidence, what a look-alike that was never corrected gets at most


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
        pairs = ((getattr(self, key), getattr(more, key)) for key in ("features", "known", "columns"))
        return Hand(*(np.concatenate(pair) for pair in pairs), self.blend)

    @cached_property
    def directions(self) -> np.ndarray:
        """(N, width): where each lies for the network, all at distance 1."""
        return _directions(self.features)

    @cached_property
    def evidence(self) -> np.ndarray:
        """How far each is evidence of each label: (N, labels) in [0, 1].

        A label that the network holds for all but impossible may be a slip, and counts as little as that is
        likely. A label that was corrected less often than the one that was named shares in the evidence,
        where the network holds both for equally likely: who has corrected only an O writes the 0 just so.
        """
        rows, labels = np.arange(len(self.columns)), self.known.shape[1]
        known = np.maximum(self.known, TINY)
        named = known[rows, self.columns][:, None]
        trust = (1 - self.blend.doubt) * named / ((1 - self.blend.doubt) * named + self.blend.doubt / labels)
        evidence = np.zeros(known.shape)
        evidence[rows, self.columns] = trust[:, 0]
        count = evidence.sum(axis=0)
        rarer = np.maximum(0, 1 - count / count[self.columns][:, None])
        shared = self.blend.share * trust * rarer * np.minimum(known / named, named / known)
        return evidence + shared


def personal(known: np.ndarray, features: np.ndarray, hand: Hand) -> np.ndarray:
    """Probabilities of labels, as this hand writes them.

    Args:
        known: (N, labels), the network's probabilities, each row summing to 1.
        features: (N, width), of the same forward pass.
        hand: the corrections, at least one.

    Returns:
        float64 (N, labels), each row summing to 1.
    """
    blend, known = hand.blend, np.maximum(known, TINY)
    alike = np.exp(-blend.sharpness * (1 - _directions(features) @ hand.directions.T))
    as_shown = blend.gain * alike @ hand.evidence
    moved = known**blend.own * (known ** (1 - blend.own) + as_shown)
    moved /= 1 + blend.dilution * hand.evidence.sum(axis=0)
    return moved / moved.sum(axis=1, keepdims=True)


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
