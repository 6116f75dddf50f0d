"""Sessions that all draw at once, and what became of their answers."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from websockets.exceptions import ConnectionClosed

from tests.load.drawings import Answer, Drawn
from tests.load.session import Session, opened

PATIENCE = 60  # seconds: an answer that has not come by then is lost
BETWEEN = 0.3  # seconds from stroke to stroke of a character, at most: often less than a run takes
RIGHT, WRONG, LOST = "right", "wrong", "lost"


@dataclass
class Tally:
    """What became of the answers, and how long the right ones took."""

    verdicts: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)  # from the last stroke's lift to the answer
    start: float = 0  # seconds until all sessions had the page
    drawing: float = 0  # seconds from then to the last answer
    held: int = 0  # sessions that were open from the first to the last answer

    def add(self, verdict: str, seconds: float) -> int:
        """Count an answer; gives how many there are now."""
        self.verdicts[verdict] += 1
        if verdict == RIGHT:
            self.seconds.append(seconds)
        return self.verdicts.total()


async def crowd(
    address: str,
    each: Sequence[Sequence[Drawn]],
    pause: float = 0,
    counted: Callable[[int], object] = lambda answers: None,
) -> Tally:
    """Open a session for each list of drawings, all at once; each draws, waits for its answer, and so on.

    Args:
        address: of the app, http://HOST:PORT.
        each: the drawings of each session.
        pause: seconds from an answer to the next drawing, on average.
        counted: is told the number of answers so far, after each.

    Raises:
        ConnectionClosed: a session was not even let in, or thrown out before it could draw.
    """
    tally, begin = Tally(), time.perf_counter()
    async with AsyncExitStack() as open_until_the_end:
        enter = (open_until_the_end.enter_async_context(opened(address)) for _ in each)
        sessions = await asyncio.gather(*enter)
        await asyncio.gather(*(session.start() for session in sessions))
        ready = time.perf_counter()
        pairs = zip(sessions, each, strict=True)
        held = await asyncio.gather(*(_draws(one, mine, pause, tally, counted) for one, mine in pairs))
    tally.start, tally.drawing, tally.held = ready - begin, time.perf_counter() - ready, sum(held)
    return tally


async def _draws(
    session: Session, drawings: Sequence[Drawn], pause: float, tally: Tally, counted: Callable[[int], object]
) -> bool:
    """One session; gives whether it was held to the end."""
    for number, drawn in enumerate(drawings):
        try:
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))
            counted(tally.add(*await one(session, drawn)))
        except (ConnectionClosed, ConnectionError):
            for _ in drawings[number:]:
                counted(tally.add(LOST, 0))
            return False
    return True


async def one(session: Session, drawn: Drawn) -> tuple[str, float]:
    """Draw a character on the empty canvas, stroke by stroke, and empty it; gives the verdict and seconds."""
    session.choose(drawn.model)
    for count in range(1, len(drawn.strokes)):
        await session.draw(drawn.state(count))
        await asyncio.sleep(random.uniform(0, BETWEEN))
    whole = drawn.state(len(drawn.strokes))
    lifted = time.perf_counter()
    try:
        async with asyncio.timeout(PATIENCE):
            await session.draw(whole)
            verdict, answered = await _verdict(session, drawn.answers)
            await session.clear()
    except TimeoutError:
        return LOST, PATIENCE
    return verdict, answered - lifted


async def _verdict(session: Session, owed: Sequence[Answer]) -> tuple[str, float]:
    """Wait for the last answer; those of the strokes before may come, any other is wrong."""
    while True:
        page = await session.page()
        answered = time.perf_counter()
        answer = await session.answer(page)
        if answer is None:
            continue
        if answer.same(owed[-1]):
            return RIGHT, answered
        if not any(answer.same(known) for known in (Answer(), *owed[:-1])):
            return WRONG, answered
