"""Adds corrections number FIRST to LAST - 1 to a database; says each number when it is kept, then rests.

    python -m tests.corrections_writer URL SESSION FIRST LAST SECONDS

`tests/recognizer/personalization/test_store.py` kills it at any moment and starts it again where it stopped.
"""

import sys
import time

import numpy as np

from recognizer.personalization.archive import Correction
from recognizer.personalization.store import Corrections

url, session, first, last, pause = sys.argv[1:]
kept = Corrections(url)
for number in range(int(first), int(last)):
    glyph = np.full((28, 28), number % 256, np.uint8)
    glyph[0, :2] = 0, 255
    kept.add(Correction(session, glyph, str(number % 10), key=f"{session}-{number}"))
    print(number, flush=True)
    time.sleep(float(pause))
