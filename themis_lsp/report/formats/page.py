"""HTML: one page to read, with nothing outside it and nothing hidden without scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files

from themis_lsp.criteria import Criterion
from themis_lsp.judgement.comparison import ChangeReading, CriterionMargin
from themis_lsp.judgement.findings import Finding
from themis_lsp.judgement.verdict import Verdict
from themis_lsp.report.excerpt import make_visible
from themis_lsp.report.formats.page_code import (
    CodeLine,
    changed_code,
    draw_code,
    telling_margin,
    unit_code,
)
from themis_lsp.report.formats.remarks import PLAIN, margin_words
from themis_lsp.report.review import Review
from themis_lsp.report.wording import percentile_words, signed, summarize
from themis_lsp.units.unit import Unit

_SECTIONS = 60
_ROWS = 400
_KINDS = {Verdict.REGRESSED: "bad", Verdict.IMPROVED: "good"}
_LEGEND = (
    "Bars: grey before, coloured after; or percentiles. Lines: + came and \N{MINUS SIGN} went with "
    "the change; the redder, the more a line costs on the criterion that is talked about."
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A unit on the page: a row of the table and, for the worst, a section.

    ``verdict``, ``cells`` and ``bars`` are HTML.
    """

    unit: Unit
    verdict: str
    cells: Mapping[Criterion, str]
    bars: Sequence[str]
    code: Sequence[CodeLine]


def format_html(review: Review) -> str:
    """Return a page with a table of the units, worst first, and the worst with their code."""
    changed: list[_Entry] = []
    units = [_of_finding(finding) for finding in review.findings]
    if review.changes is not None:
        readings = [r for r in review.changes.readings if r.is_compared()]
        changed = [_of_change(r) for r in sorted(readings, key=_worst_first)]
    new = "New units" if review.changes is not None else "Units"
    here = files(__package__)
    style = here.joinpath("page.css").read_text(encoding="utf-8")
    script = here.joinpath("page.js").read_text(encoding="utf-8")
    problems = [f'<p class="bad">{_text(problem.message)}</p>' for problem in review.problems]
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Themis Review</title><style>{style}</style></head><body>",
            f'<h1>Themis Review</h1><p class="soft">{_text(summarize(review))}</p>',
            f'<p class="soft">{_LEGEND}</p>',
            *problems,
            *_table("Changed units, margins, worst first", changed, first=0),
            *_table(f"{new}, percentiles, weakest first", units, first=len(changed)),
            *_sections([*changed, *units][:_SECTIONS]),
            f"<script>{script}</script></body></html>",
        ]
    )


def _worst_first(reading: ChangeReading) -> tuple[bool, bool, float]:
    told = telling_margin(reading)
    return (
        reading.verdict is not Verdict.REGRESSED,
        not reading.suspected,
        0.0 if told is None else -told.loss,
    )


def _of_change(reading: ChangeReading) -> _Entry:
    largest = max(max(abs(m.before), abs(m.after)) for m in reading.margins) or 1.0
    return _Entry(
        reading.change.unit,
        _verdict(reading),
        {m.criterion: _colored(signed(m.margin), m) for m in reading.margins},
        [_margin_bar(m, largest) for m in reading.margins],
        changed_code(reading),
    )


def _verdict(reading: ChangeReading) -> str:
    word = "no verdict" if reading.verdict is Verdict.SKIPPED else reading.verdict.value
    faults = [_fault(margin) for margin in reading.suspected]
    return "; ".join([f'<span class="{_KINDS.get(reading.verdict, "")}">{word}</span>', *faults])


def _fault(margin: CriterionMargin) -> str:
    return "" if margin.concern is None else f"likely {_text(margin.concern.concern.title)}"


def _of_finding(finding: Finding) -> _Entry:
    return _Entry(
        finding.reading.unit,
        f"weakest: {finding.weakest.criterion.code}",
        {r.criterion: percentile_words(r) for r in finding.reading.readings},
        [
            _bar(
                r.criterion, [("", (r.percentile or 0) / 100)], f"percentile {percentile_words(r)}"
            )
            for r in finding.reading.readings
        ],
        unit_code(finding),
    )


def _margin_bar(margin: CriterionMargin, largest: float) -> str:
    # One scale for all bars of a unit: nothing is worth a bar of half the width.
    before, after = ((value + largest) / largest / 2 for value in (margin.before, margin.after))
    kind = _KINDS.get(margin.standing, "")
    said = _colored(_text(margin_words(margin)), margin)
    return _bar(margin.criterion, [("old", before), (kind, after)], said)


def _bar(criterion: Criterion, bars: Sequence[tuple[str, float]], said: str) -> str:
    drawn = "".join(f'<i class="{kind}" style="width:{share:.1%}"></i>' for kind, share in bars)
    return f'<span>{criterion.words}</span><span class="bar">{drawn}</span><span>{said}</span>'


def _colored(text: str, margin: CriterionMargin) -> str:
    return f'<span class="{_KINDS.get(margin.standing, "")}">{text}</span>'


def _table(title: str, entries: Sequence[_Entry], *, first: int) -> list[str]:
    """The rows of ``entries``, of which the first is number ``first`` on the page."""
    if not entries:
        return []
    heads = "".join(f'<th title="{c.words}">{c.code}</th>' for c in Criterion)
    rows = [_row(number, entry) for number, entry in enumerate(entries[:_ROWS], first)]
    head = f"<thead><tr><th>unit</th><th>verdict</th>{heads}</tr></thead>"
    rest = len(entries) - len(rows)
    more = [f'<p class="soft">{rest} more</p>'] if rest else []
    table = [f'<div class="wide"><table>{head}<tbody>', *rows, "</tbody></table></div>"]
    return [f"<h2>{title}</h2>", *table, *more]


def _row(number: int, entry: _Entry) -> str:
    name, unit = _text(entry.unit.name), entry.unit
    place = f'<span class="soft">{_text(unit.path)}:{unit.start_line}</span>'
    link = f'<a href="#u{number}">{name}</a>' if number < _SECTIONS else name
    cells = "".join(f"<td>{entry.cells.get(criterion, '')}</td>" for criterion in Criterion)
    return f"<tr><td>{link} {place}</td><td>{entry.verdict}</td>{cells}</tr>"


def _sections(entries: Sequence[_Entry]) -> list[str]:
    by_file: dict[str, list[str]] = {}
    for number, entry in enumerate(entries):
        by_file.setdefault(entry.unit.path, []).append(_section(number, entry))
    return [part for path, made in by_file.items() for part in (f"<h2>{_text(path)}</h2>", *made)]


def _section(number: int, entry: _Entry) -> str:
    unit = entry.unit
    heading = f'<h3>{_text(unit.name)} <span class="soft">line {unit.start_line}</span></h3>'
    bars = "".join(entry.bars)
    return (
        f'<section id="u{number}">{heading}<p class="soft">{entry.verdict}</p>'
        f'<div class="bars">{bars}</div>{draw_code(entry.code)}</section>'
    )


def _text(text: str) -> str:
    return escape(make_visible(text, PLAIN))
