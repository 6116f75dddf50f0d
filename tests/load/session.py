"""One browser: a session of the app, spoken to as Streamlit's page speaks to it.

The page sends all widgets' states whenever one changes, and gets what stands on it as deltas, each with its
place. Which request a run answers is not said, and requests that come while one runs become one: so a
session knows its answers by what they show.
"""

import asyncio
import io
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
from PIL import Image
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.load.drawings import Answer, canvas_state

LARGEST = 2**24  # bytes of a message from the app
SIDE = 28  # pixels of a glyph
HEADING, CANVAS, MODEL = "# ", "drawing", "model"
ENDED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


@dataclass
class Page:
    """What one run has put on the page."""

    blocks: dict[tuple[int, ...], str] = field(default_factory=dict)  # by path: the key
    elements: dict[tuple[int, ...], ForwardMsg] = field(default_factory=dict)

    def take(self, message: ForwardMsg) -> None:
        """Put a delta in its place."""
        path, delta = tuple(message.metadata.delta_path), message.delta
        if delta.WhichOneof("type") == "add_block":
            self.blocks[path] = _key(delta.add_block.id)
        elif delta.WhichOneof("type") == "new_element":
            self.elements[path] = message

    def within(self, key: str) -> list[ForwardMsg]:
        """The elements of the container with this key, in order."""
        paths = [path for path, known in self.blocks.items() if known == key]
        found = [(at, one) for at, one in self.elements.items() if any(at[: len(p)] == p for p in paths)]
        return [one for _, one in sorted(found, key=lambda pair: pair[0])]


def _key(widget_id: str) -> str:
    """The key that a program gave: the id ends with it."""
    return widget_id.split("-", 2)[-1] if widget_id.startswith("$$ID-") else ""


class Session:
    """A browser's tab with the Draw page; `opened` makes one."""

    def __init__(self, socket: ClientConnection, address: str):
        self._socket, self._address = socket, address
        self._ids: dict[str, str] = {}  # of the widgets, by key
        self._chosen: dict[str, str] = {}  # what the segmented controls say, by key
        self._fragment = ""
        self._script = ""

    async def start(self) -> None:
        """The first run of the page, which says what its widgets are called.

        Raises:
            RuntimeError: it has no canvas.
        """
        await self._send(BackMsg(rerun_script={"context_info": {"url": self._address}}))
        page = await self.page()
        for message in page.elements.values():
            element = message.delta.new_element
            kind = element.WhichOneof("type")
            if kind == "bidi_component":
                self._ids[_key(element.bidi_component.id)] = element.bidi_component.id
                self._fragment, self._script = message.delta.fragment_id, message.metadata.active_script_hash
            elif kind == "button_group":
                group = element.button_group
                self._ids[_key(group.id)] = group.id
                self._chosen[_key(group.id)] = group.options[group.default[0]].content
        if CANVAS not in self._ids:
            raise RuntimeError(f"no canvas on the page, but {sorted(self._ids)}")

    def choose(self, model: str) -> None:
        """What the next drawings are read as."""
        self._chosen[MODEL] = model

    async def draw(self, state: str) -> None:
        """Send what the canvas sends when the pen lifts."""
        asked = BackMsg()
        asked.rerun_script.fragment_id = self._fragment
        asked.rerun_script.page_script_hash = self._script
        asked.rerun_script.context_info.url = self._address
        for key, label in self._chosen.items():
            asked.rerun_script.widget_states.widgets.add(id=self._ids[key]).string_array_value.data.append(
                label
            )
        asked.rerun_script.widget_states.widgets.add(id=self._ids[CANVAS], json_value=state)
        await self._send(asked)

    async def clear(self) -> None:
        """Empty the canvas, and wait until the page shows that."""
        await self.draw(canvas_state([], 1))
        while (await self.page()).within("alternatives"):
            pass

    async def page(self) -> Page:
        """What stands on the page when the next run has ended that was not broken off for another."""
        page = Page()
        async for raw in self._socket:
            message = ForwardMsg.FromString(raw)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                page = Page()
            elif kind == "delta":
                page.take(message)
            elif kind == "script_finished" and message.script_finished in ENDED:
                return page
        raise ConnectionError("the app closed the connection")

    async def answer(self, page: Page) -> Answer | None:
        """The answer that stands there; None where its picture was replaced before it could be fetched."""
        headings = [
            one.delta.new_element.markdown.body
            for one in page.within("reading")
            if one.delta.new_element.markdown.body.startswith(HEADING)
        ]
        bars = [one.delta.new_element.progress.text for one in page.within("alternatives")]
        pictures = [image.url for one in page.within("glyph") for image in one.delta.new_element.imgs.imgs]
        if not pictures:
            return Answer(headings[0].removeprefix(HEADING) if headings else "")
        alternatives = [bar.replace("*", "").partition(" · ") for bar in bars]
        glyph = await asyncio.to_thread(self._glyph, pictures[0])
        if glyph is None:
            return None
        return Answer(
            headings[0].removeprefix(HEADING) if headings else "",
            tuple((label, share) for label, _, share in alternatives),
            glyph,
        )

    def _glyph(self, url: str) -> np.ndarray | None:
        """The picture of what the model saw, one pixel for each of its own."""
        try:
            with urllib.request.urlopen(self._address + url, timeout=30) as answer:
                enlarged = np.asarray(Image.open(io.BytesIO(answer.read())).convert("L"))
        except urllib.error.HTTPError:
            return None
        except urllib.error.URLError as error:
            raise ConnectionError("the app is gone") from error
        step = len(enlarged) // SIDE
        return enlarged[step // 2 :: step, step // 2 :: step]

    async def _send(self, message: BackMsg) -> None:
        await self._socket.send(message.SerializeToString())


@asynccontextmanager
async def opened(address: str) -> AsyncIterator[Session]:
    """Connect as a page of the app's own origin does."""
    async with connect(
        address.replace("http", "ws", 1) + "/_stcore/stream",
        origin=Origin(address),
        subprotocols=[Subprotocol("streamlit")],
        max_size=LARGEST,
        open_timeout=60,
        ping_interval=None,  # a browser sends none
    ) as socket:
        yield Session(socket, address)
