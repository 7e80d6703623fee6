"""When what is reviewed: one thread, one waiting text per document, the newest wins."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Job:
    """A text to review: ``due`` on the clock of ``time.monotonic``."""

    uri: str
    version: int | None
    text: str
    due: float
    reads_base: bool


@dataclass(slots=True)
class Schedule:
    """Runs jobs in a thread of its own; putting one never waits for one that runs."""

    run: Callable[[Job, Callable[[], bool]], None]
    _waiting: dict[str, Job] = field(default_factory=dict)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _stopped: bool = False

    def start(self) -> None:
        """Start the thread, which does not keep the process alive."""
        threading.Thread(target=self._loop, name="themis-review", daemon=True).start()

    def put(self, job: Job) -> None:
        """Have a text reviewed when it is due, instead of what waits for its document."""
        with self._changed:
            earlier = self._waiting.get(job.uri)
            if earlier is not None and earlier.reads_base:
                job = replace(job, reads_base=True)
            self._waiting[job.uri] = job
            self._changed.notify()

    def drop(self, uri: str) -> None:
        """Forget what waits for a document that was closed."""
        with self._changed:
            self._waiting.pop(uri, None)

    def stop(self) -> None:
        """Let the thread end after what it does now."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def _loop(self) -> None:
        while (job := self._take()) is not None:
            self.run(job, self._staleness(job.uri))

    def _take(self) -> Job | None:
        with self._changed:
            while not self._stopped:
                job = min(self._waiting.values(), key=lambda job: job.due, default=None)
                wait_s = None if job is None else job.due - time.monotonic()
                if job is not None and wait_s is not None and wait_s <= 0:
                    return self._waiting.pop(job.uri)
                self._changed.wait(wait_s)
            return None

    def _staleness(self, uri: str) -> Callable[[], bool]:
        def is_stale() -> bool:
            return self._stopped or uri in self._waiting

        return is_stale
