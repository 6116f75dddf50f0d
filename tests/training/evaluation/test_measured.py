from training.evaluation.measured import MEASURED, replace_section


def test_a_section_is_replaced():
    text = "a\n<!-- zoo -->\nold\n<!-- end of zoo -->\nb"
    assert replace_section(text, "zoo", "new\n") == "a\n<!-- zoo -->\nnew\n<!-- end of zoo -->\nb"


def test_the_document_has_a_section_for_every_suite_that_writes_one():
    text = MEASURED.read_text()
    for name in ("characters", "zoo", "pages", "lines", "calibration", "writers"):
        assert text.count(f"<!-- {name} -->\n") == text.count(f"<!-- end of {name} -->") == 1
