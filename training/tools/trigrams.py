"""Count how letters follow each other in words and names: weights/spelling/trigrams.npy and its card.

    python -m training.tools.trigrams

Words are those of wordfreq (Speer 2022) in all its languages that are written in Latin letters, and count by
the root of their frequency; names are those of Faker, in all its countries where they are. A language and a
country count the same however many they have; words count half and names half. Accents are left out.
"""

import argparse
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

from recognizer.decoding.language_model import EDGE, LETTERS, TRIGRAMS
from recognizer.models.store import write_card

IN_LATIN = 0.7  # of a language's words, at least
NAMES = 100  # of a country, at least
SHARE_OF_NAMES = 0.5
OFTEN = 0.5  # power of a word's frequency: so that a few short words are not all
TRUST = 1e-5, 3e-5  # how many of all counts a trigram's pair and a pair's letter weigh beside what was seen
WORD = re.compile("[a-z]{2,}")
# what has no accent to leave out
INSTEAD = {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}


def plain(word: str) -> str:
    """In small letters without accents."""
    parts = unicodedata.normalize("NFKD", word.lower().translate(str.maketrans(INSTEAD)))
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def words(language: str) -> dict[str, float]:
    """A language's words and how much each counts; none where it is not written in Latin letters."""
    frequencies = wordfreq.get_frequency_dict(language, "small")
    found: dict[str, float] = {}
    latin = 0
    for word, frequency in frequencies.items():
        if WORD.fullmatch(folded := plain(word)):
            latin += 1
            found[folded] = found.get(folded, 0.0) + frequency**OFTEN
    return found if latin >= IN_LATIN * len(frequencies) else {}


def names(country: str) -> dict[str, float]:
    """A country's first and last names; none where there are few in Latin letters."""
    provider = importlib.import_module(f"faker.providers.person.{country}").Provider
    lists = [
        every
        for name, every in vars(provider).items()
        if re.match("(first|last)_names", name) and isinstance(every, Iterable)
    ]
    parts = {plain(part) for every in lists for name in every for part in re.split(r"\W", name)}
    found = {part: 1.0 for part in parts if WORD.fullmatch(part)}
    return found if len(found) >= NAMES else {}


def counted(lists: Iterable[Mapping[str, float]]) -> np.ndarray:
    """How often each sign follows two others, (27, 27, 27); each list has a sum of one a word's end."""
    counts = np.zeros((EDGE + 1,) * 3)
    for one in lists:
        total = sum(one.values())
        for word, weight in one.items():
            signs = [EDGE, EDGE, *(LETTERS.index(sign) for sign in word), EDGE]
            for trigram in zip(signs, signs[1:], signs[2:], strict=False):
                counts[trigram] += weight / total
    return counts


def smoothed(counts: np.ndarray) -> np.ndarray:
    """The probability of each sign after two others; where these are rare, what follows the second alone."""
    counts = counts / counts.sum()
    pairs = counts.sum(axis=0)
    single = pairs.sum(axis=0) + 1e-6
    after_one = pairs + TRUST[1] * single / single.sum()
    after_one /= after_one.sum(axis=1, keepdims=True)
    after_two = counts + TRUST[0] * after_one
    return after_two / after_two.sum(axis=2, keepdims=True)


def make(path: Path = TRIGRAMS) -> None:
    """Count, and write the table and its card."""
    languages = {one: found for one in sorted(wordfreq.available_languages("small")) if (found := words(one))}
    people = faker.providers.person.__path__
    countries = {
        one.name: found for one in pkgutil.iter_modules(people) if one.ispkg and (found := names(one.name))
    }
    of_words, of_names = (counted(every.values()) for every in (languages, countries))
    of_words, of_names = of_words / of_words.sum(), of_names / of_names.sum()
    table = smoothed((1 - SHARE_OF_NAMES) * of_words + SHARE_OF_NAMES * of_names)
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
    argparse.ArgumentParser(
        prog="python -m training.tools.trigrams", description=__doc__.splitlines()[0]
    ).parse_args()
    make()


if __name__ == "__main__":
    main()
