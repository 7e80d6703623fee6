"""The parts of ``pairs git`` that need no repository."""

from __future__ import annotations

import string
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from themis_train.mining.changed import changed_tokens, count_changed_lines
from themis_train.mining.classify import classify, no_commits
from themis_train.mining.commits import Commit, FileChange, parse_log
from themis_train.mining.cut import Cut, CutLimits, cut_change
from themis_train.mining.decontaminate import hash_grams, read_forbidden
from themis_train.mining.drops import Drop
from themis_train.mining.duplicates import NearDuplicates, digest_tokens
from themis_train.mining.files import choose_file, is_test_or_document
from themis_train.mining.licenses import identify_license
from themis_train.mining.messages import Reverts, judge_message
from themis_train.mining.seeds import match_terms, read_seeds
from themis_train.mining.select import Origin, choose_dev
from themis_train.mining.structure import digest_structure
from themis_train.pair_files import write_pairs

from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError
from themis_lsp.languages import Language

HASH = st.text("0123456789abcdef", min_size=40, max_size=40)
LINE = st.text(st.characters(exclude_characters="\0\n\r", codec="utf-8"), max_size=20)
PATH = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=20)
FILES = st.builds(
    FileChange, st.sampled_from("MADT"), PATH, st.just(("100644", "100755")), HASH, HASH
)
COMMITS = st.builds(
    Commit,
    HASH,
    st.lists(HASH, max_size=2).map(tuple),
    st.integers(0, 2**33),
    LINE.map(lambda name: f"{name} <>"),
    st.text(st.characters(exclude_characters="\0\r", codec="utf-8"), max_size=60).map(str.strip),
    st.lists(FILES, max_size=3).map(tuple),
)


def as_git_prints(commit: Commit) -> bytes:
    name = commit.author.removesuffix(" <>")
    fields = [
        commit.id,
        " ".join(commit.parents),
        str(commit.time),
        name,
        "",
        commit.message + "\n",
    ]
    entries = "".join(
        f":{' '.join(f.modes)} {f.old_blob} {f.new_blob} {f.status}\0{f.path}\0"
        for f in commit.files
    )
    return "\0".join([*fields, "", "\n" if entries else "", ""])[:-1].encode() + entries.encode()


@settings(max_examples=60)
@given(st.lists(COMMITS, max_size=4), st.integers(1, 50))
def test_a_log_is_read_back_however_it_is_cut(commits: list[Commit], size: int) -> None:
    data = b"".join(map(as_git_prints, commits))
    chunks = [data[i : i + size] for i in range(0, len(data), size)]
    assert list(parse_log(chunks)) == commits


@settings(max_examples=60)
@given(st.lists(COMMITS, min_size=1, max_size=3), st.data())
def test_a_log_that_breaks_off_gives_the_commits_before(
    commits: list[Commit], data: st.DataObject
) -> None:
    log = b"".join(map(as_git_prints, commits))
    found = list(parse_log([log[: data.draw(st.integers(0, len(log)))]]))
    assert [commit.id for commit in found] == [commit.id for commit in commits[: len(found)]]


def commit(message: str, *, name: str = "f" * 40, author: str = "Ann <a@b.c>") -> Commit:
    return Commit(name, ("e" * 40,), 0, author, message, ())


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Fix crash", None),
        ("Merge the two loops into one", None),
        ("Release the lock before waiting", Drop.BUMP),
        ("Merge pull request #3 from x/y", Drop.MERGE),
        ('Revert "Fix crash"', Drop.REVERT),
        ("core: revert to the old way", Drop.REVERT),
        ("Go back\n\nThis reverts commit 0123456789.", Drop.REVERT),
        ("v1.2.3", Drop.BUMP),
        ("Bump rack from 1 to 2", Drop.BUMP),
        ("Prepare for the next release", Drop.BUMP),
        ("Fix required versions", Drop.BUMP),
        ("fixup! Fix crash", Drop.UNFINISHED),
        ("WIP parser", Drop.UNFINISHED),
        ("", Drop.UNFINISHED),
        ("Fix indentation", Drop.FORMATTING),
        ("style: wrap lines", Drop.FORMATTING),
        ("golint fix", Drop.FORMATTING),
        ("xmllint: Fix memory leak", None),
        ("Format error messages with care", None),
    ],
)
def test_messages_are_judged(message: str, reason: Drop | None) -> None:
    assert judge_message(commit(message)) is reason


@pytest.mark.parametrize(
    "author", ["dependabot[bot] <1+d@users.example>", "renovate-bot <r@x>", "CI <github-actions@x>"]
)
def test_bots_are_known(author: str) -> None:
    assert judge_message(commit("Fix crash", author=author)) is Drop.BOT
    assert judge_message(commit("Fix crash", author="Bo Talbot <bo@abbott.example>")) is None


def test_a_revert_names_its_commit_by_id_or_by_subject() -> None:
    names = ["1" * 40, "2" * 40, "3" * 40, "4" * 40, "5" * 40]
    messages = [
        "one",
        "two",
        "three",
        'Revert "one"',
        f'Revert "x"\n\nThis reverts commit {"2" * 12}.',
    ]
    reverts = Reverts()
    for name, message in zip(names, messages, strict=True):
        reverts.see(commit(message, name=name))
    assert reverts.reverted() == {names[0], names[1]}


def change(
    path: str, status: str = "M", modes: tuple[str, str] = ("100644", "100644")
) -> FileChange:
    return FileChange(status, path, modes, "1" * 40, "2" * 40)


@pytest.mark.parametrize(
    ("paths", "strict", "tolerant"),
    [
        (["src/a.py"], "src/a.py", "src/a.py"),
        (["a.py", "tests/test_a.py"], Drop.SEVERAL_FILES, "a.py"),
        (["a.py", "CHANGES.rst", "docs/a.html"], Drop.SEVERAL_FILES, "a.py"),
        (["a.py", "b.py"], Drop.SEVERAL_FILES, Drop.SEVERAL_FILES),
        (["a.py", "Makefile"], Drop.SEVERAL_FILES, Drop.SEVERAL_FILES),
        (["FooTest.java"], Drop.TESTS_OR_DOCS, Drop.TESTS_OR_DOCS),
        (["README.md"], Drop.TESTS_OR_DOCS, Drop.TESTS_OR_DOCS),
        (["setup.cfg"], Drop.OTHER_LANGUAGE, Drop.OTHER_LANGUAGE),
        (["third_party/a.c"], Drop.EXCLUDED, Drop.EXCLUDED),
        (["a_pb2.py"], Drop.EXCLUDED, Drop.EXCLUDED),
        ([], Drop.NO_FILES, Drop.NO_FILES),
    ],
)
def test_the_one_source_file_is_chosen(
    paths: list[str], strict: str | Drop, tolerant: str | Drop
) -> None:
    for is_tolerant, expected in ((False, strict), (True, tolerant)):
        found = choose_file([change(path) for path in paths], beside_tests_and_docs=is_tolerant)
        assert (found if isinstance(found, Drop) else found.path) == expected


def test_only_a_regular_file_that_was_there_before_counts() -> None:
    links = ("100644", "120000")
    for file in (change("a.py", "A"), change("a.py", "D"), change("a.py", "T", links)):
        assert choose_file([file], beside_tests_and_docs=False) is Drop.NOT_MODIFIED


@pytest.mark.parametrize("path", ["attest.c", "src/contest/a.go", "latest.rb", "inspect.py"])
def test_words_that_end_in_test_are_no_tests(path: str) -> None:
    assert not is_test_or_document(path)


def cut(
    before: str, after: str, *, language: Language = Language.PYTHON, units: int = 3
) -> Cut | Drop:
    limits = CutLimits(units, 2000)
    return cut_change(before, after, path="a", language=language, limits=limits)


def functions(*bodies: str) -> str:
    return "".join(f"def f{n}(a):\n    return {body}\n\n\n" for n, body in enumerate(bodies))


def test_changed_functions_are_joined_in_file_order() -> None:
    found = cut(functions("a + 1", "a", "a + 3"), functions("a - 1", "a", "a - 3"))
    assert isinstance(found, Cut)
    assert found.names == ("f0", "f2")
    assert found.before == "def f0(a):\n    return a + 1\n\ndef f2(a):\n    return a + 3"
    assert found.after == "def f0(a):\n    return a - 1\n\ndef f2(a):\n    return a - 3"


def test_what_cannot_be_cut_says_why() -> None:
    one = functions("a + 1", "a + 2")
    assert cut(one, one + functions("a")) is Drop.NO_UNIT
    assert cut(one, one.replace("\n", "\r\n")) is Drop.NO_UNIT
    assert cut(one, functions("a - 1", "a - 2"), units=1) is Drop.MANY_UNITS
    assert cut(one, functions("a - 1", "b" * 3000)) is Drop.SIZE
    assert cut("x = 1\n", "x = 2\n") is Drop.SIZE


def test_imports_count_only_where_no_function_changed() -> None:
    before, after = "import alpha_module_one\n", "import beta_module_two\n"
    found = cut(before + functions("a + 1"), after + functions("a - 1"))
    assert isinstance(found, Cut)
    assert found.names == ("f0",)
    found = cut(before + functions("a"), after + functions("a"))
    assert isinstance(found, Cut)
    assert "beta" in found.after


def test_of_nested_functions_the_one_that_holds_the_change_is_cut() -> None:
    text = (
        "function a(x) {\n  const b = function (y) {\n    return y + 1;\n  };\n  return b(x);\n}\n"
    )
    inner = cut(text, text.replace("y + 1", "y - 1"), language=Language.JAVASCRIPT)
    assert isinstance(inner, Cut)
    assert inner.names == ("a.b",)
    both = cut(
        text,
        text.replace("y + 1", "y - 1").replace("b(x)", "b(-x)"),
        language=Language.JAVASCRIPT,
    )
    assert isinstance(both, Cut)
    assert both.names == ("a",)


def test_overloads_are_paired_past_those_that_did_not_change() -> None:
    text = (
        "class A {\n  int f(int a) {\n    return a;\n  }\n"
        "  int f(long b) {\n    return %s;\n  }\n}\n"
    )
    found = cut(text % "first(b)", text % "second(b)", language=Language.JAVA)
    assert isinstance(found, Cut)
    assert "long b" in found.before
    assert "int a" not in found.before


TEXT = st.text(string.ascii_lowercase + " \n()=:", max_size=80)


@settings(max_examples=40)
@given(TEXT, TEXT)
def test_any_text_is_cut_or_dropped(before: str, after: str) -> None:
    for language in (Language.PYTHON, Language.C):
        found = cut(before, after, language=language)
        if isinstance(found, Cut):
            assert found.before != found.after
            assert found.names


@pytest.mark.parametrize(
    ("language", "one", "other", "are_alike"),
    [
        (Language.PYTHON, "f(a, b)  # add", "f(a,\n  b)", True),
        (Language.PYTHON, "def f():\n    'Say.'\n    g()", "def f():\n    g()", True),
        (Language.PYTHON, "if a:\n    b()\n    c()", "if a:\n    b()\nc()", False),
        (Language.C, "int f(){return 1;}", "int f()\n{\n  return 1; /* one */\n}", True),
        (Language.C, "int f(){return 1;}", "int f(){return 2;}", False),
        (Language.RUBY, "def f\n  1 # one\nend", "def f\n  1\nend", True),
        (Language.JAVASCRIPT, "f('a b')", "f('a  b')", False),
        (Language.GO, "func f() { g() }", "// f\nfunc f() {\n\tg()\n}", True),
    ],
)
def test_comments_and_layout_are_no_structure(
    language: Language, one: str, other: str, are_alike: bool
) -> None:
    assert (digest_structure(one, language) == digest_structure(other, language)) is are_alike


def test_what_moves_is_no_changed_token() -> None:
    lost, gained = changed_tokens("a = 1\nb = 2\n", "b = 2\na = 1\nc = 3\n")
    assert not lost
    assert set(gained) == {"c", "=", "3"}
    assert count_changed_lines("a\n\nb\n", "a\nc\nb\n") == (0, 1)


@pytest.mark.parametrize(
    ("subject", "criterion"),
    [
        ("Fix use after free in the parser", Criterion.SECURITY_HARDNESS),
        ("Plug leak of descriptors", Criterion.MEMORY_EFFICIENCY),
        ("perf: cache the parsed names", Criterion.RUNTIME_EFFICIENCY),
        ("Fix crash on empty input", Criterion.FUNCTIONAL_CORRECTNESS),
        ("Remove unused variables", Criterion.READABILITY_MAINTAINABILITY),
        ("Clean up sockets on exit", None),
        ("Show the version of the engine. Fixes #923", None),
        ("Fix and refactor the loop", None),
        ("Speed up and fix leak", None),
    ],
)
def test_terms_give_a_criterion_away(subject: str, criterion: Criterion | None) -> None:
    seeded = read_seeds(match_terms(subject))
    assert (seeded.criterion if seeded else None) is criterion


def test_the_classifier_learns_words_that_are_no_terms() -> None:
    commits = no_commits()
    for number in range(60):
        leak = number % 2
        subject = ("Fix leak of a frobnicator" if leak else "Fix wrong gizmo") + " in part"
        commits.add(key=str(number), message=subject, change=(1,) if leak else (2,))
    commits.add(key="a", message="Frobnicator of the part", change=(1,))
    commits.add(key="b", message="Gizmo of the part", change=(2,))
    probabilities = classify(commits, seed=0)
    index = list(Criterion).index
    leak, wrong = index(Criterion.MEMORY_EFFICIENCY), index(Criterion.FUNCTIONAL_CORRECTNESS)
    assert probabilities[-2, leak] > max(0.4, probabilities[-2, wrong])
    assert probabilities[-1, wrong] > max(0.4, probabilities[-1, leak])
    assert np.array_equal(classify(commits, seed=0), probabilities)


def test_nothing_is_classified_where_there_is_nothing() -> None:
    assert classify(no_commits(), seed=0).shape == (0, 5)


def test_near_duplicates_are_told_by_their_shingles() -> None:
    text = " ".join(f"word{n}" for n in range(300))
    seen = NearDuplicates()
    assert seen.add(digest_tokens(text, text))
    assert not seen.add(digest_tokens(text, text.replace("word299", "other")))
    assert seen.add(digest_tokens(" ".join(f"other{n}" for n in range(300)), text[:40]))
    assert seen.add(digest_tokens("", ""))


@settings(max_examples=40)
@given(st.lists(st.sampled_from("abcdef"), max_size=30))
def test_a_gram_is_thirteen_words(words: list[str]) -> None:
    grams = hash_grams(" ".join(words))
    assert len(grams) == max(0, len(words) - 12)
    own = {tuple(words[i : i + 13]) for i in range(len(grams))}
    assert len(set(grams.tolist())) == len(own)


def test_words_are_compared_past_case_and_punctuation(tmp_path: Path) -> None:
    file = tmp_path / "exam.txt"
    file.write_text("One two, three four; five six seven eight nine ten eleven twelve thirteen.")
    forbidden = read_forbidden([file])
    text = "x one two three four five six seven eight nine ten eleven twelve (thirteen) y"
    assert forbidden.touches("", text)
    assert not forbidden.touches(text.replace("seven", "7"))
    assert not read_forbidden([]).touches(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Apache License\n   Version 2.0, January 2004", ("Apache-2.0",)),
        ("GNU LESSER GENERAL PUBLIC LICENSE\n Version 2.1, February 1999", ("LGPL-2.1",)),
        ("GNU GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007", ("GPL-3.0",)),
        (
            "Redistributions in binary form must keep it. Neither the name may be used to endorse "
            "or promote products",
            ("BSD-3-Clause",),
        ),
        ("Redistributions in binary form must reproduce this notice", ("BSD-2-Clause",)),
        (
            "Mozilla Public License Version 2.0 ... Apache License, Version 2.0",
            ("Apache-2.0", "MPL-2.0"),
        ),
        ("All rights reserved.", ()),
    ],
)
def test_licences_are_known_by_their_words(text: str, expected: tuple[str, ...]) -> None:
    assert identify_license(text) == expected


def test_about_the_share_asked_for_is_for_validation() -> None:
    origins = {n: Origin(f"owner/name{n}", 0) for n in range(400)}
    assert choose_dev(origins, 0.0) == set()
    assert choose_dev(origins, 1.0) == set(origins)
    assert 60 <= len(choose_dev(origins, 0.2)) <= 100


def test_of_a_single_repository_the_newest_pairs_are_for_validation() -> None:
    origins = {n: Origin("owner/name", time) for n, time in enumerate((50, 10, 40, 20, 30))}
    assert choose_dev(origins, 0.4) == {0, 2}


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        write_pairs(tmp_path / "file" / "pairs.jsonl", [], columns={})
