"""Run the app in the working directory without a browser, and print what its pages show as JSON.

    python -m tests.app_says '[{"model": "Digits", "draw": "7"}, {"page": "pages/compare.py"}]'

Each step is a run of the same session. It first switches to the `page` if it names one; the other entries are
set as the widgets and the canvas would set them.
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
    """The state of the canvas after a character was drawn."""
    file = io.BytesIO()
    Image.fromarray(picture(character)).convert("RGBA").save(file, "PNG")
    data = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    return {"drawing": {"raw": {"objects": []}, "data": data}, "backgroundFit": None}


def shown(app: AppTest) -> dict[str, list[str]]:
    """What is on the page, by kind."""
    kinds = ("error", "info", "warning", "toast", "title", "markdown")
    texts = {kind: [str(element.value) for element in getattr(app, kind)] for kind in kinds}
    return texts | {
        "exception": [element.message for element in app.exception],
        "tables": [element.value.to_csv(index=False) for element in app.dataframe],
        "buttons": [str(element.key) for element in app.button],
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
        answers.append(shown(app.run()))
    print(json.dumps(answers))


if __name__ == "__main__":
    logging.getLogger("streamlit").setLevel("ERROR")  # else it warns many times that there is no browser
    main()
