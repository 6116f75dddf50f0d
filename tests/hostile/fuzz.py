"""Damaged files of every kind, read one after the other: nothing may crash, hang, or fill the memory.

    python -m tests.hostile.fuzz [--mutations N] [--seed N]     10,000 of them, a table for the README
    python -m tests.hostile.fuzz --only NUMBER [--seed N]       one of them again

A crash is a process that died, or another exception than ImageError; a hang, a call that took more than two
seconds of a processor. What goes wrong is told with its number, and the file is kept.
"""

import argparse
import contextlib
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from tqdm import tqdm

from tests.hostile.mutations import mutation
from tests.hostile.watched import GOOD, Outcome, Watched

MUTATIONS = 10_000
HEAD = "| kind | mutations tried | read | refused | crashes | hangs | longest call | memory |"


def outcomes(
    watched: Watched, seed: int, numbers: Iterable[int], folder: Path, **job
) -> dict[str, list[Outcome]]:
    """Read mutations and say what became of them, by kind of file; what went wrong is told and kept.

    Args:
        watched: reads them.
        seed: of the mutations.
        numbers: which of them.
        folder: where files are kept that went wrong.
        job: more of `Watched.tried`.
    """
    found: dict[str, list[Outcome]] = defaultdict(list)
    for number in numbers:
        damaged = mutation(seed, number)
        outcome = watched.tried(seed=seed, number=number, **job)
        found[damaged.kind].append(outcome)
        if outcome.fault:
            path = folder / f"{seed}-{number}.{damaged.kind.lower()}"
            path.write_bytes(damaged.raw)
            print(
                f"{outcome.fault}: seed {seed}, number {number}, {damaged.kind} ({damaged.how}): {path}\n"
                f"{outcome}",
                file=sys.stderr,
            )
    return dict(found)


def table(found: dict[str, list[Outcome]]) -> list[str]:
    """Lines of Markdown, one a kind and one for all."""
    everything = {**found, "all": [outcome for some in found.values() for outcome in some]}
    return [HEAD, "|---" * HEAD.count(" |") + "|", *(_row(kind, some) for kind, some in everything.items())]


def _row(kind: str, some: list[Outcome]) -> str:
    said, faults = [outcome.said for outcome in some], [outcome.fault for outcome in some]
    counts = [len(some), *(said.count(one) for one in GOOD)]
    counts += [faults.count("crash") + faults.count("error"), faults.count("hang")]
    longest = f"{max(outcome.seconds for outcome in some):.2f} s"
    most = f"{max(outcome.megabytes for outcome in some):.0f} MB"
    return f"| {' | '.join([kind, *(f'{count:,}' for count in counts), longest, most])} |"


def main() -> int:
    """The command; its exit status says whether anything went wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mutations", type=int, default=MUTATIONS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, metavar="NUMBER")
    chosen = parser.parse_args()
    numbers = range(chosen.mutations) if chosen.only is None else [chosen.only]
    folder = Path(tempfile.mkdtemp(prefix="hostile-"))
    with contextlib.closing(Watched()) as watched:
        found = outcomes(watched, chosen.seed, tqdm(numbers, unit="file", mininterval=10), folder)
    print("\n".join(table(found)))
    wrong = any(outcome.fault for some in found.values() for outcome in some)
    if not wrong:
        folder.rmdir()
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
