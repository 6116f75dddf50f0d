"""The suites of `python -m training.evaluate`, one module each, and what they share."""
