"""Every error that Footnote raises on purpose; each message says what to do next.

    FootnoteError
    ├── LibraryError            the library itself
    │   ├── LibraryMissing      there is none at that place
    │   ├── LibraryBusy         another process is indexing it
    │   ├── LibraryMismatch     it was made with another model or other settings
    │   └── LibraryDamaged      it cannot be read, or the disk refused
    ├── ArticleUnknown          no article of that id
    ├── ReadingError            one file cannot be read as an article
    ├── ModelError              a model, for embedding, reading or chat, is missing or unusable
    └── UsageError              a value that the caller gave is wrong

Errors of other libraries are mapped to these at the module that borders on them.
"""


class FootnoteError(Exception):
    """The root; the command line prints its message and exits with status 1."""


class LibraryError(FootnoteError):
    """Something is wrong with a library."""


class LibraryMissing(LibraryError):
    """There is no library at the given place."""


class LibraryBusy(LibraryError):
    """Another process holds the library's lock for writing."""


class LibraryMismatch(LibraryError):
    """The library was made with another embedding model or with other settings."""


class LibraryDamaged(LibraryError):
    """The library's files cannot be read or written."""


class ArticleUnknown(FootnoteError):
    """No article in the library has the given id."""


class ReadingError(FootnoteError):
    """A file, or a line of one, cannot be read as an article."""


class ModelError(FootnoteError):
    """A model is missing, or cannot be used."""


class UsageError(FootnoteError):
    """A value that the caller gave is wrong; the command line exits with status 2."""
