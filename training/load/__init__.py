"""Many browsers at once on one app: `python -m training.load` (training/load/__main__.py)."""
