"""Network architectures in Keras, and the PyTorch module that trains one of them faster."""
