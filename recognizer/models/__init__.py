"""Networks and their cards: read from weights/, verified, and run by Keras or LiteRT."""
