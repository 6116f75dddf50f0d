"""Many browsers at once on one app: `python -m tests.load` (tests/load/__main__.py)."""
