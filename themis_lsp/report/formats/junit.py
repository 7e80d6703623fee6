"""JUnit XML: what Jenkins and most other servers show as tests."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from xml.etree import ElementTree as Xml

from themis_lsp.report.excerpt import make_visible
from themis_lsp.report.formats.remarks import PLAIN, Remark, Severity, make_remarks
from themis_lsp.report.review import Review
from themis_lsp.units.unit import Unit


def format_junit(review: Review) -> str:
    """Return a suite a file and a test case a unit; errors and warnings are failures.

    Notes are the output of a case. What could not be reviewed is a case with an error.
    """
    remarks: dict[tuple[str, str], list[Remark]] = {}
    for remark in make_remarks(review):
        remarks.setdefault((remark.path, remark.unit), []).append(remark)
    cases = dict.fromkeys(remarks) | {(u.path, u.name): None for u in _units(review)}
    root = Xml.Element("testsuites", name="themis-review")
    for path, keys in groupby(sorted(cases), key=lambda key: key[0]):
        suite = Xml.SubElement(root, "testsuite", name=_safe(path))
        made = [_case(suite, key, remarks.get(key, ())) for key in keys]
        suite.set("tests", str(len(made)))
        suite.set("failures", str(sum(case.find("failure") is not None for case in made)))
        suite.set("errors", str(sum(case.find("error") is not None for case in made)))
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=False)


def _units(review: Review) -> list[Unit]:
    units = [reading.unit for reading in review.readings]
    if review.changes is not None:
        changes = [reading.change for reading in review.changes.readings]
        units += [change.after for change in changes if change.after is not None]
    return units


def _case(suite: Xml.Element, key: tuple[str, str], remarks: Iterable[Remark]) -> Xml.Element:
    path, unit = key
    case = Xml.SubElement(
        suite, "testcase", classname=_safe(path), name=_safe(unit) or "(could not be reviewed)"
    )
    notes = []
    for remark in remarks:
        line = f"{_safe(remark.path)}:{remark.line}: {remark.message}"
        if remark.severity is Severity.NOTE:
            notes.append(line)
            continue
        kind = "error" if remark.criterion is None else "failure"
        told = Xml.SubElement(case, kind, message=remark.message, type=remark.rule)
        told.text = _safe(line)
    if notes:
        Xml.SubElement(case, "system-out").text = _safe("; ".join(notes))
    return case


def _safe(text: str) -> str:
    """XML has no control characters and no U+FFFE, not even escaped."""
    visible = make_visible(text, PLAIN)
    return visible.replace("\ufffe", r"\ufffe").replace("\uffff", r"\uffff")
