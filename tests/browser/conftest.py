import os

import pytest

from training.tools.browser import find_chromium


@pytest.fixture(scope="session")
def needs_chromium():
    if not find_chromium():
        if os.environ.get("SCRAWL_NO_SKIPS"):
            pytest.fail("no Chromium is installed, and the browser tests must run here")
        pytest.skip("needs a Chromium: install your system's package chromium")
