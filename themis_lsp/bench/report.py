"""The results of a benchmark run as a text table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from themis_lsp.bench.results import Results
from themis_lsp.criteria import parse_criterion

_GROUPS = {"by_aspect": "criterion", "by_language": "language", "by_subset": "subset"}


def format_report(results: Results) -> str:
    """Return tables by criterion, language and subset, and accuracy by coverage, for a terminal.

    Plain text without a line end after it. A figure that the pairs do not allow is a dash.
    """
    model, overall = results["model"], results["overall"]
    lines = [f"{model['name']} ({model['provider']}, bundle {model['bundle_sha256'][:12]})"]
    if "reading" in model:
        lines.append(f"{model['reading']} reading of code")
    rows: list[list[str]] = []
    for key, title in _GROUPS.items():
        rows += [[], [title, "pairs", "accuracy", "length-balanced"]]
        for name, group in results[key].items():
            label = parse_criterion(name).words if key == "by_aspect" else _make_printable(name)
            rows.append([label, *_format_group(group)])
    rows += [[], ["all", *_format_group(overall)]]
    macro = _format_percent(overall["length_balanced_accuracy_by_criterion_mean"])
    rows.append(["mean of the criteria", "", "", macro])
    lines += _align(rows)
    lines += ["", *_align(_format_coverage(overall))]
    silent = [name for name, group in results["by_aspect"].items() if _tells_nothing(group)]
    if silent:
        words = ", ".join(parse_criterion(name).words for name in silent)
        lines += ["", f"every margin is 0, which counts as wrong: {words}"]
    if results["skipped"]:
        lines += ["", _format_skipped(results["skipped"])]
    return "\n".join(lines)


def _tells_nothing(group: Mapping[str, Any]) -> bool:
    return group["mean_score_difference"] == 0 and not group["std_score_difference"]


def _format_group(group: Mapping[str, Any]) -> list[str]:
    return [
        f"{group['count']:,}",
        _format_percent(group["accuracy"]),
        _format_percent(group["length_balanced_accuracy"]),
    ]


def _format_coverage(overall: Mapping[str, Any]) -> list[list[str]]:
    balanced = overall["coverage_length_balanced"]
    rows = [["surest pairs", "accuracy", "length-balanced"]]
    for share, accuracy in overall["coverage"].items():
        figures = [_format_percent(accuracy), _format_percent(balanced[share])]
        rows.append([f"{float(share):.0%}", *figures])
    return rows


def _format_skipped(skipped: Mapping[str, int]) -> str:
    counts = ", ".join(f"{parse_criterion(name).words} {n:,}" for name, n in skipped.items())
    return f"skipped, as the bundle does not judge their criterion: {counts}"


def _make_printable(name: str) -> str:
    # A subset's name is any text of a downloaded file: no control codes for the terminal.
    return "".join(character if character.isprintable() else "?" for character in name)


def _format_percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _align(rows: list[list[str]]) -> list[str]:
    """Return a line per row: the first column flush left, the others flush right."""
    widths = [max(map(len, column)) for column in zip(*filter(None, rows), strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if index else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=False))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines
