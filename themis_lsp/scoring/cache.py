"""Scores kept on disk, so that no code is scored twice by the same bundle."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from themis_lsp.scoring.packing import pack_score, unpack_score
from themis_lsp.scoring.score import Progress, Score, Scorer, ScorerInfo, Snippet

CACHE_FILE = "scores-1.sqlite"
LIMIT_BYTES = 512 * 1024 * 1024
_BUSY_TIMEOUT_S = 10.0
_CHUNK_SNIPPETS = 256

_SCHEMA = """
CREATE TABLE IF NOT EXISTS scores (key BLOB PRIMARY KEY, used INTEGER NOT NULL, score BLOB NOT NULL)
WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS scores_used ON scores (used);
"""


class ScoreCache:
    """A table from (bundle, provider, language, text) to score, shared by processes.

    SQLite in write-ahead mode: a crash loses at most the last chunk, readers never wait. A file
    that is damaged is replaced; one that cannot be written leaves the cache off, never an error:
    a review must not fail because remembering it did.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / CACHE_FILE
        self._connection: sqlite3.Connection | None = None
        with contextlib.suppress(OSError, sqlite3.Error):
            folder.mkdir(parents=True, exist_ok=True)
            self._connection = self._open()

    def get(self, info: ScorerInfo, snippets: Sequence[Snippet]) -> list[Score | None]:
        """Return the known scores, None where there is none."""
        keys = [_key(info, snippet) for snippet in snippets]
        found: dict[bytes, Score] = {}
        with self._working() as connection:
            for start in range(0, len(keys), _CHUNK_SNIPPETS):
                chunk = keys[start : start + _CHUNK_SNIPPETS]
                marks = ",".join("?" * len(chunk))
                for key, blob in connection.execute(
                    f"SELECT key, score FROM scores WHERE key IN ({marks})", chunk
                ):
                    score = unpack_score(blob, len(info.criteria))
                    if score is not None:
                        found[key] = score
        return [found.get(key) for key in keys]

    def put(self, info: ScorerInfo, snippets: Sequence[Snippet], scores: Sequence[Score]) -> None:
        """Remember the scores of ``snippets``."""
        now = int(time.time())
        rows = [
            (_key(info, snippet), now, pack_score(score))
            for snippet, score in zip(snippets, scores, strict=True)
        ]
        with self._working() as connection, connection:
            connection.executemany("INSERT OR REPLACE INTO scores VALUES (?, ?, ?)", rows)

    def _open(self) -> sqlite3.Connection:
        try:
            return _connect(self._file)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            self._file.unlink()
            return _connect(self._file)

    @contextlib.contextmanager
    def _working(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection, or an empty stand-in; give up the cache when it breaks."""
        connection = self._connection or _connect(":memory:")
        try:
            yield connection
        except (OSError, sqlite3.Error):
            self._connection = None
        finally:
            if connection is not self._connection:
                connection.close()


class CachedScorer:
    """A scorer that asks the cache first and scores equal snippets once."""

    def __init__(self, scorer: Scorer, cache: ScoreCache) -> None:
        self._scorer = scorer
        self._cache = cache

    @property
    def info(self) -> ScorerInfo:
        """The scorer behind the cache."""
        return self._scorer.info

    def score(self, snippets: Sequence[Snippet], progress: Progress | None = None) -> list[Score]:
        """Return one score per snippet, in order."""
        if not self.info.reads_tasks:
            snippets = [replace(snippet, task="") for snippet in snippets]
        distinct = list(dict.fromkeys(snippets))
        known = {
            snippet: score
            for snippet, score in zip(distinct, self._cache.get(self.info, distinct), strict=True)
            if score is not None
        }
        missing = [snippet for snippet in distinct if snippet not in known]
        if progress is not None:
            progress(len(snippets) - len(missing))
        # In chunks, so that a run cut short keeps what it has done.
        for start in range(0, len(missing), _CHUNK_SNIPPETS):
            chunk = missing[start : start + _CHUNK_SNIPPETS]
            scores = self._scorer.score(chunk, progress)
            self._cache.put(self.info, chunk, scores)
            known.update(zip(chunk, scores, strict=True))
        return [known[snippet] for snippet in snippets]


def _connect(file: Path | str) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=_BUSY_TIMEOUT_S)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.executescript(_SCHEMA)
        _trim(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _trim(connection: sqlite3.Connection) -> None:
    """Drop the oldest quarter when the entries have outgrown the limit; free pages do not count."""
    pages, free, page_bytes = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    if (pages - free) * page_bytes > LIMIT_BYTES:
        with connection:
            connection.execute(
                "DELETE FROM scores WHERE key IN (SELECT key FROM scores ORDER BY used "
                "LIMIT (SELECT COUNT(*) / 4 FROM scores))"
            )


def _key(info: ScorerInfo, snippet: Snippet) -> bytes:
    # The provider belongs to the key: CPU and CUDA round differently, and scores must repeat.
    bundle = f"faithful {info.bundle_sha256}" if info.is_faithful else info.bundle_sha256
    parts = [bundle, info.provider, snippet.language.value, snippet.text]
    if info.reads_tasks:
        parts.append(snippet.task)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()
