from __future__ import annotations

import os
from pathlib import Path

import pytest
from changed_repository import OTHER, THIRD, commit, listing, load, reasons, said, start, texts
from history import LINK, SUBMODULE, Past, make_history
from source_tree import CODE, git, write

from themis_lsp.errors import UserError

pytestmark = pytest.mark.usefixtures("project")

# Staged


def test_what_is_staged_is_read_from_the_index() -> None:
    start()
    write("a.py", OTHER)
    git("add", "a.py")
    write("a.py", THIRD)
    sources = load("staged")
    assert texts(sources) == [(CODE, OTHER)]
    assert sources.after == "index"
    assert len(sources.before) == 40


def test_before_the_first_commit_everything_is_new() -> None:
    git("init")
    write("a.py")
    git("add", "a.py")
    write("b.py")
    assert said(load("staged")) == ["+ a.py"]
    assert said(load("uncommitted")) == ["+ a.py", "+ b.py"]
    assert load("staged").before == "nothing"


def test_a_detached_head_is_compared_with() -> None:
    start()
    write("a.py", OTHER)
    commit("second")
    git("checkout", "--detach", "HEAD^")
    write("a.py", THIRD)
    git("add", "a.py")
    assert texts(load("staged")) == [(CODE, THIRD)]


def test_files_that_come_go_and_get_another_name() -> None:
    start(a_py=CODE * 9, b_py=OTHER)
    git("mv", "a.py", "c.py")
    write("c.py", CODE * 8 + OTHER)
    git("rm", "b.py")
    write("d/e.py", THIRD * 30)
    git("add", "--all")
    assert said(load("staged")) == ["- b.py", "a.py -> c.py", "+ d/e.py"]


def test_another_mode_or_name_alone_is_no_change() -> None:
    start(a_py=CODE, b_py=CODE * 9)
    git("update-index", "--chmod=+x", "a.py")
    git("mv", "b.py", "c.py")
    assert said(load("staged")) == []


def test_paths_are_those_seen_from_the_current_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    start(a_py=CODE, src__b_py=CODE)
    write("a.py", OTHER)
    write("src/b.py", OTHER)
    git("add", "--all")
    monkeypatch.chdir("src")
    assert said(load("staged")) == ["../a.py", "b.py"]
    assert said(load("staged", paths=(".",))) == ["b.py"]
    assert said(load("staged", paths=("../a.py",))) == ["../a.py"]
    assert said(load("staged", paths=("..",))) == ["../a.py", "b.py"]


def test_a_path_that_is_nowhere_or_elsewhere_is_a_mistake(tmp_path: Path) -> None:
    start(a_py=CODE, b_py=CODE)
    git("rm", "b.py")
    assert said(load("staged", paths=("a.py",))) == []
    assert said(load("staged", paths=("b.py",))) == ["- b.py"]
    with pytest.raises(UserError, match=r"c\.py: no such file or folder"):
        load("staged", paths=("c.py",))
    with pytest.raises(UserError, match="outside of the repository"):
        load("staged", paths=(str(tmp_path),))


# The working tree


def test_the_working_tree_has_new_files_that_are_not_ignored() -> None:
    start(a_py=CODE)
    write(".gitignore", "ignored.py\n")
    commit("second")
    write("a.py", OTHER)
    write("new.py")
    write("ignored.py")
    write("intended.py")
    git("add", "--intent-to-add", "intended.py")
    assert said(load("uncommitted")) == ["a.py", "+ intended.py", "+ new.py"]


def test_the_working_tree_counts_not_what_was_staged_on_the_way() -> None:
    start(a_py=CODE * 9, b_py=CODE, c_py=CODE, d_py=CODE)
    git("mv", "a.py", "e.py")
    write("e.py", CODE * 8 + THIRD)
    write("b.py", OTHER)
    git("add", "b.py")
    write("b.py", CODE)
    git("rm", "--cached", "c.py")
    write("c.py", OTHER)
    Path("d.py").unlink()
    write("staged.py")
    git("add", "staged.py")
    Path("staged.py").unlink()
    sources = load("uncommitted")
    assert said(sources) == ["c.py", "- d.py", "a.py -> e.py"]
    assert texts(sources)[0] == (CODE, OTHER)


def test_line_endings_that_the_working_tree_converts_are_no_change() -> None:
    start()
    Path("a.py").write_bytes(CODE.replace("\n", "\r\n").encode())
    assert said(load("uncommitted")) == []
    Path("a.py").write_bytes(OTHER.replace("\n", "\r\n").encode())
    assert texts(load("uncommitted")) == [(CODE, OTHER)]


def test_a_file_that_was_only_touched_has_not_changed() -> None:
    start()
    os.utime("a.py", (1, 1))
    assert said(load("uncommitted")) == []


def test_a_linked_working_tree_has_its_own_index(monkeypatch: pytest.MonkeyPatch) -> None:
    start()
    git("worktree", "add", "../linked")
    monkeypatch.chdir("../linked")
    write("a.py", OTHER)
    git("add", "a.py")
    write("b.py")
    assert texts(load("staged")) == [(CODE, OTHER)]
    assert said(load("uncommitted")) == ["a.py", "+ b.py"]


# Ranges and commits


def forked() -> None:
    """main: first, second; side (checked out): first, third."""
    start()
    git("checkout", "-b", "side")
    write("side.py", "import os\n\nprint(os.name)\n")
    commit("third")
    git("checkout", "main")
    write("main.py")
    commit("second")
    git("checkout", "side")


def test_since_goes_from_where_you_left_to_the_working_tree() -> None:
    forked()
    write("a.py", OTHER)
    assert said(load("since", "main")) == ["a.py", "+ side.py"]
    assert load("since", "main").after == "working tree"


def test_two_dots_compare_and_three_dots_start_from_where_they_parted() -> None:
    forked()
    assert said(load("diff", "main..side")) == ["- main.py", "+ side.py"]
    assert said(load("diff", "main...side")) == ["+ side.py"]
    assert said(load("diff", "main..")) == ["- main.py", "+ side.py"]
    assert said(load("diff", "...main")) == ["+ main.py"]


def test_a_commit_is_compared_with_its_first_parent() -> None:
    forked()
    git("-c", "user.name=A", "-c", "user.email=a@b.c", "merge", "--no-edit", "main")
    assert said(load("commit", "HEAD")) == ["+ main.py"]
    assert said(load("commit", "HEAD^1")) == ["+ side.py"]
    assert said(load("commit", "HEAD~2")) == ["+ a.py"]
    assert load("commit", "HEAD~2").before == "nothing"


def test_a_tag_names_its_commit() -> None:
    start()
    git("-c", "user.name=A", "-c", "user.email=a@b.c", "tag", "-m", "one", "v1")
    assert said(load("commit", "v1")) == ["+ a.py"]


def test_commits_of_a_bare_repository_can_be_reviewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = [Past("one", {"src/a.py": CODE}), Past("two", {"src/a.py": OTHER})]
    monkeypatch.chdir(make_history(tmp_path / "bare.git", past, bare=True))
    assert said(load("commit", "main")) == ["src/a.py"]
    assert said(load("diff", "main~1..main", paths=("src",))) == ["src/a.py"]
    for kind in ("staged", "uncommitted", "since"):
        with pytest.raises(UserError, match=f"--{kind} needs a work tree"):
            load(kind, "main")


def test_a_shallow_clone_says_what_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forked()
    git("clone", "--depth", "1", "--no-single-branch", Path.cwd().as_uri(), str(tmp_path / "clone"))
    monkeypatch.chdir(tmp_path / "clone")
    with pytest.raises(UserError, match="its parent is missing from this shallow clone"):
        load("commit", "HEAD")
    with pytest.raises(UserError, match="parted is missing from this shallow clone"):
        load("since", "origin/main")
    assert said(load("diff", "origin/main..side")) == ["- main.py", "+ side.py"]


def test_text_that_a_partial_clone_lacks_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start()
    write("a.py", OTHER)
    commit("second")
    git("config", "uploadpack.allowFilter", "true")
    git("clone", "--filter=blob:none", Path.cwd().as_uri(), str(tmp_path / "clone"))
    monkeypatch.chdir(tmp_path / "clone")
    (problem,) = load("commit", "HEAD").problems
    assert problem.message == "a.py: git has no such text here: a partial clone, or a damaged one"


# What is left out


def test_what_a_walk_leaves_out_is_left_out_and_named() -> None:
    start()
    names = ["vendor/a.py", "testdata/b.py", "c_pb2.py", ".tools/d.py", "e.min.js", "f.txt"]
    for name in names:
        write(name)
    write("g.py", "# Code generated by x. DO NOT EDIT.\nx = 1\n")
    write("empty.py", "\n")
    write("large.py", "x = 1\n" * 200_000)
    write("minified.js", "f(1);" * 4000)
    Path("binary.py").write_bytes(b"\0\1")
    Path("latin.py").write_bytes("x = 'é'\n".encode("latin-1"))
    Path("link.py").symlink_to("a.py")
    expected = {
        "vendor/a.py": "vendored",
        "testdata/b.py": "test-data",
        "c_pb2.py": "generated",
        ".tools/d.py": "hidden",
        "e.min.js": "minified",
        "f.txt": "unknown-language",
        "g.py": "generated",
        "empty.py": "empty",
        "large.py": "too-large",
        "minified.js": "minified",
        "binary.py": "binary",
        "latin.py": "not-utf8",
        "link.py": "symlink",
    }
    sources = load("uncommitted")
    assert (said(sources), reasons(sources)) == ([], expected)
    git("add", "--all")
    sources = load("staged")
    assert (said(sources), reasons(sources)) == ([], expected)


def test_submodules_are_counted_and_a_link_that_became_a_file_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = [
        Past("one", {"sub": None, "a.py": "b.py", "b.py": CODE}, modes={"a.py": LINK}),
        Past(
            "two", {"sub": "", "a.py": CODE, "b.py": "a.py"}, modes={"sub": SUBMODULE, "b.py": LINK}
        ),
    ]
    monkeypatch.chdir(make_history(tmp_path / "bare.git", past, bare=True))
    sources = load("commit", "main")
    assert said(sources) == ["+ a.py"]
    assert reasons(sources) == {"sub": "submodule", "b.py": "symlink"}


def test_a_header_is_compared_in_the_language_it_is_in_now() -> None:
    git("init")
    write("a.h", "int f(void);\n")
    commit("first")
    write("a.h", "namespace a {\nint f();\n}\n")
    (file,) = load("uncommitted").files
    assert file.before is not None
    assert file.after is not None
    assert file.before.language is file.after.language


ODD_NAMES = [
    "quo'te\".py",
    "new\nline.py",
    "-dash.py",
    "sp ace.py",
    "é.py",
    ":(top)x.py",
    "t\tab.py",
]


@pytest.mark.parametrize("name", [*ODD_NAMES, os.fsdecode(b"\xff.py")])
def test_odd_names_are_names(name: str) -> None:
    start()
    write(f"f/{name}")
    shown = "f/" + (name if name in ODD_NAMES else r"\xff.py")
    assert said(load("uncommitted")) == [f"+ {shown}"]
    git("add", "--all")
    assert said(load("staged", paths=(f"f/{name}",))) == [f"+ {shown}"]
    commit("second")
    assert said(load("commit", "HEAD")) == [f"+ {shown}"]
    write(f"f/{name}", OTHER)
    assert texts(load("uncommitted")) == [(CODE, OTHER)]


# Conflicts


def test_an_unmerged_file_is_a_problem_and_others_are_read() -> None:
    start(a_py=CODE, b_py=CODE)
    git("checkout", "-b", "side")
    write("a.py", OTHER)
    commit("other")
    git("checkout", "main")
    write("a.py", THIRD)
    commit("third")
    with pytest.raises(Exception, match="merge"):
        git("-c", "user.name=A", "-c", "user.email=a@b.c", "merge", "side")
    write("b.py", OTHER)
    git("add", "b.py")
    for kind in ("staged", "uncommitted"):
        sources = load(kind)
        assert said(sources) == ["b.py"]
        (problem,) = sources.problems
        assert problem.message == "a.py: it is unmerged: resolve the conflict and git add it"


def test_conflict_markers_are_a_problem_where_they_are_new() -> None:
    conflict = f"<<<<<<< HEAD\n{CODE}=======\n{OTHER}>>>>>>> side\n"
    start(a_py=CODE, told_py=f'TEXT = """\n{conflict}"""\n')
    write("a.py", conflict)
    write("told.py", f'TEXT = """\n{conflict}"""\nx = 1\n')
    sources = load("uncommitted")
    assert [problem.path for problem in sources.problems] == ["a.py"]
    assert "conflict markers" in sources.problems[0].message
    assert said(sources) == ["told.py"]


# Mistakes


def test_outside_of_a_repository_it_says_so() -> None:
    with pytest.raises(UserError, match="not a git repository"):
        load("staged")


@pytest.mark.usefixtures("no_git")
def test_without_git_it_says_so() -> None:
    with pytest.raises(UserError, match="git cannot be run"):
        load("staged")


@pytest.mark.parametrize(
    "ref", ["nowhere", "", "-x", "--all", "^main", "main..main", "main^{tree}"]
)
def test_what_is_no_commit_is_said(ref: str) -> None:
    start()
    with pytest.raises(UserError, match="is no commit of this repository"):
        load("commit", ref)
    with pytest.raises(UserError, match="is no commit of this repository"):
        load("since", ref)


@pytest.mark.parametrize("value", ["main", "", "..", "..."])
def test_what_is_no_range_is_said(value: str) -> None:
    start()
    with pytest.raises(UserError, match="not a range"):
        load("diff", value)


def test_histories_without_a_common_commit_have_no_since() -> None:
    start()
    git("checkout", "--orphan", "other")
    commit("another first")
    with pytest.raises(UserError, match="no history in common"):
        load("since", "main")


def test_nothing_is_written() -> None:
    forked()
    write("a.py", OTHER)
    os.utime("side.py", (1, 1))
    before = listing(Path.cwd())
    for kind, value in [("staged", ""), ("uncommitted", ""), ("since", "main"), ("commit", "main")]:
        load(kind, value)
    assert listing(Path.cwd()) == before
