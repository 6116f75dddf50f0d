"""Decode and export: files, arrays or strokes in, RGBA uint8 (H, W, 4) out; readings in, CSV, JSON or PNG."""
