"""What a project says about its files: what is not judged, and what is accepted as it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from themis_lsp.baseline import Entry, place_from, read_baseline, write_baseline
from themis_lsp.config.find import ProjectRules
from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError
from themis_lsp.judgement.accepting import told_changes, told_units
from themis_lsp.judgement.comparison import ChangeReading
from themis_lsp.judgement.findings import TOLD_PERCENTILE
from themis_lsp.judgement.fingerprint import fingerprint
from themis_lsp.judgement.ratchet import Ratchet
from themis_lsp.judgement.readings import UnitReading
from themis_lsp.units.unit import Unit

_Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one file.

    It is not judged by the criteria ``ignored``. ``baseline`` is the file that accepted findings
    are kept in, None for none, and ``ratchet`` what it holds, None while there is no such file.
    """

    ignored: frozenset[Criterion] = frozenset()
    requires_reason: bool = False
    baseline: Path | None = None
    ratchet: Ratchet | None = None


@dataclass(slots=True)
class Projects:
    """The projects around the files that are reviewed, read as they are needed."""

    _rules: ProjectRules = field(default_factory=ProjectRules)
    _ratchets: dict[Path, tuple[_Stamp, Ratchet]] = field(default_factory=dict)

    def forget_rules(self) -> None:
        """Read configuration anew from here on; baselines are whenever they have changed."""
        self._rules = ProjectRules()

    def terms_of(self, path: str) -> tuple[Terms, str | None]:
        """Return what holds for a file, and what in it is not used because it is wrong, if any."""
        rules = self._rules
        try:
            config = rules.config_of(path)
            if config is None:
                return Terms(), None
            terms = Terms(rules.ignored(path), config.values.get("require_reason") is True)
        except UserError as error:
            return Terms(), f"{error}; the project's rules are not used"
        named = config.values.get("baseline")
        if named is None:
            return terms, None
        file, ratchet, problem = Path(str(named)), None, None
        try:
            ratchet = self._read(file)
        except UserError as error:
            problem = f"{error}; the baseline is not used"
        return Terms(terms.ignored, terms.requires_reason, file, ratchet), problem

    def _read(self, file: Path) -> Ratchet | None:
        try:
            found = file.stat()
        except OSError:
            return None
        stamp = found.st_mtime_ns, found.st_size, found.st_ino
        known = self._ratchets.get(file)
        if known is None or known[0] != stamp:
            known = stamp, Ratchet(read_baseline(file), str)
            self._ratchets[file] = known
        return known[1]


def accept(
    changes: tuple[ChangeReading, ...],
    readings: tuple[UnitReading, ...],
    key: str,
    *,
    path: str,
    baseline: Path,
) -> Unit | None:
    """Put into a baseline whatever is told of the unit with a finding of the fingerprint ``key``.

    ``path`` is the file that the unit is in. Return the unit, None if nothing told has that
    fingerprint. Raises UserError when the baseline cannot be read or written.
    """
    worse = told_changes(changes, ())
    weak = told_units(readings, below=TOLD_PERCENTILE)
    for told in ([(one.unit, one.criterion) for one in group] for group in (worse, weak)):
        unit = next((unit for unit, criterion in told if fingerprint(unit, criterion) == key), None)
        if unit is None:
            continue
        place = place_from(baseline)(path)
        entries = [
            Entry(fingerprint(unit, criterion), place, unit.name, criterion, unit.language)
            for other, criterion in told
            if other is unit
        ]
        earlier = read_baseline(baseline) if baseline.exists() else []
        write_baseline(baseline, [*earlier, *entries])
        return unit
    return None
