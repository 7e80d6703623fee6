"""A baseline at work: what it accepts in a run, and which of its entries have had their day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from themis_lsp.baseline import Entry
from themis_lsp.criteria import Criterion
from themis_lsp.judgement.fingerprint import fingerprint
from themis_lsp.judgement.silence import Silence, SilenceKind
from themis_lsp.units.unit import Unit


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a baseline comes to: ``entries`` are all it should have now.

    ``added`` are new, ``gone`` are for code that is there no longer.
    """

    entries: tuple[Entry, ...]
    added: tuple[Entry, ...]
    gone: tuple[Entry, ...]


@dataclass(slots=True)
class Ratchet:
    """The entries of a baseline, and what a run sees of the code they are about.

    ``place`` turns the path of a unit into that of an entry. One that ``grows`` accepts all that it
    is asked about, and has it as an entry from then on.
    """

    entries: Sequence[Entry]
    place: Callable[[str], str]
    grows: bool = False
    _known: set[str] = field(default_factory=set)
    _places: set[tuple[str, str]] = field(default_factory=set)
    _added: list[Entry] = field(default_factory=list)
    _files: dict[str, Sequence[Unit]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._known = {entry.fingerprint for entry in self.entries}
        self._places = {(entry.fingerprint, entry.path) for entry in self.entries}

    def find(self, unit: Unit, criterion: Criterion) -> Silence | None:
        """Return what silences a finding about ``unit``, if anything."""
        if not self._known and not self.grows:
            return None
        key, path = fingerprint(unit, criterion), self.place(unit.path)
        # One more for the same code in another file: either may go before the other.
        if self.grows and (key, path) not in self._places:
            self._known.add(key)
            self._places.add((key, path))
            self._added.append(Entry(key, path, unit.name, criterion, unit.language))
        return Silence(SilenceKind.BASELINE) if key in self._known else None

    def see(self, path: str, units: Sequence[Unit]) -> None:
        """Take note of a file: all of its units, none if it is gone."""
        self._files[self.place(path)] = units

    def settle(self, is_gone: Callable[[str], bool]) -> Settlement:
        """Return what the baseline comes to.

        An entry goes when its file was seen, or ``is_gone``, and its code is in none that was. One
        whose code is elsewhere now follows it.
        """
        kept, gone = [], []
        by_name: dict[str, list[tuple[str, Unit]]] = {}
        for path, units in self._files.items():
            for unit in units:
                by_name.setdefault(unit.name, []).append((path, unit))
        for entry in self.entries:
            if entry.path not in self._files and not is_gone(entry.path):
                kept.append(entry)
                continue
            places = [
                path
                for path, unit in by_name.get(entry.unit, ())
                if unit.language is entry.language
                and fingerprint(unit, entry.criterion) == entry.fingerprint
            ]
            if not places:
                gone.append(entry)
            elif entry.path in places:
                kept.append(entry)
            else:
                kept.append(replace(entry, path=places[0]))
        entries = tuple(sorted({*kept, *self._added}))
        return Settlement(entries, tuple(self._added), tuple(gone))
