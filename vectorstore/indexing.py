"""Files -> library, in stages that a killed process can leave at any point.

    read a file -> article -> sentences -> passages -> catalog (pending)
                -> vectors, many articles at a time -> a copy of Chroma's folder -> published: ready

An article is in the catalog before its vectors are in Chroma, and answers only when they are. What
an earlier run left pending is done first.
"""

import hashlib
import re
import time
import unicodedata
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vectorstore.catalog import FILE_NAME
from vectorstore.duplicates import signature
from vectorstore.embedding import DEFAULT_MODEL, Embedder, load_embedder
from vectorstore.errors import LibraryMismatch, LibraryMissing, ReadingError
from vectorstore.formats.files import open_regular
from vectorstore.library import (
    PASSAGE_TOKENS,
    Library,
    index_settings,
    start_rebuild,
    write_lock,
)
from vectorstore.passages import make_passages, passage_text
from vectorstore.reading import Draft, Unreadable, find_files, is_gone, read_articles
from vectorstore.sentences import sentences_of
from vectorstore.values import Article, Passage, StoredArticle, hash_text

PASSAGES_AT_A_TIME = 512
PUBLISHING = 20  # times as long between two copies of the vectors as a copy takes: a twentieth of the time goes to it


@dataclass(slots=True)
class Report:
    """What an indexing did: counts of articles, what could not be read and why, and remarks on what could."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    same: int = 0
    removed: int = 0
    failed: list[Unreadable] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, other: "Report") -> None:
        """Count what another report tells, too."""
        self.added += other.added
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.same += other.same
        self.removed += other.removed
        self.failed += other.failed
        self.notes += other.notes


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an indexing is: bytes read of all bytes, and passages embedded so far."""

    done: int
    total: int
    passages: int


def index(
    folder: Path,
    paths: Sequence[Path],
    *,
    model: str | None = None,
    prune: bool = False,
    rebuild: bool = False,
    threads: int | None = None,
    wait: float = 0.0,
    on_wait: Callable[[], None] | None = None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    on_file: Callable[[Path, Report], None] = lambda path, report: None,
    load: Callable[[str, int | None], Embedder] = load_embedder,
    batch: int = PASSAGES_AT_A_TIME,
) -> Report:
    """Add the articles of files and folders to a library, or update them; returns what was done.

    Articles that have not changed are skipped by their content. `prune` removes the articles whose
    file is gone; `rebuild` makes all that is derived again from the catalog. `on_file` is told what
    each file gave once it has been read, when its articles need not answer yet. `load` makes an embedder
    of a model's name and a number of threads; `batch` is how many passages are embedded and stored at
    a time. Raises LibraryError or ModelError; a file that cannot be read is in the report, and the
    others go on.
    """
    with write_lock(folder, wait, on_wait):
        library = _open_for_writing(folder, model, rebuild, lambda name: load(name, threads))
        try:
            return _Indexing(library, on_progress, on_file, batch).run(paths, prune)
        finally:
            library.close()


def _open_for_writing(folder: Path, model: str | None, rebuild: bool, load: Callable[[str], Embedder]) -> Library:
    if not (folder / FILE_NAME).is_file():
        if rebuild:
            raise LibraryMissing(f"No library at {folder} to rebuild. Make one: footnote index PATH")
        name = model or DEFAULT_MODEL
        return Library.create(folder, name, load(name))
    library = Library.open(folder, model, load=lambda name, _: load(name))
    if rebuild:
        name = model or library.catalog.setting("model") or DEFAULT_MODEL
        start_rebuild(library, index_settings(name, load(name)))
    if library.catalog.setting("layout") != index_settings("", library.embedder)["layout"]:
        raise LibraryMismatch(
            f"The library at {folder} was made by another version of footnote. Make it anew from its own "
            "catalog: footnote index --rebuild"
        )
    return library


class _Indexing:
    """One run; holds what is read but not yet embedded."""

    def __init__(
        self,
        library: Library,
        on_progress: Callable[[Progress], None],
        on_file: Callable[[Path, Report], None],
        batch: int,
    ) -> None:
        self.library = library
        self.catalog = library.catalog
        self.on_progress = on_progress
        self.on_file = on_file
        self.batch = batch
        self.report = Report()
        self.waiting: list[tuple[StoredArticle, Sequence[Passage]]] = []
        self.embedded: set[str] = set()  # articles whose vectors are stored, and not yet published
        self.publish_at = 0.0
        self.passages = 0
        self.total = 0
        self.done = 0

    def run(self, paths: Sequence[Path], prune: bool) -> Report:
        self._repair()
        self._take_up_pending()
        files = find_files(paths)
        self.total = sum(_size(path) for path in files)
        queue = deque(files)
        while queue:
            queue += self._index_one(queue.popleft())
        if prune:
            self._prune()
        self._flush()
        self._publish()
        return self.report

    def _repair(self) -> None:
        """Find vectors that went missing, and make their articles wait for new ones."""
        wanted, stored = set(self.catalog.passage_ids()), self.library.vectors.ids()
        self.library.vectors.delete(sorted(stored - wanted - set(self.catalog.pending_passage_ids())))
        self.catalog.mark_pending(wanted - stored)

    def _take_up_pending(self) -> None:
        """Go on where an earlier run, or a rebuild, stopped."""
        for article_id in self.catalog.pending():
            stored = self.catalog.article(article_id)
            if self.catalog.fingerprint(article_id) != self._fingerprint(stored.article):
                self._store(stored.article)
            else:
                self._enqueue(stored, self.catalog.passages_of(article_id))

    def _index_one(self, path: Path) -> list[Path]:
        """Index one file, and report on it by itself."""
        whole, self.report = self.report, Report()
        again = self._index_file(path)
        self.on_file(path, self.report)
        whole.add(self.report)
        self.report = whole
        return again

    def _index_file(self, path: Path) -> list[Path]:
        """Index one file; returns files that must be read again because an article they shared has changed."""
        name, again = str(path), []
        end = self.done + _size(path)
        before = self.catalog.origins(name)
        digest = _hash_file(path)
        if digest is not None and self.catalog.file_hash(name) == digest:
            self.report.unchanged += len(before)
            self._advance(end)
            return []
        seen: set[str] = set()
        failures = len(self.report.failed)
        for draft in read_articles(path):
            if isinstance(draft, Unreadable):
                self.report.failed.append(draft)
                continue
            given = draft.given_id or _name(path, draft)
            if given in seen:
                self.report.failed.append(Unreadable(path, f"the id {given!r} stands twice in this file", draft.line))
                continue
            seen.add(given)
            again += self._index_draft(path, given, before.get(given), draft)
            self._advance(min(end, self.done + len(draft.text)))
        self._advance(end)
        if digest is not None and len(self.report.failed) == failures:
            self._forget(self.catalog.drop_origins(name, set(before) - seen))
            self.catalog.finish_file(name, digest)
        return again

    def _index_draft(self, path: Path, given: str, before: str | None, draft: Draft) -> list[Path]:
        name = str(path)
        article_id = self._choose_id(name, given, before, draft)
        if article_id is None:
            owner = self.catalog.origins_of(given)[0]
            reason = f"the id {given!r} belongs to another article, of {owner}; give this one an id of its own"
            self.report.failed.append(Unreadable(path, reason, draft.line))
            return []
        self.report.notes += [f"{path}: {note}" for note in draft.notes]
        article = Article(article_id, draft.title, draft.published, draft.source, draft.text)
        known = self.catalog.fingerprint(article_id)
        if known == self._fingerprint(article):
            self.report.unchanged += 1
            self._forget(self.catalog.note_origin(name, given, article_id))
            return []
        same = self.catalog.same_content(article)
        # Where two files give one text under one id with other dates, it stays with the file that has it.
        if same is not None and (same != article_id or (before is None and self._is_of_another(same, name))):
            self.report.same += 1
            self._forget(self.catalog.note_origin(name, given, same))
            return []
        gone, sharers = self.catalog.take_over(name, given, article_id)
        self._forget(gone)
        self._store(article)
        if known is None:
            self.report.added += 1
        else:
            self.report.updated += 1
        return [Path(other) for other in sharers if not is_gone(Path(other))]

    def _is_of_another(self, article_id: str, name: str) -> bool:
        owners = self.catalog.origins_of(article_id)
        return any(owner != name and not is_gone(Path(owner)) for owner in owners)

    def _choose_id(self, name: str, given: str, before: str | None, draft: Draft) -> str | None:
        """Return the id that an article of a file has, or None where its given id is another article's."""
        if before == given or (before is not None and before.startswith(f"{given}-")):
            return before
        if self.catalog.fingerprint(given) is None:
            return given
        if not self._is_of_another(given, name):
            return given
        stored = self.catalog.article(given).article
        if (stored.title, stored.text) == (draft.title, draft.text):
            return given
        return None if draft.given_id is not None else f"{given}-{hash_text(name)[:8]}"

    def _store(self, article: Article) -> None:
        """Write an article to the catalog as pending, and let it wait for its vectors."""
        sentences = sentences_of(article)
        stored = StoredArticle(article, sentences)
        embedder = self.library.embedder
        tokens = embedder.count_tokens([stored.quote(i) for i in range(len(sentences))])
        budget = min(PASSAGE_TOKENS, embedder.window - 2) - min(embedder.count_tokens([article.title])[0], 50)
        passages = make_passages(article, sentences, tokens, budget)
        self.catalog.put(
            article,
            sentences,
            passages,
            fingerprint=self._fingerprint(article),
            signature=signature(article.text),
        )
        self._enqueue(stored, passages)

    def _enqueue(self, stored: StoredArticle, passages: Sequence[Passage]) -> None:
        self.embedded.discard(stored.article.id)
        self.waiting.append((stored, passages))
        if sum(len(ps) for _, ps in self.waiting) >= self.batch:
            self._flush()
            if time.monotonic() >= self.publish_at:
                self._publish()

    def _flush(self) -> None:
        """Embed the passages that wait, and store their vectors."""
        latest = {stored.article.id: (stored, passages) for stored, passages in self.waiting}
        self.waiting = []
        rows = [(stored, passage) for stored, passages in latest.values() for passage in passages]
        if rows:
            texts = [passage_text(stored.article, stored.sentences, passage) for stored, passage in rows]
            metadata = [_metadata(stored.article) for stored, _ in rows]
            vectors = self.library.embedder.embed(texts)
            self.library.vectors.upsert([passage.id for _, passage in rows], vectors, metadata)
        self.embedded.update(latest)
        self.passages += len(rows)
        self._advance(self.done)

    def _publish(self) -> None:
        """Let the articles answer that are embedded; a process killed later does not lose their vectors."""
        self.library.publish(self.embedded)
        self.embedded = set()
        self.publish_at = time.monotonic() + PUBLISHING * self.library.vectors.draft_seconds

    def _prune(self) -> None:
        for name in self.catalog.files():
            if is_gone(Path(name)):
                self._forget(self.catalog.drop_origins(name))

    def _forget(self, article_ids: Sequence[str]) -> None:
        """Take note of articles that are gone, so that no vectors are made for them."""
        self.report.removed += len(article_ids)
        gone = set(article_ids)
        self.waiting = [row for row in self.waiting if row[0].article.id not in gone]
        self.embedded -= gone

    def _fingerprint(self, article: Article) -> str:
        content = "\0".join((article.title, article.published or "", article.source or "", article.text))
        return f"{hash_text(content)}/{self.library.settings_digest}"

    def _advance(self, done: int) -> None:
        self.done = done
        self.on_progress(Progress(done, self.total, self.passages))


def _metadata(article: Article) -> dict[str, str | int]:
    """Return what Chroma can filter by: the day as a number, YYYYMMDD (0 where unknown), and the source."""
    return {"day": day_number(article.published), "source": article.source or ""}


def day_number(published: str | None) -> int:
    """Return an ISO date as the number YYYYMMDD, or 0."""
    return int(published.replace("-", "")[:8]) if published else 0


def _name(path: Path, draft: Draft) -> str:
    """Return the id of an article that brings none: its file's name, with a hash where the file holds several."""
    name = _slug(path.stem)
    return name if draft.line is None else f"{name}-{hash_text(draft.title + draft.text)[:8]}"


def _slug(stem: str) -> str:
    plain = unicodedata.normalize("NFKC", stem).strip()
    return re.sub(r"[^\w.-]+", "-", plain).strip("-.") or "article"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _hash_file(path: Path) -> str | None:
    """Return the SHA-256 of a file, or None where it cannot be read; reading it then says why."""
    try:
        with open_regular(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ReadingError):
        return None
