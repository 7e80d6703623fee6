"""The concerns, as ``catalogue.toml`` describes them."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError


@dataclass(frozen=True, slots=True)
class Concern:
    """A likely reason. ``title`` is half a sentence; ``why`` and ``remedy`` are whole ones."""

    name: str
    criterion: Criterion
    title: str
    why: str
    remedy: str


@cache
def all_concerns() -> dict[str, Concern]:
    """Return every concern by its name, criterion by criterion."""
    text = files(__package__).joinpath("catalogue.toml").read_text(encoding="utf-8")
    return {
        name: Concern(name, Criterion(entry.pop("criterion")), **entry)
        for name, entry in tomllib.loads(text).items()
    }


def find_concern(name: str) -> Concern:
    """Return the concern called ``name``. Raises UserError, with a suggestion, for another."""
    known = all_concerns()
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name, known, n=1)
    meant = f"did you mean {close[0]}?" if close else "--explain list names them all"
    raise UserError(f"no concern is called {name!r}; {meant}")
