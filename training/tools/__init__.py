"""Maintenance commands: promote trained weights, export models, study baselines, count trigrams."""
