"""What the reviewing thread answers when a user asks for it by name; all answers are JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pygls.uris import to_fs_path

from themis_lsp.changes import Change, FileUnits, pair_units
from themis_lsp.changes.change import ChangeKind
from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError
from themis_lsp.judgement.acceptance import Acceptance
from themis_lsp.judgement.brief import brief_for
from themis_lsp.judgement.comparison import (
    ChangeReading,
    RewardScale,
    SideTexts,
    read_changes,
    snippets_of,
    without_criteria,
)
from themis_lsp.judgement.findings import choose_findings, is_ranked, rank_findings
from themis_lsp.judgement.verdict import Verdict
from themis_lsp.languages import Language
from themis_lsp.report.wording import comparison
from themis_lsp.server.analysis import Document
from themis_lsp.server.base import read_base
from themis_lsp.server.comparison import describe_margin
from themis_lsp.server.positions import normalize_newlines
from themis_lsp.server.remember import Watch
from themis_lsp.server.review import Reviewer, Stage
from themis_lsp.server.schedule import IsStale
from themis_lsp.sources.changed import load_changed
from themis_lsp.sources.selection import Selection, SelectionKind
from themis_lsp.sources.source import ChangedFile, SourceFile
from themis_lsp.suppressions.read import without_directives
from themis_lsp.units.find import find_units
from themis_lsp.units.unit import Unit, UnitKind

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Version:
    """A text, and where it is."""

    uri: str
    language: Language
    text: str


def review_text(reviewer: Reviewer, version: Version, base: str, is_stale: IsStale) -> Json:
    """Return what changed in a file against the revision ``base``, and what is weak in it."""
    path = to_fs_path(version.uri) if version.uri.startswith("file:") else None
    text = normalize_newlines(version.text)
    name = Path(path or version.uri).name
    old = None if path is None else read_base(Path(path), base)
    terms, _ = reviewer.terms_of(version.uri)
    document = Document(name, version.language, text, old, terms=terms)
    analysis = reviewer.open()[1].analyse(document, _watch(reviewer, name, is_stale))
    findings = rank_findings(r for r in analysis.readings if is_ranked(r.unit))
    weak = [
        {
            "unit": finding.reading.unit.name,
            "line": finding.reading.unit.start_line,
            "criterion": finding.weakest.criterion.value,
            "percentile": finding.percentile,
            "message": comparison(finding),
        }
        for finding in choose_findings(findings, top=None)
    ]
    return {
        "uri": version.uri,
        "units": len(analysis.readings),
        "changes": [_change(reading) for reading in analysis.changes if reading.is_compared()],
        "weak": weak,
    }


def review_staged(reviewer: Reviewer, folder: Path, is_stale: IsStale) -> Json:
    """Return what is staged in the repository around ``folder``. Raises UserError for none.

    What is accepted is by the configuration of ``folder``, as if the review were started there.
    """
    sources = load_changed(Selection(SelectionKind.STAGED), here=folder)
    terms, _ = reviewer.terms_of((folder.absolute() / "any").as_uri())
    acceptance = Acceptance(terms.requires_reason, terms.ratchet)
    marked = [_mark(file, acceptance) for file in sources.files]
    files = [FileUnits(_units(file.before), _units(file.after)) for file in marked]
    changes = pair_units(files).changes
    texts = SideTexts(
        {file.before.path: file.before.text for file in marked if file.before},
        {file.after.path: file.after.text for file in marked if file.after},
    )
    readings = [
        without_criteria(reading, _ignored(reviewer, folder / reading.change.unit.path))
        for reading in _read(reviewer, changes, texts, is_stale)
    ]
    readings = acceptance.accept_changes(readings)
    return {
        "folder": folder.as_uri(),
        "changes": [_change(reading) for reading in readings if reading.is_compared()],
        "skipped": [{"path": s.path, "reason": s.reason.value} for s in sources.skipped],
        "problems": [problem.message for problem in sources.problems],
    }


def rank_versions(reviewer: Reviewer, versions: tuple[Version, Version], is_stale: IsStale) -> Json:
    """Return which of two versions of the same code is the better one, criterion by criterion.

    Raises UserError for versions in two languages.
    """
    first, second = versions
    if first.language is not second.language:
        raise UserError(
            f"{first.language} and {second.language} code cannot be ranked; "
            "take two versions in one language"
        )
    change = Change(ChangeKind.MODIFIED, _whole(first, "first"), _whole(second, "second"))
    texts = SideTexts({"first": first.text}, {"second": second.text})
    (reading,) = _read(reviewer, (change,), texts, is_stale)
    return {
        "first": first.uri,
        "second": second.uri,
        "criteria": [describe_margin(margin) for margin in reading.margins],
        "verdict": reading.verdict.value,
    }


def summarize_file(found: Mapping[str, Any]) -> str:
    """Return one sentence about ``review_text``."""
    changed = f", {len(found['changes'])} changed, {_worse(found)}" if found["changes"] else ""
    weak = str(len(found["weak"]) or "none")
    return f"Themis Review: {_count(found['units'], 'unit')}{changed}; {weak} weak."


def summarize_staged(found: Mapping[str, Any]) -> str:
    """Return one sentence about ``review_staged``."""
    if not found["changes"] and not found["problems"]:
        return "Themis Review: no unit to compare is staged."
    compared = _count(len(found["changes"]), "staged unit")
    problems = f"; could not be read: {len(found['problems'])}" if found["problems"] else ""
    return f"Themis Review: {compared} compared, {_worse(found)}{problems}."


def summarize_ranking(found: Mapping[str, Any]) -> str:
    """Return one sentence about ``rank_versions``."""
    better = [m for m in found["criteria"] if m["verdict"] == Verdict.IMPROVED]
    worse = [m for m in found["criteria"] if m["verdict"] == Verdict.REGRESSED]
    parts = []
    if better:
        parts.append(f"the second is better on {_words(better)}")
    if worse:
        parts.append(f"the first is better on {_words(worse)}")
    return f"Themis Review: {'; '.join(parts) or 'no clear difference between the two'}."


def _words(margins: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(str(m["criterion"]).replace("_", " ").lower() for m in margins)


def _worse(found: Mapping[str, Any]) -> str:
    """Say what got worse; what the model cannot judge is not called good."""
    regressed = [str(c["unit"]) for c in found["changes"] if c["verdict"] == Verdict.REGRESSED]
    if regressed:
        return f"regressed: {', '.join(regressed)}"
    margins = [margin for change in found["changes"] for margin in change["criteria"]]
    suspected = [
        f"likely {m['concern']}" for m in margins if m["concern"] and m["accepted"] is None
    ]
    judged = {m["criterion"] for m in margins if m["verdict"] != Verdict.SKIPPED}
    unjudged = {m["criterion"] for m in margins} - judged
    limits = f" ({len(unjudged)} of the five criteria not judged)" if unjudged else ""
    return f"{', '.join(suspected) or 'no regression found'}{limits}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _change(reading: ChangeReading) -> Json:
    unit = reading.change.unit
    return {
        "path": unit.path,
        "unit": unit.name,
        "line": unit.start_line,
        "kind": reading.change.kind.value,
        "verdict": reading.verdict.value,
        "criteria": [describe_margin(margin) for margin in reading.margins],
    }


def _read(
    reviewer: Reviewer, changes: Sequence[Change], texts: SideTexts, is_stale: IsStale
) -> list[ChangeReading]:
    model, analyst = reviewer.open()
    snippets = snippets_of(changes, brief_for(model.scorer.info))
    scores = analyst.scorer.score(snippets, _watch(reviewer, "changes", is_stale))
    columns = {criterion: column for column, criterion in enumerate(model.scorer.info.criteria)}
    calibration = model.calibration
    scale = RewardScale(columns, calibration.empty_side, calibration.margins, model.concerns)
    return read_changes(changes, scores, texts=texts, scale=scale)


def _watch(reviewer: Reviewer, what: str, is_stale: IsStale) -> Watch:
    return Watch(is_stale, lambda share: reviewer.tell(Stage(f"reviewing {what}", share)))


def _mark(file: ChangedFile, acceptance: Acceptance) -> ChangedFile:
    """Return both sides without directives; those of the side after count."""
    before, after = file.before, file.after
    if before is not None:
        before = replace(before, text=without_directives(before.text, before.language))
    if after is not None:
        text = acceptance.mark(after.text, path=after.path, language=after.language)
        after = replace(after, text=text)
    return ChangedFile(before, after)


def _ignored(reviewer: Reviewer, file: Path) -> frozenset[Criterion]:
    return reviewer.terms_of(file.absolute().as_uri())[0].ignored


def _units(file: SourceFile | None) -> tuple[Unit, ...]:
    if file is None:
        return ()
    return tuple(find_units(file.text, path=file.path, language=file.language))


def _whole(version: Version, name: str) -> Unit:
    text = normalize_newlines(version.text)
    lines = text.count("\n") + 1
    size = len(text.encode("utf-8", "surrogatepass"))
    return Unit(name, version.language, UnitKind.FUNCTION, name, 0, size, 1, lines, text)
