"""Find lines: a page's ink float32 (H, W) in, its lines in reading order as strips float32 (h, w) out."""
