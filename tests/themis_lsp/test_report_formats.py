from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from themis_lsp.bundle.scales import MarginScale
from themis_lsp.changes.change import Change, ChangeKind
from themis_lsp.cli.main import run
from themis_lsp.criteria import Criterion
from themis_lsp.judgement.comparison import ChangeReading, CriterionMargin
from themis_lsp.judgement.findings import rank_findings
from themis_lsp.judgement.pointing import LineCost
from themis_lsp.judgement.readings import CriterionReading, UnitReading
from themis_lsp.languages import Language
from themis_lsp.report.formats.azure import format_azure
from themis_lsp.report.formats.github import format_github
from themis_lsp.report.formats.gitlab import format_gitlab
from themis_lsp.report.formats.jsonl import format_jsonl
from themis_lsp.report.formats.junit import format_junit
from themis_lsp.report.formats.markdown import format_markdown
from themis_lsp.report.formats.page import format_html
from themis_lsp.report.formats.rdjson import format_rdjson
from themis_lsp.report.formats.remarks import Severity, make_remarks
from themis_lsp.report.formats.sarif import format_sarif
from themis_lsp.report.review import Review, ReviewedChanges
from themis_lsp.sources.source import SourceProblem
from themis_lsp.units.unit import Unit, UnitKind

BODY = "def f(a):\n    b = a\n    c = 1\n    return b + c\n"
SCALE = MarginScale(0.2, -0.3, -0.5, 0.3, 100)
RT, SH = Criterion.RUNTIME_EFFICIENCY, Criterion.SECURITY_HARDNESS
ODD = "a,b:c;%]]>'\"<é🦉\x1b\n&|`_.py"


def unit(path: str = "a.py", name: str = "f", line: int = 3) -> Unit:
    return Unit(path, Language.PYTHON, UnitKind.FUNCTION, name, 0, 40, line, line + 3, BODY)


def of_files(of: Unit, min_percentile: int | None = None) -> Review:
    costs = (LineCost(of.start_line + 1, 0.4, 5, 10, "é = b"),)
    reading = UnitReading(of, 1, False, (CriterionReading(SH, -1.0, 4.5, 0.5, costs),))
    findings = tuple(rank_findings([reading]))
    return Review(1, (reading,), findings, findings, (), (), None, min_percentile, 0.1)


def of_changes(of: Unit, scale: MarginScale | None = SCALE) -> Review:
    costs = (LineCost(of.start_line + 2, 0.4, 5, 10, "    c = 1"),)
    margin = CriterionMargin(RT, 0.5, 0.0, costs, scale)
    change = Change(ChangeKind.MODIFIED, of, of)
    readings = (ChangeReading(change, 1, False, (margin,)),)
    changes = ReviewedChanges("HEAD", "index", readings, readings)
    return Review(1, (), (), (), (), (), None, None, 0.1, changes)


def test_a_regression_is_a_warning_that_says_how_likely_and_where() -> None:
    (remark,) = make_remarks(of_changes(unit()))
    assert remark.severity is Severity.WARNING
    assert remark.message == (
        "Runtime efficiency of f regressed (92 % likely): margin -0.50; costliest line 5"
    )


def test_without_a_calibration_a_margin_is_only_noted() -> None:
    (remark,) = make_remarks(of_changes(unit(), scale=None))
    assert remark.severity is Severity.NOTE
    assert remark.message == "Runtime efficiency of f: margin -0.50; costliest line 5"


def test_a_weak_unit_is_a_note_and_under_the_bar_an_error() -> None:
    (weak,) = make_remarks(of_files(unit()))
    (failed,) = make_remarks(of_files(unit(), min_percentile=10))
    assert (weak.severity, failed.severity) == (Severity.NOTE, Severity.ERROR)
    assert weak.message == (
        "Security hardness of f: weaker than 95 % of comparable Python code; costliest line 4"
    )


def test_a_fingerprint_does_not_depend_on_lines_and_is_never_shared() -> None:
    (here,), (moved,) = make_remarks(of_files(unit())), make_remarks(of_files(unit(line=90)))
    assert here.fingerprint == moved.fingerprint
    once = of_files(unit())
    twice = make_remarks(replace(once, findings=once.findings * 2))
    assert len({remark.fingerprint for remark in twice}) == 2


def test_sarif_names_its_rules_and_places_files_under_the_root() -> None:
    log = json.loads(format_sarif(of_changes(unit("src/a b.py"))))
    (sarif,) = log["runs"]
    assert [rule["id"] for rule in sarif["tool"]["driver"]["rules"]] == [c.kebab for c in Criterion]
    (result,) = sarif["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "src/a%20b.py", "uriBaseId": "%SRCROOT%"}
    assert place["region"]["snippet"] == {"text": "c = 1"}
    assert (result["ruleIndex"], result["level"]) == (1, "warning")


def test_rdjson_counts_columns_in_bytes() -> None:
    (diagnostic,) = json.loads(format_rdjson(of_files(unit())))["diagnostics"]
    assert diagnostic["location"]["range"]["start"] == {"line": 4, "column": 6}


def test_what_could_not_be_reviewed_is_an_error_in_every_format() -> None:
    review = replace(of_changes(unit()), problems=(SourceProblem("b.py", "b.py: binary"),))
    assert "::error title=Themis Review (not-reviewed),file=b.py" in format_github(review)
    assert "type=error;sourcepath=b.py" in format_azure(review)
    assert json.loads(format_gitlab(review))[0]["severity"] == "critical"
    assert json.loads(format_rdjson(review))["diagnostics"][0]["severity"] == "ERROR"
    assert Xml.fromstring(format_junit(review)).find(".//error") is not None
    assert "**Error:** b.py: binary" in format_markdown(review)
    (sarif,) = json.loads(format_sarif(review))["runs"]
    assert not sarif["invocations"][0]["executionSuccessful"]


def test_jsonl_says_what_each_line_is() -> None:
    kinds = [json.loads(line)["type"] for line in format_jsonl(of_changes(unit())).split("\n")]
    assert kinds == ["summary", "change"]


def test_markdown_shows_the_worst_and_folds_the_rest() -> None:
    review = of_changes(unit())
    assert review.changes is not None
    many = replace(review.changes, readings=review.changes.readings * 12)
    text = format_markdown(replace(review, changes=many))
    assert "| f<br>a.py:3 | regressed |  | -0.50 ▼ |" in text
    assert "<details><summary>2 more</summary>" in text


def test_the_page_needs_nothing_outside_and_runs_nothing_it_quotes() -> None:
    text = "<script>alert(1)</script>"
    for review in (of_files(unit(text, text)), of_changes(unit(text, text), scale=None)):
        page = format_html(review)
        assert text not in page
        assert "&lt;script&gt;" in page
        assert "--cost:1.00" in page
        assert not re.search(r"(src|href)=\"(?!#)|url\(|@import", page)


@settings(max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_odd_names_survive_in_every_format(name: str) -> None:
    path = f"{name}{ODD}"
    for review in (of_files(unit(path, name), 10), of_changes(unit(path, name))):
        (sarif,) = json.loads(format_sarif(review))["runs"]
        artifact = sarif["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
        assert unquote(artifact["uri"]).removeprefix("file://") == path
        assert json.loads(format_gitlab(review))[0]["location"]["path"] == path
        diagnostics = json.loads(format_rdjson(review))["diagnostics"]
        assert diagnostics[0]["location"]["path"] == path
        (command,) = re.findall(r",file=([^,:\n\r]*),", format_github(review))
        assert unquote(command) == path
        logged = format_azure(review)
        assert not set("\r\n") & set(logged)
        (source,) = re.findall(r"sourcepath=([^;\]\n\r]*);", logged)
        assert unquote(source.replace("%AZP25", "%25")) == path
        suite = Xml.fromstring(format_junit(review)).find("testsuite")
        assert suite is not None
        assert "🦉" in suite.attrib["name"]
        assert "🦉" in format_jsonl(review).encode().decode("unicode_escape") or "\\ud83e" in (
            format_jsonl(review)
        )
        assert "]]>" not in format_markdown(review)
        assert "🦉" in format_html(review)


def test_several_reports_are_written_in_one_run(
    project: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "a.py").write_text(BODY, encoding="utf-8")
    arguments = ["a.py", "--model", str(tiny_bundle), "--no-cache", "--format", "concise"]
    assert run([*arguments, "--output", "sarif=a.sarif", "--output", "junit=a.xml"]) == 0
    assert json.loads((project / "a.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert Xml.parse(project / "a.xml").getroot().tag == "testsuites"
    assert sorted(path.name for path in project.iterdir()) == ["a.py", "a.sarif", "a.xml"]
    assert "{" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--output", "sarf=x"], "did you mean sarif?"),
        (["--format", "githb"], "did you mean github?"),
        (["--output", "sarif"], "is not FORMAT=FILE"),
        (["--output", "sarif=no/x"], "no is not a folder"),
        (["--output", "sarif=x", "--output", "junit=./x"], "is named twice"),
    ],
)
def test_an_output_that_cannot_be_is_refused_before_the_review(
    arguments: list[str], words: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["a.py", *arguments]) == 2
    assert words in " ".join(capsys.readouterr().err.split())
    assert not list(project.iterdir())
