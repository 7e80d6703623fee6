"""Which changes to review: what a user can select, and the two sides that this compares."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from themis_lsp.errors import UserError
from themis_lsp.sources.repository import Repository, ask_git, command_git

NOTHING, INDEX, WORK_TREE, PATCH = "nothing", "index", "working tree", "patch"

_OBJECT_ID = re.compile(rb"[0-9a-f]{40,64}")
_PARENT = re.compile(rb"^parent [0-9a-f]+$", re.MULTILINE)


class SelectionKind(StrEnum):
    """A way to select changes; the value is the option's name."""

    STAGED = "staged"
    UNCOMMITTED = "uncommitted"
    SINCE = "since"
    DIFF = "diff"
    COMMIT = "commit"
    PATCH = "patch"


@dataclass(frozen=True, slots=True)
class Selection:
    """What a user selected; ``value`` is the ref, range, or patch file, empty for the others."""

    kind: SelectionKind
    value: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides to compare.

    ``before`` is the id of a tree or commit. ``after`` is one too, or ``index``, ``working tree``
    or ``patch``. ``starts_empty`` where there was no commit before.
    """

    before: str
    after: str
    starts_empty: bool = False


def resolve_selection(repository: Repository, selection: Selection) -> Comparison:
    """Return the sides that ``selection`` compares.

    Raises UserError when a ref is unknown, sides have nothing in common, history that is needed is
    missing, or there is no work tree where one is needed.
    """
    value = selection.value
    match selection.kind:
        case SelectionKind.STAGED:
            _check_work_tree(repository, "--staged")
            return _since_head(repository, INDEX)
        case SelectionKind.UNCOMMITTED:
            _check_work_tree(repository, "--uncommitted")
            return _since_head(repository, WORK_TREE)
        case SelectionKind.PATCH:
            return _since_head(repository, PATCH)
        case SelectionKind.SINCE:
            _check_work_tree(repository, "--since")
            base = _merge_base(repository, _find_commit(repository, value), value, "HEAD")
            return Comparison(base, WORK_TREE)
        case SelectionKind.DIFF:
            return _compare_range(repository, value)
        case SelectionKind.COMMIT:
            return _compare_commit(repository, value)


def _since_head(repository: Repository, after: str) -> Comparison:
    head = ask_git(repository, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])
    if head is None:
        return Comparison(_empty_tree(repository), after, starts_empty=True)
    return Comparison(head.decode().strip(), after)


def _compare_range(repository: Repository, value: str) -> Comparison:
    left, dots, right = value.partition("...")
    if not dots:
        left, dots, right = value.partition("..")
    if not dots or not (left or right):
        raise UserError(
            f"--diff {value}: not a range; say A..B for what differs between A and B, A...B for "
            "what B did since it left A, or --since A for all up to your working tree"
        )
    left, right = left or "HEAD", right or "HEAD"
    before, after = _find_commit(repository, left), _find_commit(repository, right)
    if dots == "...":
        before = _merge_base(repository, before, left, right)
    return Comparison(before, after)


def _compare_commit(repository: Repository, ref: str) -> Comparison:
    commit = _find_commit(repository, ref)
    parent = ask_git(repository, ["rev-parse", "--verify", "--quiet", f"{commit}^1^{{commit}}"])
    if parent is not None:
        return Comparison(parent.decode().strip(), commit)
    head, _, _ = command_git(repository, ["cat-file", "commit", commit]).partition(b"\n\n")
    if _PARENT.search(head):
        # Taking it for a first commit would call everything in it new.
        raise UserError(
            f"--commit {ref}: its parent is missing from this shallow clone; "
            "git fetch --deepen=1 brings it"
        )
    return Comparison(_empty_tree(repository), commit, starts_empty=True)


def _find_commit(repository: Repository, ref: str) -> str:
    # A ref never begins with a dash; what does could be taken for an option.
    if ref and not ref.startswith("-"):
        question = ["rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}"]
        answer = ask_git(repository, question)
        if answer is not None and _OBJECT_ID.fullmatch(answer.strip()):
            return answer.decode().strip()
    shallow = _is_shallow(repository)
    hint = "; this clone is shallow: git fetch may bring it" if shallow else ""
    raise UserError(f"{ref!r} is no commit of this repository{hint}")


def _merge_base(repository: Repository, commit: str, ref: str, other: str) -> str:
    found = ask_git(repository, ["merge-base", commit, _find_commit(repository, other)])
    if found is not None and _OBJECT_ID.match(found):
        return found.decode().split()[0]
    if _is_shallow(repository):
        raise UserError(
            f"the point where {ref} and {other} parted is missing from this shallow clone; "
            "git fetch --unshallow brings it"
        )
    raise UserError(f"{ref} and {other} have no history in common; compare them with A..B")


def _is_shallow(repository: Repository) -> bool:
    answer = ask_git(repository, ["rev-parse", "--is-shallow-repository"])
    return answer is not None and answer.strip() == b"true"


def _empty_tree(repository: Repository) -> str:
    return command_git(repository, ["hash-object", "-t", "tree", "--stdin"]).decode().strip()


def _check_work_tree(repository: Repository, option: str) -> None:
    if repository.work_tree is None:
        raise UserError(
            f"{option} needs a work tree, and this repository has none; "
            "--commit and --diff do without"
        )
