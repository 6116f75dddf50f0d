"""How a loaded network is run for several callers at once."""

import threading
import time

import numpy as np

from recognizer.models.engines import BATCH_SIZE, warmed_up


def test_a_character_waits_for_one_batch_of_a_page_and_not_for_the_page():
    batches, reading = [], threading.Event()

    def forward(glyphs: np.ndarray) -> list[np.ndarray]:
        if len(glyphs) == BATCH_SIZE:
            reading.set()
            time.sleep(0.1)
        batches.append(len(glyphs))
        return [np.zeros((len(glyphs), 3), np.float32), np.zeros((len(glyphs), 5), np.float32)]

    model = warmed_up("test", {"input_shape": [28, 28, 1]}, "keras", forward)
    page = threading.Thread(target=model.logits, args=(np.zeros((8 * BATCH_SIZE, 28, 28)),))
    page.start()
    assert reading.wait(10)
    assert model.logits(np.zeros((1, 28, 28))).shape == (1, 3)
    assert batches.count(BATCH_SIZE) <= 2
    page.join()
    assert batches.count(BATCH_SIZE) == 8
