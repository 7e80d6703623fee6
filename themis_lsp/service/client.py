"""Asking a service; everything that can go wrong with it is one error, with an answer to it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from themis_lsp.criteria import parse_criterion
from themis_lsp.errors import UserError
from themis_lsp.scoring.packing import unpack_score
from themis_lsp.scoring.score import Progress, Score, ScorerInfo, Snippet
from themis_lsp.service.place import ServiceFiles
from themis_lsp.service.wire import (
    Frame,
    WireError,
    is_own_peer,
    receive_frame,
    send_frame,
)

CONNECT_S, GREETING_S, SILENCE_S = 0.25, 1.0, 5.0
"""How long to wait for a connection, for the greeting, and for a sign of life later on."""
_REQUEST_CHARACTERS = 4_000_000


class NoServiceError(WireError):
    """There is no service to connect to."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A connection to a service that has greeted."""

    connection: socket.socket
    greeting: Frame

    @property
    def info(self) -> ScorerInfo:
        """What the service scores with. Raises WireError."""
        try:
            criteria = tuple(parse_criterion(str(c)) for c in self.greeting.items("criteria"))
        except UserError as error:
            raise WireError("the service names an unknown criterion") from error
        text = self.greeting.text
        return ScorerInfo(
            text("model"),
            text("bundle_sha256"),
            text("provider"),
            criteria,
            reads_tasks=self.greeting.fields.get("reads_tasks") is True,
            fell_back=self.greeting.fields.get("fell_back") is True,
        )


@contextlib.contextmanager
def talk(file: Path) -> Iterator[Conversation]:
    """Connect to the service at the socket ``file``. Raises NoServiceError and WireError."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(CONNECT_S)
        try:
            connection.connect(str(file))
        except (FileNotFoundError, ConnectionRefusedError) as error:
            raise NoServiceError("no service runs") from error
        except OSError as error:
            raise WireError("the service cannot be reached") from error
        if not is_own_peer(connection):
            raise WireError("the service is another user's")
        connection.settimeout(GREETING_S)
        greeting = receive_frame(connection)
        if greeting.kind != "greeting":
            raise WireError("the service does not greet")
        connection.settimeout(SILENCE_S)
        yield Conversation(connection, greeting)


def read_info(files: ServiceFiles) -> ScorerInfo:
    """Return what the service scores with. Raises WireError."""
    with talk(files.socket) as conversation:
        _check_key(conversation, files)
        return conversation.info


def request_scores(
    files: ServiceFiles, snippets: Sequence[Snippet], progress: Progress
) -> list[Score]:
    """Return one score per snippet, in order. Raises WireError, whatever went wrong."""
    scores: list[Score] = []
    for part in _parts(snippets):
        with talk(files.socket) as conversation:
            _check_key(conversation, files)
            scores += _request(conversation, part, progress)
    return scores


def _check_key(conversation: Conversation, files: ServiceFiles) -> None:
    if conversation.greeting.text("key") != files.key:
        raise WireError("the service is another one")


def _request(
    conversation: Conversation, snippets: Sequence[Snippet], progress: Progress
) -> list[Score]:
    connection = conversation.connection
    texts = [[snippet.language.value, snippet.text, snippet.task] for snippet in snippets]
    send_frame(connection, Frame({"kind": "score", "snippets": texts}))
    finished = 0
    frame = receive_frame(connection)
    while frame.kind == "alive":
        news = min(frame.number("finished"), len(snippets)) - finished
        if news > 0:
            progress(news)
            finished += news
        frame = receive_frame(connection)
    if frame.kind != "scores":
        raise WireError("the service could not score")
    progress(len(snippets) - finished)
    return _unpack(frame, len(snippets), len(conversation.info.criteria))


def _unpack(frame: Frame, count: int, criteria: int) -> list[Score]:
    sizes = [size for size in frame.items("sizes") if isinstance(size, int) and size >= 0]
    if len(sizes) != count or sum(sizes) != len(frame.payload):
        raise WireError("the service sent something else than scores")
    scores, start = [], 0
    for size in sizes:
        score = unpack_score(frame.payload[start : start + size], criteria)
        if score is None:
            raise WireError("the service sent something else than a score")
        scores.append(score)
        start += size
    return scores


def _parts(snippets: Sequence[Snippet]) -> Iterator[Sequence[Snippet]]:
    """Yield the snippets in parts that are not too large for one request."""
    start = characters = 0
    for index, snippet in enumerate(snippets):
        if index > start and characters + len(snippet.text) > _REQUEST_CHARACTERS:
            yield snippets[start:index]
            start, characters = index, 0
        characters += len(snippet.text)
    if start < len(snippets):
        yield snippets[start:]
