from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from themis_lsp.server.schedule import Idle, IsStale, Job, Schedule


@dataclass
class Worker:
    """Notes what it is given; works on ``held`` documents until they are stale or released."""

    held: set[str] = field(default_factory=set)
    done: list[str] = field(default_factory=list)
    began: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    ended: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    released: threading.Event = field(default_factory=threading.Event)
    interrupted: threading.Event = field(default_factory=threading.Event)

    def run(self, job: Job, is_stale: IsStale) -> bool:
        self.began.release()
        if job.text in self.held:
            while not (is_stale() or self.released.is_set()):
                self.released.wait(0.001)
            if is_stale():
                self.done.append(f"{job.text} stopped")
                self.ended.release()
                return False
        self.done.append(job.text)
        self.ended.release()
        return True

    def wait(self, number: int) -> None:
        for _ in range(number):
            assert self.ended.acquire(timeout=10)


def job(uri: str, text: str, *, reads_base: bool = False) -> Job:
    return Job(uri, 1, text, 0.0, reads_base)


def schedule(worker: Worker, is_busy: Callable[[], bool] = lambda: False) -> Schedule:
    return Schedule(worker.run, worker.interrupted.set, is_busy)


def test_the_document_looked_at_last_goes_first() -> None:
    worker = Worker()
    scheduled = schedule(worker)
    for name in "abc":
        scheduled.put(job(name, name))
    scheduled.look("b")
    scheduled.start()
    worker.wait(3)
    assert worker.done == ["b", "c", "a"]


def test_a_newer_text_stops_the_older_one_and_takes_its_place() -> None:
    worker = Worker(held={"old"})
    scheduled = schedule(worker)
    scheduled.start()
    scheduled.put(job("a", "old"))
    worker.began.acquire()
    scheduled.put(job("a", "new"))
    worker.wait(2)
    assert worker.done == ["old stopped", "new"]
    assert worker.interrupted.is_set()


def test_what_is_stopped_for_another_document_is_taken_up_again() -> None:
    worker = Worker(held={"background"})
    scheduled = schedule(worker)
    scheduled.start()
    scheduled.put(job("a", "background"))
    worker.began.acquire()
    scheduled.put(job("b", "in view"))
    worker.wait(2)
    worker.released.set()
    worker.wait(1)
    assert worker.done == ["background stopped", "in view", "background"]


def test_an_errand_goes_before_all_documents() -> None:
    worker = Worker(held={"a"})
    scheduled = schedule(worker)
    scheduled.start()
    scheduled.put(job("a", "a"))
    worker.began.acquire()
    scheduled.do(lambda _: worker.done.append("errand"))
    worker.wait(1)
    worker.released.set()
    worker.wait(1)
    assert worker.done == ["a stopped", "errand", "a"]


def test_a_document_that_was_closed_is_not_taken_up_again() -> None:
    worker = Worker(held={"a"})
    scheduled = schedule(worker)
    scheduled.start()
    scheduled.put(job("a", "a"))
    worker.began.acquire()
    scheduled.drop("a")
    worker.wait(1)
    scheduled.put(job("b", "b"))
    worker.wait(1)
    assert worker.done == ["a stopped", "b"]


def test_documents_out_of_view_wait_while_the_machine_is_busy() -> None:
    worker = Worker()
    scheduled = schedule(worker, lambda: True)
    for name in "ab":
        scheduled.put(job(name, name))
    scheduled.start()
    worker.wait(1)
    scheduled.put(job("c", "c"))
    worker.wait(1)
    assert worker.done == ["b", "c"]


def test_a_rest_is_told_once() -> None:
    worker, rested = Worker(), threading.Semaphore(0)
    scheduled = Schedule(worker.run, idle=Idle(0.01, rested.release))
    scheduled.start()
    assert rested.acquire(timeout=10)
    assert not rested.acquire(timeout=0.1)
    scheduled.put(job("a", "a"))
    assert rested.acquire(timeout=10)
