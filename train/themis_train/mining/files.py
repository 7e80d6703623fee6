"""Which file of a commit to learn from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from themis_lsp.sources.exclusions import excluded_file, excluded_folder
from themis_lsp.units.detect import language_by_name
from themis_train.mining.commits import FileChange
from themis_train.mining.drops import Drop

_REGULAR = frozenset({"100644", "100755"})
_TEST_FOLDER = re.compile(
    r"(?:unit|integration|functional|regress|e2e|system)?[-_.]?(?:tests?|specs?|testing|testsuite)"
    r"|__tests__|__mocks__|.*[.](?:unit|integration|functional)?tests?|test[-_]?(?:data|utils?|s)"
    r"|bench(?:es|mark|marks)?|fuzz(?:ing|ers?)?|jmh",
    re.IGNORECASE,
)
_TEST_NAME = re.compile(
    r"(?:test|spec|bench)[-_].*|.*[-_.](?:tests?|specs?|bench(?:mark)?)|tests?|conftest"
    r"|.*[a-z0-9](?:Tests?|TestCase|Spec|Specs|IT|Benchmark)|[Bb]enchmark.*"
)
_DOCS_FOLDER = re.compile(r"docs?|documentation|man|examples?|samples?|demos?", re.IGNORECASE)
_DOCS_NAME = re.compile(
    r".*\.(?:md|markdown|rst|txt|adoc|asciidoc|textile|rdoc|html|[1-9])"
    r"|(?:change-?s?(?:log)?|news|history|readme|authors|contributors|todo|thanks|release-?notes)(?:\..*)?",
    re.IGNORECASE,
)


def choose_file(files: Sequence[FileChange], *, beside_tests_and_docs: bool) -> FileChange | Drop:
    """Return the one source file that a commit changes, or why there is none.

    With ``beside_tests_and_docs`` the commit may also touch tests and documents.
    """
    if not files:
        return Drop.NO_FILES
    product = [file for file in files if not is_test_or_document(file.path)]
    if not product:
        return Drop.TESTS_OR_DOCS
    if len(product if beside_tests_and_docs else files) > 1:
        return Drop.SEVERAL_FILES
    file = product[0]
    path = PurePosixPath(file.path)
    if language_by_name(file.path) is None:
        return Drop.OTHER_LANGUAGE
    if excluded_file(path.name) or any(map(excluded_folder, path.parts[:-1])):
        return Drop.EXCLUDED
    return file if file.status == "M" and _REGULAR.issuperset(file.modes) else Drop.NOT_MODIFIED


def is_test_or_document(path: str) -> bool:
    """Tell, by its path, whether a file is a test, a benchmark, an example or a document."""
    *folders, name = PurePosixPath(path).parts
    if any(_TEST_FOLDER.fullmatch(f) or _DOCS_FOLDER.fullmatch(f) for f in folders):
        return True
    stem = name.partition(".")[0] if name.count(".") < 2 else name.rpartition(".")[0]
    return bool(_DOCS_NAME.fullmatch(name) or _TEST_NAME.fullmatch(stem))
