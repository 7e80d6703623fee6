"""What a Themis-RM run depends on, and the published figures of its two stages."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from themis_train.precision import Precision
from themis_train.schedule import Rates


class Stage(StrEnum):
    """The two stages of the published recipe: general preferences first, then code."""

    GENERAL = "general"
    CODE = "code"


class Penalty(StrEnum):
    """What is kept small besides the loss; c and r are the rewards of the two sides."""

    ABSOLUTE = "absolute"  # (|c| + |r|)^2, as in the released trainer
    SUM = "sum"  # (c + r)^2, as in the paper


class Weighting(StrEnum):
    """How pairs count: all alike, or so that length does not tell the better side."""

    LENGTH_BALANCED = "length-balanced"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Schedule:
    """The figures in which the stages differ.

    The rate rises to ``peak_rate`` over ``warm_up`` (a share of the run) and falls on a cosine to
    ``final_rate``. ``batch`` is in pairs, over all processes and accumulation steps.
    """

    peak_rate: float
    final_rate: float
    lm_weight: float
    magnitude_weight: float
    clip: float
    limit_tokens: int
    batch: int
    epochs: float
    warm_up: float = 0.05

    @property
    def rates(self) -> Rates:
        """What the learning rate is made of."""
        return Rates(self.peak_rate, self.final_rate, self.warm_up)


PRESETS: Mapping[Stage, Schedule] = MappingProxyType(
    {
        Stage.GENERAL: Schedule(2e-5, 1e-5, 0.4, 0.01, 2.0, 2560, 1024, 2.0),
        Stage.CODE: Schedule(1e-5, 5e-7, 0.25, 0.001, 1.5, 4096, 512, 1.0),
    }
)
BETAS, EPSILON, WEIGHT_DECAY = (0.9, 0.95), 1e-8, 0.1


@dataclass(frozen=True, slots=True)
class Lora:
    """Low-rank adapters in every linear layer instead of training all weights."""

    rank: int
    alpha: int
    dropout: float


@dataclass(frozen=True, slots=True)
class RmRecipe:
    """Everything the result depends on; a run is only taken up with the recipe it began with."""

    base: str
    pairs: Sequence[Path]
    schedule: Schedule
    stage: Stage = Stage.CODE
    revision: str | None = None
    lm_head: str | None = None
    dev: Sequence[Path] = ()
    dev_limit: int = 200
    criterion_prompts: Path | None = None
    chat_template: Path | None = None
    penalty: Penalty = Penalty.ABSOLUTE
    weighting: Weighting = Weighting.LENGTH_BALANCED
    lora: Lora | None = None
    seed: int = 0

    def describe(self) -> dict[str, object]:
        """Return it as plain JSON data, with file names only: folders are nobody's business."""
        plain: dict[str, object] = json.loads(json.dumps(asdict(self), default=_file_name))
        for key in ("base", "lm_head"):
            value = getattr(self, key)
            plain[key] = Path(value).name if value and Path(value).exists() else value
        return plain

    def fingerprint(self) -> dict[str, object]:
        """Return ``describe()`` with a digest of every file: by this, runs are compared."""
        files = [*self.pairs, *self.dev, self.criterion_prompts, self.chat_template]
        digests = {file.name: _digest(file) for file in files if file is not None}
        return {**self.describe(), "sha256": digests}


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What may differ from start to start of one run: the machine and how often to look.

    ``save_every`` and ``evaluate_every`` count optimizer steps, ``micro_batch`` pairs.
    """

    micro_batch: int = 1
    precision: Precision = Precision.AUTO
    gradient_checkpointing: bool = True
    shard: bool = False
    save_every: int = 25
    evaluate_every: int = 50
    keep: int = 2
    save_dtype: str = "float32"


def _file_name(path: object) -> str:
    return Path(str(path)).name


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
