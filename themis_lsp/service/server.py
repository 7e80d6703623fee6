"""The service: one open model, as many conversations as there are clients."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from themis_lsp import __version__
from themis_lsp.languages import Language
from themis_lsp.scoring.packing import pack_score
from themis_lsp.scoring.score import Scorer, Snippet
from themis_lsp.service.place import ServiceFiles
from themis_lsp.service.spec import ServiceSpec
from themis_lsp.service.wire import Frame, WireError, is_own_peer, receive_frame, send_frame

_MOST_CLIENTS = 16
_REQUEST_S, _HEARTBEAT_S, _TICK_S, _DRAIN_S = 5.0, 0.5, 5.0, 30.0


class _AbandonedError(Exception):
    """The client is gone: nobody waits for the scores."""


@dataclass(slots=True)
class Service:
    """Scores for clients until it is asked to stop, nobody asks for long, or it is outdated.

    ``is_current`` says whether the bundle and the code are still those that were opened.
    """

    spec: ServiceSpec
    files: ServiceFiles
    scorer: Scorer
    idle_s: float
    is_current: Callable[[], bool]
    _started: float = field(default_factory=time.time)
    _used: float = field(default_factory=time.monotonic)
    _requests: int = 0
    _active: int = 0
    _state: threading.Lock = field(default_factory=threading.Lock)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Serve. The lock of ``files`` must be held. Raises OSError when there can be no socket."""
        with self._listen() as listener:
            tick_s = min(_TICK_S, self.idle_s / 2)
            looked = time.monotonic()
            while not self._stopping.is_set():
                ready, _, _ = select.select([listener], [], [], tick_s)
                if ready:
                    self._accept(listener)
                if time.monotonic() - looked >= tick_s:
                    looked = time.monotonic()
                    if self._is_idle() or not self._is_wanted():
                        break
        self._drain()

    def stop(self) -> None:
        """Leave as soon as possible; what is being scored is finished."""
        self._stopping.set()
        # Wakes the loop.
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as knock:
            knock.setblocking(False)
            knock.connect(str(self.files.socket))

    @contextlib.contextmanager
    def _listen(self) -> Iterator[socket.socket]:
        # Whoever held the lock before is gone; so is what its socket led to.
        self.files.socket.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(str(self.files.socket))
            try:
                self.files.socket.chmod(0o600)
                listener.listen(_MOST_CLIENTS)
                yield listener
            finally:
                self.files.socket.unlink(missing_ok=True)

    def _is_idle(self) -> bool:
        with self._state:
            return not self._active and time.monotonic() - self._used > self.idle_s

    def _is_wanted(self) -> bool:
        try:
            return self.files.socket.is_socket() and self.is_current()
        except OSError:
            return False

    def _accept(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        if is_own_peer(connection) and self._active < _MOST_CLIENTS:
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()
        else:
            connection.close()

    def _drain(self) -> None:
        """Wait for those who are being served."""
        end = time.monotonic() + _DRAIN_S
        while self._active and time.monotonic() < end:
            time.sleep(0.02)

    def _converse(self, connection: socket.socket) -> None:
        with connection, self._counted(), contextlib.suppress(WireError, _AbandonedError):
            connection.settimeout(_REQUEST_S)
            send_frame(connection, self._greeting())
            request = receive_frame(connection)
            if request.kind == "score":
                self._score(connection, request)
            elif request.kind == "stop":
                self.stop()
                send_frame(connection, Frame({"kind": "leaving"}))

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        with self._state:
            self._active += 1
        try:
            yield
        finally:
            with self._state:
                self._active -= 1

    def _greeting(self) -> Frame:
        info = self.scorer.info
        return Frame(
            {
                "kind": "greeting",
                "key": self.spec.key,
                "version": __version__,
                "pid": os.getpid(),
                "model": info.model,
                "bundle": str(self.spec.bundle),
                "bundle_sha256": info.bundle_sha256,
                "reads_tasks": info.reads_tasks,
                "fell_back": info.fell_back,
                "provider": info.provider,
                "threads": self.spec.threads,
                "criteria": [criterion.value for criterion in info.criteria],
                "requests": self._requests,
                "up_s": int(time.time() - self._started),
                "idle_s": int(time.monotonic() - self._used),
                "leaves_after_s": int(self.idle_s),
            }
        )

    def _score(self, connection: socket.socket, request: Frame) -> None:
        snippets = _read_snippets(request)
        with self._state:
            self._requests += 1
            self._used = time.monotonic()
        with _Heartbeat(connection) as heartbeat:
            try:
                packed = [pack_score(s) for s in self.scorer.score(snippets, heartbeat.add)]
                answer = Frame(
                    {"kind": "scores", "sizes": [len(data) for data in packed]}, b"".join(packed)
                )
            except _AbandonedError:
                raise
            except Exception:
                # The client tries for itself, and can tell its user what is wrong.
                answer = Frame({"kind": "failed"})
        with self._state:
            self._used = time.monotonic()
        send_frame(connection, answer)


def _read_snippets(request: Frame) -> list[Snippet]:
    snippets = []
    for item in request.items("snippets"):
        if not (
            isinstance(item, list) and len(item) == 3 and all(isinstance(i, str) for i in item)
        ):
            raise WireError("a request holds something else than code")
        try:
            snippets.append(Snippet(Language(item[0]), item[1], item[2]))
        except ValueError as error:
            raise WireError("a request names an unknown language") from error
    return snippets


class _Heartbeat:
    """Tells a client, twice a second, how far its request is."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._finished = 0
        self._is_gone = False
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> _Heartbeat:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def add(self, finished: int) -> None:
        """Count snippets. Raises _AbandonedError once the client is gone."""
        self._finished += finished
        if self._is_gone:
            raise _AbandonedError

    def _beat(self) -> None:
        while not self._done.wait(_HEARTBEAT_S):
            try:
                send_frame(self._connection, Frame({"kind": "alive", "finished": self._finished}))
            except WireError:
                self._is_gone = True
                return
