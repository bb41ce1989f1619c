"""The catalog: one SQLite file that is the source of truth for a library; all SQL lives here.

It holds each article's canonical text, its sentences and passages by their places, a full-text
index over the passages (FTS5), the files that articles came from, and what makes indexing safe to
interrupt: an article is ``pending`` until its vectors are in place, a passage that was deleted stays
in `doomed` until its vector is gone too, and one setting tells which version of the vectors is read.

The full-text index stores no text of its own: it reads the passages through a view that slices the
articles, so there is one copy of every sentence.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from vectorstore.errors import ArticleUnknown, LibraryDamaged, LibraryMissing
from vectorstore.values import Article, Passage, Sentence, StoredArticle

FILE_NAME = "catalog.sqlite"
SCHEMA_VERSION = 1
READY_ONLY = "a.state = 'ready'"

_SCHEMA = """
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE articles (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, published TEXT, source TEXT,
    text TEXT NOT NULL, content_hash TEXT NOT NULL, fingerprint TEXT NOT NULL, signature BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'ready')));
CREATE INDEX articles_by_content ON articles (content_hash);
CREATE INDEX articles_pending ON articles (state) WHERE state = 'pending';
CREATE TABLE sentences (
    article INTEGER NOT NULL REFERENCES articles ON DELETE CASCADE, ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, PRIMARY KEY (article, ordinal)) WITHOUT ROWID;
CREATE TABLE passages (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    article INTEGER NOT NULL REFERENCES articles ON DELETE CASCADE,
    first INTEGER NOT NULL, last INTEGER NOT NULL);
CREATE INDEX passages_by_article ON passages (article);
CREATE TABLE doomed (passage TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE files (path TEXT PRIMARY KEY, hash TEXT) WITHOUT ROWID;
CREATE TABLE origins (
    path TEXT NOT NULL REFERENCES files ON DELETE CASCADE, given_id TEXT NOT NULL,
    article TEXT NOT NULL, PRIMARY KEY (path, given_id)) WITHOUT ROWID;
CREATE INDEX origins_by_article ON origins (article);
CREATE VIEW passage_text AS
    SELECT p.number AS number, p.article AS article, a.title AS title,
           substr(a.text, f.start + 1, l."end" - f.start) AS body
    FROM passages p JOIN articles a ON a.number = p.article
    JOIN sentences f ON f.article = p.article AND f.ordinal = p.first
    JOIN sentences l ON l.article = p.article AND l.ordinal = p.last;
CREATE VIRTUAL TABLE words USING fts5(
    title, body, content='passage_text', content_rowid='number', tokenize='porter unicode61 remove_diacritics 2');
"""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which articles may answer: ISO dates, both included; sources by a part of their name; one article by its id."""

    since: str | None = None
    until: str | None = None
    source: str | None = None
    article: str | None = None

    def __bool__(self) -> bool:
        return bool(self.since or self.until or self.source or self.article)


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of `footnote list`: an article without its text."""

    id: str
    title: str
    published: str | None
    source: str | None
    sentences: int
    ready: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is in a catalog, and how much of it still waits for its vectors or their removal."""

    articles: int
    pending: int
    sentences: int
    passages: int
    doomed: int
    files: int


class Catalog:
    """Reads and writes one catalog file; safe to share between threads (a connection for each)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []

    @classmethod
    def open(cls, folder: Path) -> "Catalog":
        """Open the catalog of an existing library; raises LibraryMissing or LibraryDamaged."""
        path = folder / FILE_NAME
        if not path.is_file():
            raise LibraryMissing(f"No library at {folder}. Make one: footnote index PATH --library {folder}")
        catalog = cls(path)
        version = catalog.setting("schema_version")
        if version != str(SCHEMA_VERSION):
            raise LibraryDamaged(
                f"The library at {folder} has layout {version}; this version of footnote reads {SCHEMA_VERSION}. "
                "Index the articles into a new library: footnote index PATH --library NEW"
            )
        return catalog

    @classmethod
    def create(cls, folder: Path, settings: Mapping[str, str]) -> "Catalog":
        """Make a new catalog, whole or not at all: it appears under its name only when it is complete."""
        catalog = cls(folder / FILE_NAME)
        draft = folder / f"{FILE_NAME}.new"
        with _mapped(draft):
            folder.mkdir(parents=True, exist_ok=True)
            draft.unlink(missing_ok=True)
            with sqlite3.connect(draft) as connection:
                connection.executescript(_SCHEMA)
                rows = {**settings, "schema_version": str(SCHEMA_VERSION)}
                connection.executemany("INSERT INTO settings VALUES (?, ?)", rows.items())
            connection.close()
            draft.replace(catalog.path)
        return catalog

    def close(self) -> None:
        """Close every connection; the catalog must not be used afterwards."""
        for connection in self._connections:
            connection.close()

    # Settings

    def setting(self, key: str) -> str | None:
        """Return one remembered setting, or None."""
        row = self._one("SELECT value FROM settings WHERE key = ?", (key,))
        return None if row is None else str(row[0])

    def vectors_version(self) -> int:
        """Return the number of the version of the vectors that is to be read; 0 before there is one."""
        return int(self.setting("vectors") or 0)

    # Writing

    def put(
        self,
        article: Article,
        sentences: Sequence[Sentence],
        passages: Sequence[Passage],
        *,
        fingerprint: str,
        signature: bytes,
    ) -> None:
        """Store an article as pending, in the place of any of the same id, in one transaction."""
        with self._transaction() as connection:
            self._delete(connection, article.id)
            cursor = connection.execute(
                "INSERT INTO articles (id, title, published, source, text, content_hash, fingerprint, signature, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'pending')",
                (
                    article.id,
                    article.title,
                    article.published,
                    article.source,
                    article.text,
                    article.content_hash,
                    fingerprint,
                    signature,
                ),
            )
            number = cursor.lastrowid
            connection.executemany(
                "INSERT INTO sentences VALUES (?, ?, ?, ?)",
                [(number, s.ordinal, s.start, s.end) for s in sentences],
            )
            connection.executemany(
                "INSERT INTO passages (id, article, first, last) VALUES (?, ?, ?, ?)",
                [(p.id, number, p.first, p.last) for p in passages],
            )
            connection.execute(
                "INSERT INTO words (rowid, title, body) SELECT number, title, body FROM passage_text WHERE article = ?",
                (number,),
            )
            connection.executemany("DELETE FROM doomed WHERE passage = ?", [(p.id,) for p in passages])

    def publish(self, version: int, ready: Iterable[str], gone: Iterable[str]) -> None:
        """Point to a version of the vectors, let the articles answer that it holds, forget what it lost.

        `gone` are ids of doomed passages whose vectors it does not hold any more.
        """
        with self._transaction() as connection:
            self._point_to(connection, version)
            connection.executemany("UPDATE articles SET state = 'ready' WHERE id = ?", [(i,) for i in ready])
            connection.executemany("DELETE FROM doomed WHERE passage = ?", [(i,) for i in gone])

    def start_over(self, version: int, settings: Mapping[str, str]) -> None:
        """Take other settings and an empty version of the vectors; every article waits to be made again."""
        with self._transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO settings VALUES (?, ?)", settings.items())
            self._point_to(connection, version)
            connection.execute("UPDATE articles SET state = 'pending'")
            connection.execute("DELETE FROM doomed")
            connection.execute("INSERT INTO words (words) VALUES ('rebuild')")

    def remove(self, article_ids: Iterable[str]) -> None:
        """Forget articles and the files they came from; their vectors become doomed."""
        with self._transaction() as connection:
            for article_id in article_ids:
                self._delete(connection, article_id)
                connection.execute(
                    "UPDATE files SET hash = NULL WHERE path IN (SELECT path FROM origins WHERE article = ?)",
                    (article_id,),
                )
                connection.execute("DELETE FROM origins WHERE article = ?", (article_id,))

    def doomed(self) -> list[str]:
        """Return ids of deleted passages whose vectors may still exist."""
        return [row[0] for row in self._all("SELECT passage FROM doomed")]

    def _delete(self, connection: sqlite3.Connection, article_id: str) -> None:
        row = connection.execute("SELECT number FROM articles WHERE id = ?", (article_id,)).fetchone()
        if row is None:
            return
        connection.execute("INSERT OR IGNORE INTO doomed SELECT id FROM passages WHERE article = ?", row)
        # An external-content FTS5 table is told what to forget, before the text it was made of goes.
        connection.execute(
            "INSERT INTO words (words, rowid, title, body)"
            " SELECT 'delete', number, title, body FROM passage_text WHERE article = ?",
            row,
        )
        connection.execute("DELETE FROM articles WHERE number = ?", row)

    @staticmethod
    def _point_to(connection: sqlite3.Connection, version: int) -> None:
        connection.execute("INSERT OR REPLACE INTO settings VALUES ('vectors', ?)", (str(version),))

    # Where articles came from

    def file_hash(self, path: str) -> str | None:
        """Return the hash of a file as it was when all of its articles were last indexed."""
        row = self._one("SELECT hash FROM files WHERE path = ?", (path,))
        return None if row is None else row[0]

    def files(self) -> list[str]:
        """Return the path of every file that articles came from."""
        return [row[0] for row in self._all("SELECT path FROM files ORDER BY path")]

    def note_origin(self, path: str, given_id: str, article_id: str) -> list[str]:
        """Remember that a file holds an article, under the id that the file gives it.

        The article that it held under this id goes if no other file holds it; returns its id then.
        """
        with self._transaction() as connection:
            return self._note_origin(connection, path, given_id, article_id)

    def take_over(self, path: str, given_id: str, article_id: str) -> tuple[list[str], list[str]]:
        """Note an origin, and leave the article to this file alone.

        Returns the articles that go, as `note_origin` does, and the other files that held this one,
        to be read again.
        """
        with self._transaction() as connection:
            rows = connection.execute(
                "DELETE FROM origins WHERE article = ? AND path <> ? RETURNING path", (article_id, path)
            ).fetchall()
            connection.executemany("UPDATE files SET hash = NULL WHERE path = ?", rows)
            gone = self._note_origin(connection, path, given_id, article_id)
        return gone, sorted({row[0] for row in rows})

    def finish_file(self, path: str, file_hash: str) -> None:
        """Note that every article of a file is in the catalog."""
        with self._transaction() as connection:
            # Not REPLACE: it deletes the row, and with it by cascade what the file holds.
            connection.execute(
                "INSERT INTO files VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET hash = excluded.hash",
                (path, file_hash),
            )

    def origins(self, path: str) -> dict[str, str]:
        """Return what a file held: the id that it gave each article -> the id of the article."""
        return dict(self._all("SELECT given_id, article FROM origins WHERE path = ?", (path,)))

    def origins_of(self, article_id: str) -> list[str]:
        """Return the files that hold an article."""
        return [r[0] for r in self._all("SELECT DISTINCT path FROM origins WHERE article = ?", (article_id,))]

    def drop_origins(self, path: str, given_ids: Iterable[str] | None = None) -> list[str]:
        """Forget a file, or some of what it held, and the articles that no file holds then; returns their ids."""
        with self._transaction() as connection:
            if given_ids is None:
                rows = connection.execute("SELECT given_id FROM origins WHERE path = ?", (path,)).fetchall()
                given_ids = [row[0] for row in rows]
            gone = []
            for given_id in given_ids:
                rows = connection.execute(
                    "DELETE FROM origins WHERE path = ? AND given_id = ? RETURNING article", (path, given_id)
                ).fetchall()
                gone += self._delete_orphans(connection, rows)
            if not connection.execute("SELECT 1 FROM origins WHERE path = ?", (path,)).fetchone():
                connection.execute("DELETE FROM files WHERE path = ?", (path,))
        return gone

    def _note_origin(self, connection: sqlite3.Connection, path: str, given_id: str, article_id: str) -> list[str]:
        connection.execute("INSERT OR IGNORE INTO files VALUES (?, NULL)", (path,))
        before = connection.execute(
            "SELECT article FROM origins WHERE path = ? AND given_id = ? AND article <> ?", (path, given_id, article_id)
        ).fetchall()
        connection.execute("INSERT OR REPLACE INTO origins VALUES (?, ?, ?)", (path, given_id, article_id))
        return self._delete_orphans(connection, before)

    def _delete_orphans(self, connection: sqlite3.Connection, rows: Iterable[tuple[str]]) -> list[str]:
        """Delete those of some articles that no file holds, in the transaction that took them from their files.

        In one of its own, a process killed between the two would leave articles that no later run removes.
        """
        gone = []
        for (article_id,) in rows:
            if not connection.execute("SELECT 1 FROM origins WHERE article = ?", (article_id,)).fetchone():
                self._delete(connection, article_id)
                gone.append(article_id)
        return gone

    # Reading

    def fingerprint(self, article_id: str) -> str | None:
        """Return the fingerprint of an article's content and index settings, or None if unknown."""
        row = self._one("SELECT fingerprint FROM articles WHERE id = ?", (article_id,))
        return None if row is None else str(row[0])

    def same_content(self, article: Article) -> str | None:
        """Return the id of a stored article of the same title and text, if there is one."""
        row = self._one(
            "SELECT id FROM articles WHERE content_hash = ? AND title = ? ORDER BY number",
            (article.content_hash, article.title),
        )
        return None if row is None else str(row[0])

    def resolve(self, name: str) -> str:
        """Return the id of an article from its id, or from an id that a file gave a copy of it."""
        if self.fingerprint(name) is not None:
            return name
        row = self._one("SELECT article FROM origins WHERE given_id = ? ORDER BY path", (name,))
        if row is None:
            raise ArticleUnknown(f"No article {name!r} in this library. See what there is: footnote list")
        return str(row[0])

    def article(self, article_id: str) -> StoredArticle:
        """Return an article with its sentences; raises ArticleUnknown."""
        row = self._one("SELECT number, id, title, published, source, text FROM articles WHERE id = ?", (article_id,))
        if row is None:
            raise ArticleUnknown(f"No article {article_id!r} in this library. See what there is: footnote list")
        spans = self._all('SELECT ordinal, start, "end" FROM sentences WHERE article = ? ORDER BY ordinal', (row[0],))
        return StoredArticle(Article(*row[1:]), tuple(Sentence(article_id, *span) for span in spans))

    def passages_of(self, article_id: str) -> list[Passage]:
        """Return an article's passages in order."""
        rows = self._all(
            "SELECT p.id, a.id, p.first, p.last FROM passages p JOIN articles a ON a.number = p.article"
            " WHERE a.id = ? ORDER BY p.first, p.last",
            (article_id,),
        )
        return [Passage(*row) for row in rows]

    def passages_where(self, where: Filter) -> list[Passage]:
        """Return the passages of those ready articles that a filter lets answer."""
        condition, values = self._condition(where)
        rows = self._all(
            "SELECT p.id, a.id, p.first, p.last FROM passages p JOIN articles a ON a.number = p.article"
            f" WHERE {READY_ONLY}{condition} ORDER BY p.number",
            values,
        )
        return [Passage(*row) for row in rows]

    def passages(self, passage_ids: Sequence[str]) -> dict[str, Passage]:
        """Return those passages that belong to ready articles, by id."""
        marks = ",".join("?" * len(passage_ids))
        rows = self._all(
            "SELECT p.id, a.id, p.first, p.last FROM passages p JOIN articles a ON a.number = p.article"
            f" WHERE {READY_ONLY} AND p.id IN ({marks})",
            passage_ids,
        )
        return {row[0]: Passage(*row) for row in rows}

    def match(self, query: str, limit: int, where: Filter, title_weight: float) -> list[tuple[Passage, float]]:
        """Run an FTS5 query over ready articles; best first, scores are BM25 (higher is better)."""
        condition, values = self._condition(where)
        rows = self._all(
            "SELECT p.id, a.id, p.first, p.last, -bm25(words, ?, 1.0) AS score"
            " FROM words JOIN passages p ON p.number = words.rowid JOIN articles a ON a.number = p.article"
            f" WHERE words MATCH ? AND {READY_ONLY}{condition} ORDER BY score DESC, p.id LIMIT ?",
            (title_weight, query, *values, limit),
        )
        return [(Passage(*row[:4]), float(row[4])) for row in rows]

    def passage_count(self) -> int:
        """Return how many passages there are."""
        row = self._one("SELECT count(*) FROM passages")
        assert row is not None
        return int(row[0])

    def document_frequencies(self, words: Sequence[str]) -> dict[str, int]:
        """Return in how many passages each word, in any form that shares its stem, stands."""
        sql = "SELECT count(*) FROM words WHERE words MATCH ?"
        return {word: self._all(sql, (f'"{word.replace(chr(34), "")}"',))[0][0] for word in words}

    def mark_pending(self, passage_ids: Iterable[str]) -> None:
        """Let the articles of some passages wait for new vectors."""
        with self._transaction() as connection:
            connection.executemany(
                "UPDATE articles SET state = 'pending' WHERE number = (SELECT article FROM passages WHERE id = ?)",
                [(i,) for i in passage_ids],
            )

    def pending_passage_ids(self) -> list[str]:
        """Return the ids of all passages of pending articles."""
        return [
            row[0]
            for row in self._all(
                "SELECT p.id FROM passages p JOIN articles a ON a.number = p.article WHERE a.state = 'pending'"
            )
        ]

    def passage_ids(self) -> list[str]:
        """Return the ids of all passages of ready articles."""
        return [
            row[0]
            for row in self._all(
                f"SELECT p.id FROM passages p JOIN articles a ON a.number = p.article WHERE {READY_ONLY}"
            )
        ]

    def articles_matching(self, query: str) -> set[str]:
        """Return the ids of ready articles with a passage that an FTS5 query fits, unranked: ranking costs most."""
        rows = self._all(
            f"SELECT a.id FROM articles a WHERE {READY_ONLY} AND a.number IN"
            " (SELECT p.article FROM words JOIN passages p ON p.number = words.rowid WHERE words MATCH ?)",
            (query,),
        )
        return {row[0] for row in rows}

    def sources(self, part: str) -> list[str]:
        """Return every source whose name contains `part`, letter case aside."""
        rows = self._all("SELECT DISTINCT source FROM articles WHERE source IS NOT NULL ORDER BY source")
        return [row[0] for row in rows if part.casefold() in row[0].casefold()]

    def published(self, article_ids: Sequence[str]) -> dict[str, str | None]:
        """Return the dates of articles, by id."""
        marks = ",".join("?" * len(article_ids))
        return dict(self._all(f"SELECT id, published FROM articles WHERE id IN ({marks})", article_ids))

    def signatures(self, article_ids: Sequence[str]) -> dict[str, bytes]:
        """Return the near-duplicate signatures of articles, by id."""
        marks = ",".join("?" * len(article_ids))
        return dict(self._all(f"SELECT id, signature FROM articles WHERE id IN ({marks})", article_ids))

    def pending(self) -> list[str]:
        """Return the ids of articles that still wait for their vectors."""
        return [row[0] for row in self._all("SELECT id FROM articles WHERE state = 'pending' ORDER BY number")]

    def article_ids(self) -> Iterator[str]:
        """Yield every article's id, in the order of storing."""
        return iter([row[0] for row in self._all("SELECT id FROM articles ORDER BY number")])

    def listing(self) -> list[Listed]:
        """Return a line for every article, by date (undated last), then by id."""
        rows = self._all(
            "SELECT a.id, a.title, a.published, a.source, count(s.ordinal), a.state = 'ready'"
            " FROM articles a LEFT JOIN sentences s ON s.article = a.number"
            " GROUP BY a.number ORDER BY a.published IS NULL, a.published, a.id"
        )
        return [Listed(id, title, day, source, count, bool(ready)) for id, title, day, source, count, ready in rows]

    def counts(self) -> Counts:
        """Count what is in the catalog."""
        row = self._one(
            "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM articles WHERE state = 'pending'),"
            " (SELECT count(*) FROM sentences), (SELECT count(*) FROM passages), (SELECT count(*) FROM doomed),"
            " (SELECT count(*) FROM files)"
        )
        assert row is not None
        return Counts(*row)

    def check(self) -> list[str]:
        """Return what is wrong with the file, as sentences; an empty list is a sound catalog."""
        problems = [row[0] for row in self._all("PRAGMA quick_check(5)") if row[0] != "ok"]
        try:
            with self._transaction() as connection:
                connection.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")
        except LibraryDamaged as error:
            problems.append(f"the full-text index does not match the articles: {error}")
        return problems

    def _condition(self, where: Filter) -> tuple[str, list[str]]:
        parts: list[tuple[str, list[str]]] = []
        if where.since:
            parts.append((" AND a.published >= ?", [where.since]))
        if where.until:
            parts.append((" AND a.published <= ?", [where.until]))
        if where.source:
            sources = self.sources(where.source)
            parts.append((f" AND a.source IN ({','.join('?' * len(sources))})", sources))
        if where.article:
            parts.append((" AND a.id = ?", [where.article]))
        return "".join(sql for sql, _ in parts), [value for _, values in parts for value in values]

    # SQLite itself

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            self._local.connection = connection
            self._connections.append(connection)
        return connection

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with _mapped(self.path):
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # SQLite itself may have rolled back, when the disk is full
                    connection.execute("ROLLBACK")
                raise

    def _all(self, sql: str, values: Sequence[object] = ()) -> list[tuple]:  # type: ignore[type-arg]
        with _mapped(self.path):
            return self._connection().execute(sql, values).fetchall()

    def _one(self, sql: str, values: Sequence[object] = ()) -> tuple | None:  # type: ignore[type-arg]
        rows = self._all(sql, values)
        return rows[0] if rows else None


@contextmanager
def _mapped(path: Path) -> Iterator[None]:
    """Turn SQLite's and the file system's errors into LibraryDamaged, with what to do next."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise LibraryDamaged(f"The catalog {path} cannot be used: {error}. {_advice(str(error))}") from error
    except OSError as error:
        raise LibraryDamaged(f"The library at {path.parent} cannot be written: {error}") from error


def _advice(reason: str) -> str:
    if "full" in reason:
        return "Free some disk space and run the same command again; nothing is lost."
    if "locked" in reason:
        return "Another process is writing to it; try again when that is done."
    if "readonly" in reason or "unable to open" in reason:
        return "Check that you may write to its folder."
    return "Restore it from a copy, or index the articles into a new library: footnote index PATH --library NEW"
