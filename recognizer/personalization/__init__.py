"""A person's corrections: stored, exported and imported, and used to adapt a classifier without training."""
