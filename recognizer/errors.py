"""Every exception that this library raises on purpose. Each message says what is wrong and what to do."""


class ScrawlError(Exception):
    """The base class of all exceptions below."""


class ImageError(ScrawlError):
    """The picture cannot be read."""


class ModelError(ScrawlError, ValueError):
    """A model is missing or damaged, or cannot do what was asked: a label, or a limit on errors."""


class NotPlainError(ScrawlError, ValueError):
    """The .keras file was not written by Keras, or holds more than an architecture and numbers."""


class CorrectionError(ScrawlError):
    """A correction cannot be stored, found or imported."""


class StoreError(CorrectionError):
    """The database cannot be opened or does not answer; the message is for the person who runs it."""


class SourceError(ScrawlError):
    """A source of pictures does not exist, cannot be reached, or holds no picture."""


class TableError(ScrawlError):
    """The table cannot be written to the path."""
