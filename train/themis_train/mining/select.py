"""From candidates to pairs: criterion, duplicates, contamination, caps, splits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from themis_lsp.criteria import Criterion
from themis_train.mining.classify import Floats, classify, no_commits
from themis_train.mining.decontaminate import Forbidden
from themis_train.mining.drops import Drop
from themis_train.mining.duplicates import NearDuplicates
from themis_train.mining.seeds import OTHER, match_terms
from themis_train.mining.shards import Candidate

_CRITERIA = tuple(Criterion)


@dataclass(frozen=True, slots=True)
class Selection:
    """What a pair must satisfy: least probability of its criterion, most pairs a repository."""

    min_confidence: float
    cap: int


@dataclass(frozen=True, slots=True)
class Labelled:
    """The candidate ``number`` (in the order of the shards) with its criterion."""

    number: int
    criterion: Criterion
    confidence: float


def label_candidates(candidates: Iterable[Candidate], *, seed: int) -> Floats:
    """Return the probability of each criterion for each candidate, (candidates, criteria)."""
    commits = no_commits()
    for one in candidates:
        commits.add(key=f"{one.repo}@{one.commit}", message=one.message, change=one.features)
    return classify(commits, seed=seed)


def select_pairs(
    candidates: Iterable[Candidate],
    probabilities: Floats,
    *,
    selection: Selection,
    forbidden: Forbidden,
    dropped: Counter[Drop],
) -> list[Labelled]:
    """Return the candidates that become pairs, in order; count the others in ``dropped``.

    Of near-duplicates the first stays. Over the cap, those of least confidence go.
    """
    duplicates = NearDuplicates()
    kept: list[tuple[str, Labelled]] = []
    changes: dict[tuple[bytes, bytes], int] = {}
    undone: set[int] = set()
    for number, one in enumerate(candidates):
        row = probabilities[number]
        best = int(np.argmax(row))
        label = Labelled(number, _CRITERIA[best], float(row[best]))
        sides = _digest(one.before), _digest(one.after)
        if sides[::-1] in changes:
            undone |= {number, changes[sides[::-1]]}
        changes[sides] = number
        reason = _judge(one, label, selection.min_confidence)
        if reason is None and forbidden.touches(one.before, one.after):
            reason = Drop.CONTAMINATED
        if reason is None and not duplicates.add(one.digest):
            reason = Drop.DUPLICATE
        if reason is None:
            kept.append((one.repo, label))
        else:
            dropped[reason] += 1
    standing = [(repo, label) for repo, label in kept if label.number not in undone]
    dropped[Drop.UNDONE] += len(kept) - len(standing)
    capped = sorted(_cap(standing, selection.cap), key=lambda label: label.number)
    dropped[Drop.CAPPED] += len(standing) - len(capped)
    return capped


@dataclass(frozen=True, slots=True)
class Origin:
    """The repository of a pair and the time of its commit, in Unix seconds."""

    repo: str
    time: int


def choose_dev(origins: Mapping[int, Origin], share: float) -> set[int]:
    """Return the numbers of the pairs for validation, about ``share`` of ``origins``.

    Whole repositories, by their names alone; where that would leave nothing to train on or nothing
    to validate on, as with a single repository, the newest commits.
    """
    dev = {number for number, one in origins.items() if _is_drawn(one.repo, share)}
    if 0 < len(dev) < len(origins):
        return dev
    by_age = sorted(origins, key=lambda number: (origins[number].time, number))
    return set(by_age[len(by_age) - round(share * len(by_age)) :])


def _is_drawn(repository: str, share: float) -> bool:
    return int.from_bytes(_digest(repository)[:8], "big") < share * 2**64


def _judge(one: Candidate, label: Labelled, min_confidence: float) -> Drop | None:
    if OTHER in match_terms(one.message.partition("\n")[0]):
        return Drop.OTHER_PURPOSE
    if label.confidence < min_confidence:
        return Drop.UNCERTAIN
    is_readability = label.criterion is Criterion.READABILITY_MAINTAINABILITY
    return None if one.is_code_changed or is_readability else Drop.COMMENTS


def _cap(labelled: Sequence[tuple[str, Labelled]], cap: int) -> Iterator[Labelled]:
    groups: dict[tuple[str, Criterion], list[Labelled]] = defaultdict(list)
    for repo, label in labelled:
        groups[repo, label.criterion].append(label)
    for group in groups.values():
        yield from sorted(group, key=lambda label: (-label.confidence, label.number))[:cap]


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()
