"""Synthetic training samples: augmentation, allographs, stroke templates, negatives and text lines."""
