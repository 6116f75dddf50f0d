"""Count letter trigrams in words and names, and write weights/spelling/trigrams.npy with its card.

    python -m training.tools.trigrams

Words come from wordfreq (Speer 2022), from all its languages in Latin script, and count by the square root of
their frequency. Names come from Faker, from all its countries with names in Latin script. All languages have
the same weight, however many words they have, and so have all countries; words and names have half each.
Accents are removed.
"""

import importlib
import pkgutil
import re
import unicodedata
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

import faker.providers.person
import numpy as np
import wordfreq

from recognizer.decoding.language_model import EDGE, LETTERS, TRIGRAMS_PATH
from recognizer.models.store import write_card
from training.options import command_parser

MIN_LATIN = 0.7  # share of a language's words; with fewer it is not written in Latin letters
MIN_NAMES = 100  # of a country; with fewer its names are not written in Latin letters
NAME_SHARE = 0.5  # of the counts
FREQUENCY_POWER = 0.5  # a word counts by its frequency to this power; at 1 a few short words would dominate
# Pseudo-counts of the smoothing, as shares of all counts: of the pair behind a trigram, and of the letter
# behind a pair
PAIR_SMOOTHING, LETTER_SMOOTHING = 1e-5, 3e-5
WORD = re.compile("[a-z]{2,}")
# letters that Unicode does not decompose into a letter and an accent
REPLACEMENTS = {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}


def plain(word: str) -> str:
    """A word in small letters without accents."""
    decomposed = unicodedata.normalize("NFKD", word.lower().translate(str.maketrans(REPLACEMENTS)))
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def words(language: str) -> dict[str, float]:
    """The words of a language and their weights; empty if it is not written in Latin letters."""
    frequencies = wordfreq.get_frequency_dict(language, "small")
    weights: dict[str, float] = {}
    latin = 0
    for word, frequency in frequencies.items():
        if WORD.fullmatch(folded := plain(word)):
            latin += 1
            weights[folded] = weights.get(folded, 0.0) + frequency**FREQUENCY_POWER
    return weights if latin >= MIN_LATIN * len(frequencies) else {}


def names(country: str) -> dict[str, float]:
    """The first and last names of a country, each with weight 1; empty if few are in Latin letters."""
    provider = importlib.import_module(f"faker.providers.person.{country}").Provider
    lists = [
        value
        for attribute, value in vars(provider).items()
        if re.match("(first|last)_names", attribute) and isinstance(value, Iterable)
    ]
    parts = {plain(part) for entries in lists for name in entries for part in re.split(r"\W", name)}
    weights = {part: 1.0 for part in parts if WORD.fullmatch(part)}
    return weights if len(weights) >= MIN_NAMES else {}


def count(lists: Iterable[Mapping[str, float]]) -> np.ndarray:
    """Weighted counts of trigrams, (27, 27, 27) over LETTERS and EDGE; the weights of each list sum to 1."""
    counts = np.zeros((EDGE + 1,) * 3)
    for weights in lists:
        total = sum(weights.values())
        for word, weight in weights.items():
            signs = [EDGE, EDGE, *(LETTERS.index(sign) for sign in word), EDGE]
            for trigram in zip(signs, signs[1:], signs[2:], strict=False):
                counts[trigram] += weight / total
    return counts


def smooth(counts: np.ndarray) -> np.ndarray:
    """The probability of each sign after two others; after a rare pair, that after its second sign alone."""
    counts = counts / counts.sum()
    pairs = counts.sum(axis=0)
    single = pairs.sum(axis=0) + 1e-6
    after_one = pairs + LETTER_SMOOTHING * single / single.sum()
    after_one /= after_one.sum(axis=1, keepdims=True)
    after_two = counts + PAIR_SMOOTHING * after_one
    return after_two / after_two.sum(axis=2, keepdims=True)


def make(path: Path = TRIGRAMS_PATH) -> None:
    """Count, and write the table of probabilities and its card."""
    languages = {
        language: weights
        for language in sorted(wordfreq.available_languages("small"))
        if (weights := words(language))
    }
    countries = {
        module.name: weights
        for module in pkgutil.iter_modules(faker.providers.person.__path__)
        if module.ispkg and (weights := names(module.name))
    }
    word_counts, name_counts = count(languages.values()), count(countries.values())
    word_shares, name_shares = word_counts / word_counts.sum(), name_counts / name_counts.sum()
    table = smooth((1 - NAME_SHARE) * word_shares + NAME_SHARE * name_shares)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, table.astype(np.float32))
    card = {
        "signs": [*LETTERS, ""],
        "words": {
            "source": f'wordfreq {version("wordfreq")}, list "small"',
            "licence": "CC BY-SA 4.0, from sources that wordfreq names",
            "languages": list(languages),
        },
        "names": {
            "source": f"Faker {version('faker')}, providers.person",
            "licence": "MIT",
            "countries": list(countries),
        },
        "command": "python -m training.tools.trigrams",
    }
    write_card(path, card)
    print(f"{len(languages)} languages and {len(countries)} countries: {path}")


def main() -> None:
    command_parser("training.tools.trigrams", __doc__).parse_args()
    make()


if __name__ == "__main__":
    main()
