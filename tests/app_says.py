"""The app of the folder that this is started in, run without a browser: what its pages say, as JSON.

    python -m tests.app_says '[{"model": "Digits", "draw": "7"}, {"page": "pages/compare.py"}]'

Each step is a run in one session: another page first where it names one; then the rest is put where its
widgets and the canvas would put it.
"""

import base64
import io
import json
import logging
import sys
from pathlib import Path

from PIL import Image
from streamlit.testing.v1 import AppTest

from tests.characters import picture

SECONDS = 60  # the first run in a process loads TensorFlow


def canvas(character: str) -> dict:
    """What the canvas gives where a character is drawn on it."""
    file = io.BytesIO()
    Image.fromarray(picture(character)).convert("RGBA").save(file, "PNG")
    data = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    return {"drawing": {"raw": {"objects": []}, "data": data}, "backgroundFit": None}


def said(app: AppTest) -> dict[str, list[str]]:
    """What stands on the page."""
    kinds = ("error", "info", "warning", "toast", "title", "markdown")
    found = {kind: [str(one.value) for one in getattr(app, kind)] for kind in kinds}
    return found | {
        "exception": [one.message for one in app.exception],
        "tables": [one.value.to_csv(index=False) for one in app.dataframe],
        "buttons": [str(one.key) for one in app.button],
    }


def main() -> None:
    app = AppTest.from_file(str(Path("app.py").resolve()), default_timeout=SECONDS)
    answers = []
    for step in json.loads(sys.argv[1]):
        if "page" in step:
            app.run()
            app.switch_page(step.pop("page"))
        if "draw" in step:
            step["drawing"] = canvas(step.pop("draw"))
        for key, value in step.items():
            app.session_state[key] = value
        answers.append(said(app.run()))
    print(json.dumps(answers))


if __name__ == "__main__":
    logging.getLogger("streamlit").setLevel("ERROR")  # no browser, no cookies: it says so many times
    main()
