"""The app under load: browser-like sessions that draw at once, and what became of every answer.

    python -m tests.load                                 30 sessions, 10,000 characters without a pause
    python -m tests.load --pause 2 --recognitions 2000   as fast as people may: two seconds between them

A session speaks Streamlit's own protocol. It draws characters of wild/strokes62, each another and somewhere
else, stroke by stroke; a third of the sessions reads digits, letters and both. An answer is right where
label, the five probabilities and the picture of the glyph are what the library gives for the same strokes.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence

import numpy as np

from tests.load.crowd import LOST, RIGHT, WRONG, crowd
from tests.load.drawings import MODELS, Drawn, of_many_people, owed
from tests.load.server import App, started

SESSIONS, RECOGNITIONS = 30, 10_000
SETTLED = 1_000  # recognitions: memory is compared with what it was then


def prepared(sessions: int, recognitions: int) -> list[list[Drawn]]:
    """The drawings of each session."""
    characters, models = of_many_people(seed=0), list(MODELS)
    each: list[list[Drawn]] = [[] for _ in range(sessions)]
    for number in range(recognitions):
        session = number % sessions
        each[session].append(owed(*next(characters), models[session % len(models)]))
    return each


def measure(app: App, each: Sequence[Sequence[Drawn]], pause: float) -> bool:
    """Let the sessions draw, and say what came of it; gives whether every answer was right."""
    total, memory = sum(map(len, each)), {0: app.memory()}

    def counted(answers: int) -> None:
        if answers % SETTLED == 0 or answers == total:
            memory[answers] = app.memory()
            print(f"{answers:,} answers: {memory[answers]:.0f} MB", flush=True)

    tally = asyncio.run(crowd(app.address, each, pause, counted))
    print(f"all sessions had the page after {tally.start:.1f} s; models loaded: {_times(app)}")
    print(f"sessions held from the first answer to the last: {tally.held} of {len(each)}")
    print(", ".join(f"{verdict} {tally.verdicts[verdict]:,}" for verdict in (RIGHT, WRONG, LOST)))
    if tally.seconds:
        middle, late = np.percentile(tally.seconds, (50, 95))
        print(f"pen lift to answer: median {middle:.2f} s, 95th percentile {late:.2f} s, all right ones")
    print(f"{total / tally.drawing:.0f} answers a second")
    if total > SETTLED:
        print(f"memory after {total:,} over {SETTLED:,}: {memory[total] - memory[SETTLED]:+.0f} MB")
    return tally.verdicts[RIGHT] == total


def _times(app: App) -> str:
    return ", ".join(f"{name} {times} x" for name, times in sorted(app.loads().items()))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=SESSIONS)
    parser.add_argument("--recognitions", type=int, default=RECOGNITIONS, help="in all sessions together")
    parser.add_argument("--pause", type=float, default=0, help="seconds before each drawing, on average")
    args = parser.parse_args()
    each = prepared(args.sessions, args.recognitions)
    with started() as app:
        sys.exit(not measure(app, each, args.pause))


if __name__ == "__main__":
    main()
