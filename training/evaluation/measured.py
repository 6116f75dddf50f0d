"""docs/measured.md: each suite replaces its own section."""

from pathlib import Path

MEASURED = Path(__file__).resolve().parents[2] / "docs" / "measured.md"


def write_section(name: str, content: str) -> None:
    """Replace the section of a suite in docs/measured.md."""
    MEASURED.write_text(replace_section(MEASURED.read_text(), name, content))


def replace_section(text: str, name: str, content: str) -> str:
    """Replace what is between the lines <!-- name --> and <!-- end of name -->.

    Args:
        text: of the whole document.
        name: of the section.
        content: of the section, ending with a newline.
    """
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    before, rest = text.split(begin)
    _, after = rest.split(end)
    return before + begin + content + end + after
