from __future__ import annotations

import os
from pathlib import Path

import pytest
from source_tree import CODE, messages, paths, skipped, write

from themis_lsp.errors import SourceError
from themis_lsp.languages import Language
from themis_lsp.sources.discover import walk_folder
from themis_lsp.sources.load import StandardInput, load_sources
from themis_lsp.sources.source import SkipReason

pytestmark = pytest.mark.usefixtures("project")

# Folders


def test_a_folder_is_walked_in_the_order_of_names() -> None:
    for name in ("src/b.py", "src/a/z.py", "src/c.go", "src/a.py"):
        write(name)
    assert paths(load_sources(["src"])) == ["src/a/z.py", "src/a.py", "src/b.py", "src/c.go"]


def test_the_language_and_the_text_of_a_file_come_along() -> None:
    write("src/a.go", "package main\n")
    (file,) = load_sources(["src"]).files
    assert (file.path, file.language, file.text) == ("src/a.go", Language.GO, "package main\n")


def test_the_current_folder_does_not_show_in_paths() -> None:
    write("a.py")
    assert paths(load_sources(["."])) == ["a.py"]


def test_what_is_no_source_code_is_left_out() -> None:
    write("src/a.py")
    write("src/README.md", "# Hello\n")
    sources = load_sources(["src"])
    assert paths(sources) == ["src/a.py"]
    assert skipped(sources) == {"src/README.md": SkipReason.UNKNOWN_LANGUAGE}


def test_a_script_is_known_by_its_first_line() -> None:
    write("bin/run", "#!/usr/bin/env python3\nprint(1)\n")
    write("bin/LICENSE", "Do as you please.\n")
    write("bin/start", "#!/bin/sh\necho\n")
    sources = load_sources(["bin"])
    assert paths(sources) == ["bin/run"]
    assert set(skipped(sources)) == {"bin/LICENSE", "bin/start"}


def test_hidden_folders_are_left_out_and_hidden_files_are_not() -> None:
    write("src/.venv/lib.py")
    write("src/__pycache__/a.py")
    write("src/.eslintrc.js", "module.exports = {};\n")
    sources = load_sources(["src"])
    assert paths(sources) == ["src/.eslintrc.js"]
    assert skipped(sources) == {
        "src/.venv/": SkipReason.HIDDEN,
        "src/__pycache__/": SkipReason.HIDDEN,
    }


def test_what_others_or_machines_wrote_is_left_out_with_the_reason() -> None:
    write("src/a.py")
    write("src/vendor/lib/b.py")
    write("src/tests/fixtures/c.py")
    write("src/d_pb2.py")
    write("src/e.py", f"# @generated\n{CODE}")
    write("src/f.js", "var a=1;" * 500)
    write("src/g.py", "\n  \n")
    write("src/env/pyvenv.cfg")
    sources = load_sources(["src"])
    assert paths(sources) == ["src/a.py"]
    assert skipped(sources) == {
        "src/d_pb2.py": SkipReason.GENERATED,
        "src/e.py": SkipReason.GENERATED,
        "src/env/": SkipReason.VENDORED,
        "src/f.js": SkipReason.MINIFIED,
        "src/g.py": SkipReason.EMPTY,
        "src/tests/fixtures/": SkipReason.TEST_DATA,
        "src/vendor/": SkipReason.VENDORED,
    }


def test_what_cannot_be_read_in_a_folder_is_left_out_with_the_reason() -> None:
    write("src/a.py")
    Path("src/b.py").write_bytes(b"\0\1\2")
    Path("src/c.py").write_bytes(b"'\xe9'")
    write("src/d.py", "x = 1\n" * 200_000)
    os.mkfifo("src/e.py")
    sources = load_sources(["src"])
    assert paths(sources) == ["src/a.py"]
    assert not sources.problems
    assert skipped(sources) == {
        "src/b.py": SkipReason.BINARY,
        "src/c.py": SkipReason.NOT_UTF8,
        "src/d.py": SkipReason.TOO_LARGE,
        "src/e.py": SkipReason.NOT_A_FILE,
    }


def test_a_folder_inside_that_cannot_be_listed_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write("src/a.py")
    write("src/locked/b.py")
    scandir = os.scandir

    def guarded(path: Path) -> object:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    assert skipped(load_sources(["src"])) == {"src/locked/": SkipReason.UNREADABLE}
    with pytest.raises(SourceError, match="src/locked: cannot be read: Permission denied"):
        list(walk_folder(Path("src/locked")))


def test_a_folder_named_like_an_exclusion_is_walked_when_named() -> None:
    write("vendor/lib/a.py")
    assert paths(load_sources(["vendor"])) == ["vendor/lib/a.py"]


def test_a_folder_without_code_is_a_problem() -> None:
    write("docs/index.md", "# Hello\n")
    write("src/a.py")
    sources = load_sources(["docs", "src"])
    assert messages(sources) == ["no source files in docs"]
    assert paths(sources) == ["src/a.py"]


def test_a_folder_where_all_was_left_out_on_purpose_is_no_problem() -> None:
    write("src/a_pb2.py")
    sources = load_sources(["src"])
    assert not sources.files
    assert not sources.problems


def test_a_folder_where_nothing_could_be_read_is_a_problem() -> None:
    Path("src").mkdir()
    Path("src/a.py").write_bytes(b"'\xe9'")
    Path("src/b.py").write_bytes(b"\0")
    expected = "no source files in src could be read (1 binary, 1 not-utf8)"
    assert messages(load_sources(["src"])) == [expected]


# Links and odd names


def test_links_inside_a_folder_are_not_followed() -> None:
    write("src/a.py")
    write("other/b.py")
    Path("src/loop").symlink_to("..", target_is_directory=True)
    Path("src/elsewhere").symlink_to("../other", target_is_directory=True)
    Path("src/link.py").symlink_to("../other/b.py")
    Path("src/dangling.py").symlink_to("nowhere.py")
    sources = load_sources(["src"])
    assert paths(sources) == ["src/a.py"]
    assert set(skipped(sources).values()) == {SkipReason.SYMLINK}
    assert len(sources.skipped) == 4


def test_links_that_are_named_are_followed() -> None:
    write("other/b.py")
    Path("link.py").symlink_to("other/b.py")
    Path("folder").symlink_to("other", target_is_directory=True)
    assert paths(load_sources(["link.py"])) == ["link.py"]
    assert paths(load_sources(["folder"])) == ["folder/b.py"]


def test_a_file_found_twice_is_reviewed_once() -> None:
    write("src/a.py")
    Path("link.py").symlink_to("src/a.py")
    sources = load_sources(["src", "src/a.py", "./src", "link.py", "src/../src/a.py"])
    assert paths(sources) == ["src/a.py"]
    assert not sources.problems


def test_a_name_that_is_not_utf8_is_shown_with_escapes() -> None:
    Path("src").mkdir()
    Path(os.fsdecode(b"src/caf\xe9.py")).write_text(CODE, encoding="utf-8")
    Path("src/new\nline.py").write_text(CODE, encoding="utf-8")
    assert paths(load_sources(["src"])) == [r"src/caf\xe9.py", "src/new\nline.py"]


# Files that are named


@pytest.mark.parametrize("name", ["vendor/a.py", "fixtures/a.py", "a_pb2.py", ".hidden/a.py"])
def test_a_named_file_is_reviewed_whatever_it_is_called(name: str) -> None:
    write(name)
    assert paths(load_sources([name])) == [name]


@pytest.mark.parametrize("text", [f"# @generated\n{CODE}", "x=1;" * 500])
def test_a_named_file_is_reviewed_whatever_it_holds(text: str) -> None:
    write("a.py", text)
    assert paths(load_sources(["a.py"])) == ["a.py"]
    assert not load_sources(["a.py"], force_exclude=True).files


def test_a_named_file_that_cannot_be_reviewed_is_a_problem_and_others_are_reviewed() -> None:
    write("a.py")
    write("notes.txt", "hello\n")
    Path("b.py").write_bytes(b"\0")
    Path("c.py").write_bytes(b"'\xe9'")
    write("d.js", "x" * 5_000_000)
    os.mkfifo("e.py")
    Path("f.py").symlink_to("f.py")
    names = ["missing.py", "notes.txt", "b.py", "c.py", "d.js", "e.py", "a.py"]
    sources = load_sources(names)
    assert paths(sources) == ["a.py"]
    assert not sources.skipped
    languages = "C, C#, C++, Go, Java, JavaScript, Python, Ruby"
    assert messages(sources) == [
        "missing.py: no such file or folder",
        f"notes.txt: not in one of the languages reviewed ({languages})",
        "b.py: a binary file, not source code",
        "c.py: not UTF-8 (byte 0xe9 at offset 1); convert it to UTF-8",
        "d.js: too large (5.0 MB; the limit is 4 MB)",
        "e.py: not a regular file",
    ]
    (message,) = messages(load_sources(["f.py"]))
    assert message.startswith("f.py: cannot be read: ")


def test_a_named_file_may_be_larger_than_one_found_in_a_folder() -> None:
    write("src/a.py", "x = 1\n" * 200_000)
    write("src/b.py")
    assert paths(load_sources(["src"])) == ["src/b.py"]
    assert paths(load_sources(["src/a.py"])) == ["src/a.py"]


def test_a_named_file_that_is_empty_is_left_out_and_no_problem() -> None:
    write("__init__.py", "")
    sources = load_sources(["__init__.py"])
    assert skipped(sources) == {"__init__.py": SkipReason.EMPTY}
    assert not sources.problems


# Standard input


def test_standard_input_is_reviewed_under_its_name() -> None:
    (file,) = load_sources(["-"], stdin=StandardInput(b"package main\n", "cmd/main.go")).files
    assert (file.path, file.language) == ("cmd/main.go", Language.GO)


def test_standard_input_without_a_name_is_known_by_its_first_line() -> None:
    (file,) = load_sources(["-"], stdin=StandardInput(b"#!/usr/bin/ruby\nputs 1\n", None)).files
    assert (file.path, file.language) == ("<stdin>", Language.RUBY)


def test_standard_input_of_unknown_language_is_a_problem_with_advice() -> None:
    sources = load_sources(["-"], stdin=StandardInput(b"x = 1\n", None))
    assert messages(sources) == ["<stdin>: its language is not known; say --stdin-filename NAME"]
    (message,) = messages(load_sources(["-"], stdin=StandardInput(b"x = 1\n", "notes.txt")))
    assert message.startswith("notes.txt: not in one of the languages reviewed")


def test_standard_input_that_is_binary_is_a_problem_and_empty_is_not() -> None:
    assert load_sources(["-"], stdin=StandardInput(b"\0", "a.py")).problems
    sources = load_sources(["-"], stdin=StandardInput(b"\n", "a.py"))
    assert skipped(sources) == {"a.py": SkipReason.EMPTY}


def test_standard_input_can_be_excluded_by_its_name() -> None:
    stdin = StandardInput(CODE.encode(), "vendor/a.py")
    sources = load_sources(["-"], stdin=stdin, force_exclude=True)
    assert skipped(sources) == {"vendor/a.py": SkipReason.VENDORED}
