"""Tests in a real Chromium."""

SECONDS = 120_000  # ms, as Playwright counts: the longest wait for what must happen
