"""Which configuration holds for a folder, and what it says about a file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from themis_lsp.conditions import Condition, settle_conditions
from themis_lsp.config.read import OWN_FILE, PROJECT_FILE, Config, PathRule, read_config
from themis_lsp.criteria import Criterion


def find_config(folder: Path) -> Config | None:
    """Return the configuration closest to ``folder``, there or above; None when there is none.

    The search ends at the top of a repository. ``.themis.toml`` goes before ``pyproject.toml``.
    Raises UserError for one that is wrong.
    """
    here = folder.resolve()
    for place in (here, *here.parents):
        for name in (OWN_FILE, PROJECT_FILE):
            config = read_config(place / name) if (place / name).is_file() else None
            if config is not None:
                return config
        if os.path.lexists(place / ".git"):
            return None
    return None


@dataclass(slots=True)
class ProjectRules:
    """What the configurations of a project say about its files, read as they are needed.

    ``stated`` are the conditions of the command line, None where it has none: they replace all
    others. ``otherwise`` holds where no configuration says anything. ``fixed`` is the configuration
    for all files, with ``is_fixed``; else each file has the one closest to it.
    """

    stated: tuple[Condition, ...] | None = None
    otherwise: tuple[Condition, ...] = ()
    fixed: Config | None = None
    is_fixed: bool = False
    _found: dict[Path, Config | None] = field(default_factory=dict)

    def conditions_of(self, path: str) -> tuple[Condition, ...]:
        """Return what fails the run in the file ``path``, relative to the current folder."""
        if self.stated is not None:
            return self.stated
        config = self.config_of(path)
        conditions = self.otherwise
        if config is not None and config.fail_on is not None:
            conditions = config.fail_on
        own = [c for rule in self._rules_of(path) for c in rule.fail_on]
        ignored = self.ignored(path)
        settled = settle_conditions([*conditions, *own])
        return tuple(c for c in settled.values() if c.criterion not in ignored)

    def ignored(self, path: str) -> frozenset[Criterion]:
        """Return the criteria that the file is not judged by."""
        return frozenset(c for rule in self._rules_of(path) for c in rule.ignore)

    def config_of(self, path: str) -> Config | None:
        """Return the configuration that holds for the file. Raises UserError for a wrong one."""
        if self.is_fixed:
            return self.fixed
        folder = Path(path).absolute().parent
        if folder not in self._found:
            self._found[folder] = find_config(folder)
        return self._found[folder]

    def _rules_of(self, path: str) -> Sequence[PathRule]:
        config = self.config_of(path)
        if config is None or not config.rules:
            return ()
        file = Path(path).absolute()
        real = file.parent.resolve() / file.name
        return [rule for rule in config.rules if _matches(rule, real)]


def _matches(rule: PathRule, file: Path) -> bool:
    from pathspec import GitIgnoreSpec

    if not file.is_relative_to(rule.folder):
        return False
    spec = GitIgnoreSpec.from_lines([rule.pattern])
    return bool(spec.match_file(file.relative_to(rule.folder).as_posix()))
