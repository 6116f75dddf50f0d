"""From logits to answers: calibrated probabilities, acceptance, CTC lines, context, explanations."""
