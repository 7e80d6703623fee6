"""When what is reviewed: one thread, one waiting text per document, the newest wins."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

_BUSY_PAUSE_S = 3.0
_MOST_PAUSES = 2

IsStale = Callable[[], bool]
Errand = Callable[[IsStale], None]
"""Something the user asked for by name; it is done before what waits."""


@dataclass(frozen=True, slots=True)
class Job:
    """A text to review: ``due`` on the clock of ``time.monotonic``, against the revision ``base``.

    ``reads_base`` has git asked for the text to compare with, which is not done on typing.
    ``place`` is the document's path from the folder of the workspace that it is in.
    """

    uri: str
    version: int | None
    text: str
    due: float
    reads_base: bool
    base: str = "HEAD"
    language_id: str | None = None
    place: str = ""


@dataclass(slots=True)
class Idle:
    """What to do once nothing was asked for during ``after_s`` seconds."""

    after_s: float = 300.0
    do: Callable[[], None] = lambda: None


@dataclass(slots=True)
class Schedule:
    """Runs jobs in a thread of its own; putting one never waits for one that runs.

    The document looked at last goes first. ``run`` returns whether it finished; what was stopped
    for something more urgent is taken up again. ``interrupt`` hurries along what has become stale.
    While ``is_busy`` tells that the machine is, documents not looked at wait, but not forever.
    """

    run: Callable[[Job, IsStale], bool]
    interrupt: Callable[[], None] = lambda: None
    is_busy: Callable[[], bool] = lambda: False
    idle: Idle = field(default_factory=Idle)
    _waiting: dict[str, Job] = field(default_factory=dict)
    _errands: deque[Errand] = field(default_factory=deque)
    _looks: dict[str, int] = field(default_factory=dict)
    _pauses: dict[str, int] = field(default_factory=dict)
    _dropped: set[str] = field(default_factory=set)
    _running: str | None = None
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
            self._dropped.discard(job.uri)
            self._look(job.uri)
            self._hurry()

    def look(self, uri: str) -> None:
        """Let a document go before all others: the user has it in view."""
        with self._changed:
            self._look(uri)

    def do(self, errand: Errand) -> None:
        """Have an errand done as soon as possible."""
        with self._changed:
            self._errands.append(errand)
            self._hurry()

    def drop(self, uri: str) -> None:
        """Forget what waits for a document that was closed."""
        with self._changed:
            self._waiting.pop(uri, None)
            self._looks.pop(uri, None)
            self._pauses.pop(uri, None)
            if self._running == uri:
                self._dropped.add(uri)

    def stop(self) -> None:
        """Let the thread end after what it does now."""
        with self._changed:
            self._stopped = True
            self._hurry()

    def _look(self, uri: str) -> None:
        self._looks[uri] = max(self._looks.values(), default=0) + 1

    def _hurry(self) -> None:
        """Wake the thread; end what it does, if that is stale now."""
        self._changed.notify()
        if self._running is not None and self._is_stale(self._running):
            self.interrupt()

    def _loop(self) -> None:
        while (task := self._take()) is not None:
            if isinstance(task, Job):
                self._run(task)
            else:
                task(lambda: self._stopped)

    def _run(self, job: Job) -> None:
        has_finished = self.run(job, lambda: self._is_stale(job.uri))
        with self._changed:
            self._running = None
            was_dropped = job.uri in self._dropped
            self._dropped.discard(job.uri)
            if not has_finished and not was_dropped:
                waiting = self._waiting.setdefault(job.uri, job)
                if job.reads_base and not waiting.reads_base:
                    self._waiting[job.uri] = replace(waiting, reads_base=True)

    def _take(self) -> Job | Errand | None:
        """Return what is to be done next, None once the schedule is stopped."""
        has_rested = False
        with self._changed:
            while not self._stopped:
                if self._errands:
                    return self._errands.popleft()
                job = self._next_job()
                if job is not None:
                    self._running = job.uri
                    return self._waiting.pop(job.uri)
                wait_s = self._wait_s()
                if wait_s is None and has_rested:
                    self._changed.wait()
                elif wait_s is None:
                    has_rested = not self._changed.wait(self.idle.after_s)
                    if has_rested:
                        self.idle.do()
                else:
                    self._changed.wait(wait_s)
            return None

    def _next_job(self) -> Job | None:
        """Return the job due now of the document looked at last."""
        now = time.monotonic()
        due = [job for job in self._waiting.values() if job.due <= now]
        job = max(due, key=lambda job: self._looks.get(job.uri, 0), default=None)
        if job is None or self._is_in_view(job.uri):
            return job
        if self._pauses.get(job.uri, 0) >= _MOST_PAUSES or not self.is_busy():
            self._pauses.pop(job.uri, None)
            return job
        for waiting in due:
            self._pauses[waiting.uri] = self._pauses.get(waiting.uri, 0) + 1
            self._waiting[waiting.uri] = replace(waiting, due=now + _BUSY_PAUSE_S)
        return None

    def _wait_s(self) -> float | None:
        """Return how long it is to the next job, None if none waits."""
        due = min((job.due for job in self._waiting.values()), default=None)
        return None if due is None else max(0.0, due - time.monotonic())

    def _is_in_view(self, uri: str) -> bool:
        return self._looks.get(uri, 0) == max(self._looks.values(), default=0)

    def _is_stale(self, uri: str) -> bool:
        """Whether what runs is of no use any more, or something more urgent is due."""
        if self._stopped or self._errands or uri in self._waiting or uri in self._dropped:
            return True
        look, now = self._looks.get(uri, 0), time.monotonic()
        # The jobs may be changed by another thread meanwhile; a copy is taken at once.
        waiting = list(self._waiting.values())
        return any(job.due <= now and self._looks.get(job.uri, 0) > look for job in waiting)
