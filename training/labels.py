"""The labels that networks say, in the order of their outputs."""

from string import ascii_lowercase, ascii_uppercase, digits

NOTHING = ""  # the class of what is no character
DIGITS = tuple(digits)
LETTERS = tuple(ascii_lowercase)  # case merged, named as EMNIST's label files order them
ALPHANUMERIC = tuple(digits + ascii_uppercase + ascii_lowercase)  # the order of EMNIST ByClass
OR_NOTHING = (*ALPHANUMERIC, NOTHING)
OR_NO_LETTER = (NOTHING, *LETTERS)  # EMNIST's labels of letters begin at 1; 0 says "not a letter"
