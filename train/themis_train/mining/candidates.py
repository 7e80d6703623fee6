"""From a commit's file to what may become a pair."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from themis_lsp.languages import Language
from themis_lsp.sources.blobs import BlobReader, open_blobs
from themis_lsp.sources.exclusions import excluded_text
from themis_lsp.sources.read import WALKED_LIMIT_BYTES, Refusal, decode_source
from themis_lsp.units.detect import detect_language
from themis_train.mining.cut import CutLimits, cut_change
from themis_train.mining.drops import Drop
from themis_train.mining.duplicates import digest_tokens
from themis_train.mining.features import hash_change
from themis_train.mining.shards import Candidate, write_shard
from themis_train.mining.structure import digest_structure
from themis_train.mining.survey import ChosenCommit


@dataclass(frozen=True, slots=True)
class Chunk:
    """Commits of one repository to look at, and the shard where the findings go."""

    repository: Path
    name: str
    commits: tuple[ChosenCommit, ...]
    limits: CutLimits
    shard: Path


def mine_chunk(chunk: Chunk) -> int:
    """Write the shard of a chunk; return how many commits it had."""
    found: list[Candidate] = []
    dropped: list[Drop] = []
    with open_blobs(chunk.repository) as blobs:
        for commit in chunk.commits:
            made = make_candidate(commit, blobs, name=chunk.name, limits=chunk.limits)
            if isinstance(made, Drop):
                dropped.append(made)
            else:
                found.append(made)
    write_shard(chunk.shard, found, dropped=dropped)
    return len(chunk.commits)


def make_candidate(
    commit: ChosenCommit, blobs: BlobReader, *, name: str, limits: CutLimits
) -> Candidate | Drop:
    """Return the changed units of a commit's file with what is to be known about them."""
    path = commit.file.path
    texts = []
    for blob in (commit.file.old_blob, commit.file.new_blob):
        data = blobs.read(blob, WALKED_LIMIT_BYTES)
        text = data if isinstance(data, Refusal) else decode_source(data)
        if isinstance(text, Refusal):
            return Drop.UNREADABLE
        texts.append(text)
    before, after = texts
    language = detect_language(path, after)
    if language is None:
        return Drop.OTHER_LANGUAGE
    if excluded_text(after) is not None:
        return Drop.EXCLUDED
    cut = cut_change(before, after, path=path, language=language, limits=limits)
    if isinstance(cut, Drop):
        return cut
    return Candidate(
        repo=name,
        commit=commit.id,
        time=commit.time,
        path=path,
        language=language.value,
        message=commit.message,
        names=cut.names,
        before=cut.before,
        after=cut.after,
        is_code_changed=_is_code_changed(cut.before, cut.after, language),
        digest=digest_tokens(cut.before, cut.after),
        features=hash_change(cut.before, cut.after),
    )


def _is_code_changed(before: str, after: str, language: Language) -> bool:
    return digest_structure(before, language) != digest_structure(after, language)
