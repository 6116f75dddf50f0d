"""Find ink and make glyphs: RGBA uint8 (H, W, 4) in, ink float32 (H, W) and glyphs float32 (28, 28) out."""
