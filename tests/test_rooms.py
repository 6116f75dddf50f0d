"""The rooms of each package: an import goes to the same room or to one above it, never below."""

import ast
from pathlib import Path

import pytest

from training.tools.browser import ROOT

# from the top of docs/how_it_works.md down; modules beside the rooms are "": every room may import them
ROOMS = {
    "recognizer": ["io", "preprocessing", "layout", "models", "decoding", "personalization", "batch"],
    "training": ["synthesis", "data", "models", "engine", "tools", "evaluation"],
}
# they string the rooms together, so no room imports them at run time
ABOVE_ALL = {
    "recognizer": {"recognizer", "__main__"},
    "training": {"train", "evaluate", "reproduce", "benchmark"},
}


def imported(path: Path) -> list[str]:
    """The modules that a file imports at run time."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    found = []
    for node in ast.walk(tree):
        if node in typing_only:
            continue
        if isinstance(node, ast.ImportFrom):
            found += [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
        elif isinstance(node, ast.Import):
            found += [one.name for one in node.names]
    return found


@pytest.mark.parametrize("package", ROOMS)
def test_imports_never_go_down(package):
    rooms, wrong = ROOMS[package], []
    for path in sorted((ROOT / package).glob("*/*.py")):
        room = path.parent.name
        for module in imported(path):
            first, *rest = module.split(".")
            if first != package or not rest:
                continue
            below = rest[0] in rooms and rooms.index(rest[0]) > rooms.index(room)
            if below or (rest[0] in ABOVE_ALL[package] and room != "batch"):
                wrong.append(f"{path.relative_to(ROOT)} imports {module}")
    assert not wrong


def test_every_folder_is_a_room():
    for package, rooms in ROOMS.items():
        folders = {path.parent.name for path in (ROOT / package).glob("*/*.py")}
        assert folders == set(rooms)


def test_recognizer_needs_neither_streamlit_nor_training():
    files = [*(ROOT / "recognizer").rglob("*.py")]
    assert len(files) > 30
    for path in files:
        roots = {module.split(".")[0] for module in imported(path)}
        assert not roots & {"streamlit", "training", "pages", "tests"}, path


def test_pages_touch_no_model_no_opencv_and_no_training():
    files = [*(ROOT / "pages").glob("*.py"), ROOT / "app.py"]
    assert len(files) > 8
    for path in files:
        roots = {module.split(".")[0] for module in imported(path)}
        assert not roots & {"training", "cv2", "tensorflow", "keras", "tests"}, path


def test_no_python_file_has_over_300_lines():
    files = [
        path for name in ("recognizer", "training", "pages", "tests") for path in (ROOT / name).rglob("*.py")
    ]
    assert len(files) > 150
    assert not [path for path in files if len(path.read_text(encoding="utf-8").splitlines()) > 300]
