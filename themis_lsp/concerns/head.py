"""The concern head: a linear reading of a change that names the likely concern, or none.

The file ``concerns.npz`` of a bundle holds ``names`` [concerns], ``weights`` int8
[2 * BUCKETS, concerns + 1], ``scales`` and ``biases`` float32 [concerns + 1], and ``thresholds``
float32 [concerns]: from which probability on a name was right in at least four of five cases, or
more than one where none was. The last column stands for "none of these".
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from themis_lsp.bundle.load import Bundle, check_file
from themis_lsp.concerns.catalogue import Concern, all_concerns
from themis_lsp.concerns.features import BUCKETS, MarkedTokens, change_columns
from themis_lsp.criteria import Criterion
from themis_lsp.errors import BundleError

CONCERNS_FILE = "concerns.npz"
SHOWN_PRECISION = 0.8

_KINDS = {"weights": "i1", "scales": "f4", "biases": "f4", "thresholds": "f4"}


@dataclass(frozen=True, slots=True)
class NamedConcern:
    """A concern and how likely it is, 0..1."""

    concern: Concern
    probability: float


@dataclass(frozen=True, slots=True)
class ConcernHead:
    """The arrays that ``concerns.npz`` holds."""

    names: tuple[str, ...]
    weights: NDArray[np.int8]
    scales: NDArray[np.float32]
    biases: NDArray[np.float32]
    thresholds: NDArray[np.float32]

    def probabilities(self, columns: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return how likely each concern is, and none, [concerns + 1], for ``change_columns``."""
        total = self.weights[columns].sum(axis=0, dtype=np.int64)
        logits = total * self.scales.astype(np.float64) / np.sqrt(max(len(columns), 1))
        logits += self.biases
        raised = np.exp(logits - logits.max())
        return np.asarray(raised / raised.sum())

    def likeliest(self, columns: NDArray[np.int64]) -> NamedConcern | None:
        """Return the likeliest concern for ``change_columns`` if it is sure enough."""
        if not len(columns):
            return None
        probabilities = self.probabilities(columns)
        place = int(probabilities.argmax())
        if place == len(self.names) or probabilities[place] < self.thresholds[place]:
            return None
        return NamedConcern(all_concerns()[self.names[place]], float(probabilities[place]))

    def name(
        self, went: MarkedTokens, came: MarkedTokens, criteria: Collection[Criterion]
    ) -> NamedConcern | None:
        """Return the likeliest concern of a change if it is one of ``criteria`` and sure enough."""
        named = self.likeliest(change_columns(went, came))
        return named if named is not None and named.concern.criterion in criteria else None


class ConcernNamer(Protocol):
    """Anything that names the likely concern of a change."""

    def name(
        self, went: MarkedTokens, came: MarkedTokens, criteria: Collection[Criterion]
    ) -> NamedConcern | None:
        """Return the likeliest concern of a change if it is one of ``criteria`` and sure enough."""
        ...


@dataclass(slots=True)
class DeferredConcernHead:
    """The head that ``open_head`` returns, if any, opened when there is something to name."""

    open_head: Callable[[], ConcernNamer | None]
    _opened: list[ConcernNamer | None] = field(default_factory=list)

    def name(
        self, went: MarkedTokens, came: MarkedTokens, criteria: Collection[Criterion]
    ) -> NamedConcern | None:
        """Return what the head says, None without one. Raises what opening it raises."""
        if not self._opened:
            self._opened.append(self.open_head())
        head = self._opened[0]
        return None if head is None else head.name(went, came, criteria)


def load_concern_head(path: Path) -> ConcernHead:
    """Read a ``concerns.npz``. Raises BundleError when it is damaged or of another version."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            names = tuple(str(name) for name in arrays["names"])
            head = ConcernHead(names, **{key: arrays[key] for key in _KINDS})
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise BundleError(
            f"{path} is not a concern head ({error}); export the model again"
        ) from error
    _check(head, path)
    return head


def open_concern_head(bundle: Bundle) -> ConcernHead | None:
    """Return the head that a bundle carries, after checking its file; None when it carries none.

    Raises BundleError as ``load_concern_head``.
    """
    if CONCERNS_FILE not in bundle.manifest.files:
        return None
    check_file(bundle, CONCERNS_FILE)
    return load_concern_head(bundle.path / CONCERNS_FILE)


def save_concern_head(head: ConcernHead, path: Path) -> None:
    """Write ``concerns.npz``."""
    arrays = {key: getattr(head, key) for key in _KINDS}
    np.savez_compressed(path, allow_pickle=False, names=np.array(head.names), **arrays)


def _check(head: ConcernHead, path: Path) -> None:
    unknown = [name for name in head.names if name not in all_concerns()]
    if unknown:
        raise BundleError(
            f"{path} names concerns that this version does not know ({', '.join(unknown)}); "
            "update themis-review"
        )
    count = len(head.names)
    shapes = {
        "weights": (2 * BUCKETS, count + 1),
        "scales": (count + 1,),
        "biases": (count + 1,),
        "thresholds": (count,),
    }
    for key, shape in shapes.items():
        array = getattr(head, key)
        if array.shape != shape or array.dtype != np.dtype(_KINDS[key]):
            raise BundleError(
                f"{path}: {key} is {array.dtype} {array.shape}, not {_KINDS[key]} {shape}; "
                "export the model again"
            )
        if not np.isfinite(array).all():
            raise BundleError(f"{path}: {key} holds what is not a number; export the model again")
