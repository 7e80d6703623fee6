"""First look at a repository: which of its commits to cut, without reading a single blob."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from themis_lsp.errors import UserError
from themis_train.mining.commits import Commit, FileChange, read_commits
from themis_train.mining.drops import Drop
from themis_train.mining.files import choose_file
from themis_train.mining.licenses import read_license
from themis_train.mining.messages import Reverts, judge_message
from themis_train.mining.repository import open_repository

_LONGEST_MESSAGE = 2000


@dataclass(frozen=True, slots=True)
class ChosenCommit:
    """A commit and the one source file of it."""

    id: str
    time: int
    message: str
    file: FileChange


@dataclass(frozen=True, slots=True)
class Survey:
    """What is to be known of a repository before cutting; ``problem`` when it cannot be mined."""

    path: Path
    name: str
    license: str
    commit_count: int
    commits: tuple[ChosenCommit, ...]
    dropped: Counter[Drop]
    warnings: tuple[str, ...]
    problem: str | None = None


def survey_repository(path: Path, name: str, *, beside_tests_and_docs: bool) -> Survey:
    """Read the history of a repository and choose the commits to cut."""
    try:
        repository = open_repository(path, name)
        warnings = list(repository.warnings)
        dropped: Counter[Drop] = Counter()
        chosen: list[ChosenCommit] = []
        reverts = Reverts()
        count = 0
        for commit in read_commits(repository, warnings):
            count += 1
            reverts.see(commit)
            found = _choose(commit, beside_tests_and_docs=beside_tests_and_docs)
            if isinstance(found, Drop):
                dropped[found] += 1
            else:
                chosen.append(found)
        license_id = read_license(repository)
    except UserError as error:
        return Survey(path, name, "unknown", 0, (), Counter(), (), str(error))
    reverted = reverts.reverted()
    kept = tuple(commit for commit in chosen if commit.id not in reverted)
    dropped[Drop.REVERT] += len(chosen) - len(kept)
    return Survey(path, name, license_id, count, kept, dropped, tuple(warnings))


def _choose(commit: Commit, *, beside_tests_and_docs: bool) -> ChosenCommit | Drop:
    found = judge_message(commit)
    if found is not None:
        return found
    file = choose_file(commit.files, beside_tests_and_docs=beside_tests_and_docs)
    if isinstance(file, Drop):
        return file
    return ChosenCommit(commit.id, commit.time, commit.message[:_LONGEST_MESSAGE], file)
