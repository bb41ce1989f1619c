"""Uploads -> library: a queue of jobs that one thread works off, while questions are answered.

A job is one run of indexing over many files, for a run has a price of its own: it looks all vectors over, and
publishes a copy of them (0.6 s with 5,141 articles). What became of each file is told as it is read, and counts as
added when the run has ended. A job belongs to who began it.
"""

import logging
import os
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from ui.web.interrupting import Interruptible
from ui.web.telling import FAILED, result_of, summed_up, told_of_file
from ui.web.uploading import Upload, Uploads
from vectorstore.catalog import Catalog
from vectorstore.embedding import Embedder, load_embedder
from vectorstore.errors import ArticleUnknown, FootnoteError
from vectorstore.indexing import Progress, Report, index

LOG = logging.getLogger(__name__)

WAIT = 600.0  # seconds for another process that is indexing, as on the command line
REMEMBERED = 200  # jobs that are over
ENDING = 5.0  # seconds that the end of the server waits for what cannot be broken off, such as saving vectors
WAITING, READING, READ = "waiting", "reading", "read"
RUNNING, DONE = "running", "done"
NOBODY = ""  # whose the jobs are that a killed server left behind


class _Ending(Exception):
    """The server ends: what is being indexed waits for the next one."""


@dataclass(slots=True)
class _File:
    upload: Upload
    state: str = WAITING
    detail: str = ""
    result: tuple[str, str] = ("", "")  # the state and the detail that it gets when the run has ended


@dataclass(slots=True)
class _Job:
    person: str
    files: Sequence[_File]
    state: str = WAITING
    sentence: str = "Waiting for its turn."
    passages: int = 0
    done: int = 0  # bytes of `total`
    total: int = 0
    read: int = 0  # how many files; they are read in order
    changes: list[int] = field(default_factory=list)  # numbers of files, one for each change of a file's state

    def change(self, number: int, state: str, detail: str = "") -> None:
        """Give a file another state."""
        self.files[number].state, self.files[number].detail = state, detail
        self.changes.append(number)

    def count(self) -> None:
        """Say how far it is."""
        files = f"{self.read:,} of {len(self.files):,} {'file' if len(self.files) == 1 else 'files'} read"
        self.sentence = f"{files}, {self.passages:,} passages made searchable." if self.passages else f"{files}."


class Jobs:
    """The indexing that was asked for in browsers; may be used by many threads."""

    def __init__(
        self,
        library: Path,
        catalog: Catalog,
        uploads: Uploads,
        load: Callable[[str, int | None], Embedder] = load_embedder,
    ) -> None:
        self._library = library
        self._catalog = catalog
        self._uploads = uploads
        self._load = load
        self._ending = threading.Event()
        self._jobs: OrderedDict[str, _Job] = OrderedDict()
        self._queue: SimpleQueue[str] = SimpleQueue()
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None

    def begin(self, person: str, uploads: Sequence[Upload]) -> str:
        """Let some uploads be indexed when their turn comes, and return the job's id."""
        by_path = {upload.path: upload for upload in uploads}
        id = secrets.token_urlsafe(12)
        with self._lock:
            self._jobs[id] = _Job(person, [_File(by_path[path]) for path in sorted(by_path)])
            for old in [key for key, job in self._jobs.items() if job.state in (DONE, FAILED)][:-REMEMBERED]:
                del self._jobs[old]
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="indexing", daemon=True)
                self._worker.start()
        self._queue.put(id)
        return id

    def take_up(self) -> None:
        """Index what an earlier server received and did not index, because it was killed."""
        if left := self._uploads.take_up():
            self.begin(NOBODY, left)

    def end(self) -> None:
        """Break off what is being indexed; the next server takes it up."""
        self._ending.set()
        self._queue.put("")  # which wakes a worker that has nothing to do
        if self._worker is not None:
            self._worker.join(ENDING)

    def unfinished(self, person: str) -> list[str]:
        """Return the ids of a person's jobs that are not over, oldest first."""
        with self._lock:
            return [id for id, job in self._jobs.items() if job.person == person and job.state not in (DONE, FAILED)]

    def told(self, person: str, id: str, after: int = 0) -> dict[str, Any]:
        """Return how far a job is, for the page; raises ArticleUnknown where it is not this person's.

        `files` are those that have changed since an earlier telling, whose `at` is given as `after`; with 0, all.
        """
        with self._lock:
            job = self._jobs.get(id)
            if job is None or job.person != person:
                raise ArticleUnknown("That job is not known here. What was added is in the table.")
            changed = sorted(set(job.changes[after:])) if after else range(len(job.files))
            return {
                "id": id,
                "state": job.state,
                "sentence": job.sentence,
                "done": job.done,
                "total": job.total,
                "at": len(job.changes),
                "files": [
                    {"token": one.upload.token, "name": one.upload.name, "state": one.state, "detail": one.detail}
                    for one in (job.files[number] for number in changed)
                ],
            }

    def _work(self) -> None:
        while True:
            id = self._queue.get()
            if self._ending.is_set():
                return
            with self._lock:
                job = self._jobs[id]
            try:
                self._run(job)
            except _Ending:
                return
            except FootnoteError as error:
                self._fail(job, self._without_paths(str(error)))
            except Exception:  # the top of a thread, for the person at the page
                LOG.exception("The page could not index.")
                self._fail(job, "Something went wrong. The terminal that runs footnote says what.")

    def _run(self, job: _Job) -> None:
        self._tell(job, RUNNING, "Beginning …")
        with self._lock:
            job.change(0, READING)
        report = index(
            self._library,
            [one.upload.path for one in job.files],
            threads=max(1, (os.cpu_count() or 2) // 2),  # questions are asked meanwhile
            wait=WAIT,
            on_wait=lambda: self._tell(job, RUNNING, "Waiting for another process that is indexing."),
            on_progress=lambda progress: self._advance(job, progress),
            on_file=lambda path, of_file: self._read(job, path, of_file),
            load=lambda name, threads: Interruptible(self._load(name, threads), self._check),
        )
        for one in job.files:
            self._uploads.settle(one.upload, keep=bool(self._catalog.origins(str(one.upload.path))))
        with self._lock:
            for number, one in enumerate(job.files):
                job.change(number, *one.result)
        self._tell(job, DONE, summed_up(report))

    def _read(self, job: _Job, path: Path, report: Report) -> None:
        """Note what a file gave; a file that only shares an article with one of ours is read again, too."""
        if job.read == len(job.files) or job.files[job.read].upload.path != path:
            return
        result, detail = result_of(report), self._without_paths(told_of_file(report, path))
        with self._lock:
            job.files[job.read].result = (result, detail)
            job.change(job.read, *((FAILED, detail) if result == FAILED else (READ, "")))
            job.read += 1
            if job.read < len(job.files):
                job.change(job.read, READING)
            job.count()

    def _advance(self, job: _Job, progress: Progress) -> None:
        with self._lock:
            job.done, job.total, job.passages = progress.done, progress.total, progress.passages
            job.count()

    def _check(self) -> None:
        if self._ending.is_set():
            raise _Ending

    def _tell(self, job: _Job, state: str, sentence: str) -> None:
        with self._lock:
            job.state, job.sentence = state, sentence

    def _fail(self, job: _Job, sentence: str) -> None:
        """End a job that could not be done; its uploads wait, and are taken up when the server begins again."""
        with self._lock:
            job.state, job.sentence = FAILED, sentence
            for number in range(len(job.files)):
                job.change(number, FAILED, "not added")

    def _without_paths(self, text: str) -> str:
        """Return a message without the server's folders: a file is called by its own name."""
        if os.sep not in text:
            return text
        folder = Path(os.path.abspath(self._library))  # noqa: PTH100  (as the paths of the uploads)
        known = sorted((*self._catalog.files(), str(folder), str(self._library)), key=len, reverse=True)
        for path in known:
            text = text.replace(path, Path(path).name) if os.sep in path else text
        return text
