from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from changed_repository import commit, listing, start
from history import LINK, SUBMODULE, Past, make_history
from planted_scorer import STRONG, WEAK, PlantedScorer, plant
from source_tree import git, write

from themis_lsp.cli.main import run
from themis_lsp.scoring.score import Progress, Score, Snippet

OTHER = STRONG.replace("strong", "other")


class CountingScorer(PlantedScorer):
    def __init__(self) -> None:
        self.scored: list[str] = []

    def score(self, snippets: Any, progress: Progress | None = None) -> list[Score]:
        self.scored += [snippet.text for snippet in snippets if isinstance(snippet, Snippet)]
        return super().score(snippets, progress)


@pytest.fixture(autouse=True)
def scorer(monkeypatch: pytest.MonkeyPatch, project: Path) -> CountingScorer:
    assert project.is_dir()
    scorer = CountingScorer()
    plant(monkeypatch, scorer)
    return scorer


def past() -> list[Past]:
    """Strong code, to which weak code comes, which goes again."""
    return [
        Past("first", {"src/a.py": STRONG, "lib/b.py": OTHER}),
        Past("worse\n\nmuch worse", {"src/w.py": WEAK}),
        Past("elsewhere", {"lib/b.py": OTHER + "\n\n# more\n"}),
        Past("better", {"src/w.py": None}),
    ]


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[Any]:
    capsys.readouterr()
    assert run(["trend", *arguments, "--format", "json"]) == 0
    commits: list[Any] = json.loads(capsys.readouterr().out)["commits"]
    return commits


def means(commits: list[Any]) -> list[float]:
    figures = [commit["criteria"]["Security_Hardness"] for commit in commits]
    return [round(figure["mean_percentile"], 1) for figure in figures]


def test_a_criterion_is_followed_from_a_commit_to_head(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_history(project, past())
    commits = told(capsys, "--since", "HEAD~3")
    assert [commit["subject"] for commit in commits] == ["first", "worse", "elsewhere", "better"]
    assert [commit["units"] for commit in commits] == [2, 3, 3, 2]
    assert means(commits) == [100.0, 66.7, 66.7, 100.0]
    shares = [commit["criteria"]["Security_Hardness"]["weak_share"] for commit in commits]
    assert shares == [0.0, 33.333, 33.333, 0.0]


def test_paths_narrow_both_the_files_and_the_commits(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_history(project, past())
    commits = told(capsys, "--since", "HEAD~3", "src")
    assert [commit["subject"] for commit in commits] == ["first", "worse", "better"]
    assert means(commits) == [100.0, 50.0, 100.0]
    monkeypatch.chdir(project / "src")
    assert means(told(capsys, "--since", "HEAD~3", "../lib/b.py")) == [100.0, 100.0]


def test_no_text_is_scored_twice_and_nothing_is_written(
    project: Path, scorer: CountingScorer, capsys: pytest.CaptureFixture[str]
) -> None:
    make_history(project, past())
    write("src/a.py", WEAK)
    before = listing(Path())
    assert means(told(capsys, "--since", "HEAD~3"))[-1] == 100.0
    assert len(scorer.scored) == 4
    assert listing(Path()) == before


def test_of_a_long_history_some_commits_are_taken(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_history(project, [Past(str(n), {"a.py": f"{STRONG}# {n}\n"}) for n in range(11)])
    commits = told(capsys, "--since", "HEAD~10", "--points", "3")
    assert [commit["subject"] for commit in commits] == ["0", "5", "10"]
    (only,) = told(capsys, "--since", "HEAD")
    assert only["subject"] == "10"


def test_merges_count_for_what_they_brought(capsys: pytest.CaptureFixture[str]) -> None:
    start(a_py=STRONG)
    git("checkout", "-b", "side")
    for name in ("one", "two"):
        write(f"{name}.py", WEAK)
        commit(name)
    git("checkout", "main")
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    git(*identity, "merge", "--no-ff", "-m", "merged", "side")
    commits = told(capsys, "--since", "HEAD~1")
    assert [(one["subject"], one["units"]) for one in commits] == [("first", 1), ("merged", 3)]


def test_suppressions_raise_no_score(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "# themis: ignore-file\n" + WEAK
    make_history(project, [Past("first", {"a.py": WEAK}), Past("second", {"a.py": text})])
    one, other = means(told(capsys, "--since", "HEAD~1"))
    assert one == other < 10


def test_what_is_no_code_is_left_out(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {"a.py": STRONG, "l.py": "a.py", "sub.py": "", "vendor/v.py": WEAK, "b.py": "\0"}
    odd = {"é\n\"'.py": WEAK}
    make_history(project, [Past("x", files | odd, modes={"l.py": LINK, "sub.py": SUBMODULE})])
    (commit,) = told(capsys, "--since", "HEAD")
    assert (commit["files"], commit["units"]) == (2, 2)


def test_the_chart_shows_where_it_bends(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_history(project, past())
    assert run(["trend", "--since", "HEAD~3", "--criteria", "SH"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == ("SH security hardness: 100.0 to 100.0 (0.0); weak units 0.0 % to 0.0 %")
    assert lines[1] == "   100.0 ┤────────╮               ╭───────"
    assert lines[6] == "    66.7 ┤        ╰───────────────╯"
    assert lines[8].startswith("mean percentile of 2 to 2 units in 4 commits, ")
    assert lines[8].endswith(" of 2020-09-13 (better)")


def test_what_hardly_moves_looks_as_if_it_did_not(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_history(project, past()[:1])
    assert run(["trend", "--since", "HEAD", "--criteria", "RT"]) == 0
    out = capsys.readouterr().out
    assert "   100.5 ┤\n" in out
    assert "    99.5 ┤\n" in out


def test_a_picture_is_drawn_the_same_each_time(project: Path) -> None:
    make_history(project, past())
    pictures = []
    for name in ("one.png", "two.png"):
        assert run(["trend", "--since", "HEAD~3", "--png", name]) == 0
        pictures.append(Path(name).read_bytes())
    assert pictures[0].startswith(b"\x89PNG")
    assert pictures[0] == pictures[1]


def test_without_the_extra_a_picture_is_refused_before_the_work(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    scorer: CountingScorer,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_history(project, past())
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert run(["trend", "--since", "HEAD~3", "--png", "a.png"]) == 2
    assert "pip install 'themis-review[plot]'" in capsys.readouterr().err
    assert scorer.scored == []


def test_every_field_is_in_the_documentation(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_history(project, past())
    assert run(["trend", "--since", "HEAD", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    (commit,) = document["commits"]
    fields = [*document, *commit, *commit["criteria"]["Security_Hardness"]]
    text = (Path(__file__).parents[2] / "docs" / "trend.md").read_text(encoding="utf-8")
    assert [field for field in fields if f"`{field}`" not in text] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--since", "nowhere"], "'nowhere' is no commit of this repository"),
        (["--since", "HEAD~1..HEAD"], "not a commit; name the one to begin with"),
        (["--since", "--all"], "is no commit of this repository"),
        (["--since", "HEAD", "none"], "there is no code at none in any commit since HEAD"),
        (["--since", "HEAD", "/"], "outside of the repository"),
        (["--since", "HEAD", "--png", "no/a.png"], "cannot write no/a.png"),
        ([], "Missing option '--since'"),
    ],
)
def test_what_cannot_be_told_is_an_error(
    arguments: list[str], words: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_history(project, past())
    assert run(["trend", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_outside_of_a_repository_there_is_no_trend(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["trend", "--since", "HEAD"]) == 2
    assert "not a git repository" in capsys.readouterr().err
