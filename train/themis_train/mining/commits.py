"""Reading a history: every commit with its message and the files it touches."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from themis_lsp.errors import UserError
from themis_lsp.sources.git import open_git
from themis_lsp.sources.source import show_path
from themis_train.mining.repository import Repository

_FIELDS = ("%H", "%P", "%at", "%an", "%ae", "%B")
_LOG = (
    "-c",
    "i18n.logOutputEncoding=UTF-8",
    "log",
    "-z",
    "--reverse",  # oldest first: commits made since the last run come behind those already mined
    "--raw",
    "--no-abbrev",
    "--no-renames",
    "--no-show-signature",
    "--no-notes",
    "--ignore-submodules=none",
    "--format=tformat:" + "%x00".join(_FIELDS) + "%x00",
)
_CHUNK_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a commit as ``git log --raw`` tells it; ``path`` has forward slashes."""

    status: str
    path: str
    modes: tuple[str, str]
    old_blob: str
    new_blob: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit; ``files`` is empty for merges. ``time`` is in Unix seconds."""

    id: str
    parents: tuple[str, ...]
    time: int
    author: str
    message: str
    files: tuple[FileChange, ...]

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.partition("\n")[0].strip()


def read_commits(repository: Repository, warnings: list[str]) -> Iterator[Commit]:
    """Yield the commits that lead to the head, oldest first.

    Where git stops early (an object is missing or damaged), a line is added to ``warnings``.
    Raises UserError when it cannot read anything.
    """
    with tempfile.TemporaryFile() as said:
        count = 0
        with open_git(repository.path, [*_LOG, repository.head, "--"], stderr=said) as process:
            output = process.stdout
            assert output is not None
            for commit in parse_log(iter(lambda: output.read(_CHUNK_BYTES), b"")):
                count += 1
                yield commit
            code = process.wait()
        if code != 0:
            said.seek(0)
            lines = said.read().decode("utf-8", "replace").strip().splitlines()
            reason = lines[-1].removeprefix("fatal: ") if lines else f"git log ended with {code}"
            shown = show_path(repository.path)
            if not count:
                raise UserError(f"{shown}: its history cannot be read ({reason}); try git fsck")
            warnings.append(
                f"{shown}: its history is damaged ({reason}); {count:,} commits were read"
            )


def parse_log(chunks: Iterable[bytes]) -> Iterator[Commit]:
    """Yield the commits of what ``git log`` prints, as it comes.

    Messages and names that are not UTF-8 get replacement characters. A commit that is cut off is
    left out.
    """
    fields: list[bytes] = []
    files: list[FileChange] = []
    tokens = _split(chunks)
    for token in (token.lstrip(b"\n") for token in tokens):
        if token.startswith(b":"):
            path = next(tokens, None)
            if path is None:
                return
            files.append(_file_change(token, path))
        elif token:
            if fields:
                yield _commit(fields, files)
            fields, files = [token], []
            fields += [field for _, field in zip(_FIELDS[1:], tokens, strict=False)]
            if len(fields) < len(_FIELDS):
                return
    if fields:
        yield _commit(fields, files)


def _split(chunks: Iterable[bytes]) -> Iterator[bytes]:
    started = b""
    for chunk in chunks:
        *parts, started = (started + chunk).split(b"\0")
        yield from parts


def _commit(fields: list[bytes], files: list[FileChange]) -> Commit:
    head, parents, time, name, address, message = (f.decode("utf-8", "replace") for f in fields)
    is_number = time.removeprefix("-").isdecimal()
    return Commit(
        head,
        tuple(parents.split()),
        int(time) if is_number else 0,
        f"{name} <{address}>",
        message.replace("\r\n", "\n").strip(),
        tuple(files),
    )


def _file_change(meta: bytes, path: bytes) -> FileChange:
    old_mode, new_mode, old_blob, new_blob, status = meta[1:].decode("ascii", "replace").split(" ")
    shown = path.decode("utf-8", "backslashreplace")
    return FileChange(status[:1], shown, (old_mode, new_mode), old_blob, new_blob)
