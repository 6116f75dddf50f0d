"""The class labels of the networks, in output order."""

from string import ascii_lowercase, ascii_uppercase, digits

NEGATIVE = ""  # the class of negatives: pictures that show no character
DIGITS = tuple(digits)
LETTERS = tuple(ascii_lowercase)  # case merged, named as in EMNIST's label files
ALPHANUMERIC = tuple(digits + ascii_uppercase + ascii_lowercase)  # in the order of EMNIST ByClass
ALPHANUMERIC_AND_NEGATIVE = (*ALPHANUMERIC, NEGATIVE)
NEGATIVE_AND_LETTERS = (NEGATIVE, *LETTERS)  # EMNIST numbers letters from 1; here 0 means "not a letter"
