"""Every exception that this library raises on purpose. Each message says what is wrong and what to do."""


class ScrawlError(Exception):
    """The base of all exceptions below."""


class ImageError(ScrawlError):
    """The picture cannot be read; the message says why and what to do."""


class ModelError(ScrawlError, ValueError):
    """No such model, its card or weights cannot be read, or are not what they should be."""


class NotPlainError(ScrawlError, ValueError):
    """The file is none that Keras wrote, or holds more than an architecture and numbers."""


class CorrectionError(ScrawlError):
    """A correction cannot be kept, found or taken in; the message says why and what to do."""


class StoreError(CorrectionError):
    """The database cannot be opened, or does not answer; the message is for whoever runs it."""


class SourceError(ScrawlError):
    """There is no such source, or nothing to reach it with; the message says which."""


class TableError(ScrawlError):
    """The table cannot be written there; the message says why and what to do."""
