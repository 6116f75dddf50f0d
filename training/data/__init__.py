"""Data sets and what is sampled from them: training rows, sample pools and test sets."""
