"""Training loops, losses, checkpoints, and the calibration that goes into a model card."""
