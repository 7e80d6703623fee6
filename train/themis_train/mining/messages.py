"""Which commits not to learn from, by author and message."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from themis_train.mining.commits import Commit
from themis_train.mining.drops import Drop

_BOT = re.compile(
    r"""\[bot\] | \b(?:ro)?bot\b | (?-i:[a-z]Bot)\s*<
    | \b(?:dependabot|renovate|greenkeeper|pyup|snyk|weblate|transifex|crowdin|imgbot|mergify)
    | github-actions | pre-commit-ci | copybara | allcontributors | semantic-release
    """,
    re.IGNORECASE | re.VERBOSE,
)
_MERGE = re.compile(
    r"merged?\s+(?:(?:remote[- ])?(?:tracking\s+)?branch|pull\s+request|pr\b|tag|commit|remote"
    r"|from|in\b|with|master|main|trunk|upstream|patch|\#\d|r\d)"
    r"|automatic\s+merge|auto-?merge|sync(?:ed)?\s+with",
    re.IGNORECASE,
)
_BUMP = re.compile(
    r"""(?:\w[\w/.-]*:\s+)?(?:
      v?\d+(?:\.\d+)+\S*\s*$
    | (?:auto-?)?(?:bump|upgrade)(?:s|ed|ing)?\b
    | (?:new\s+|next\s+)?releas(?:e|ed|ing)\b
    | (?:prepare|preparing|start|begin|back\s+to)\b.*\b(?:release|version|development|v?\d+\.\d+)
    | (?:set|update[ds]?|updating|increase|increment|change)\s+(?:the\s+)?(?:\w+\s+)?version\b
    | version\b(?:\s+(?:bump|up|is|to))?\s*v?\d*
    | fix(?:e[sd])?\s+(?:the\s+)?(?:\w+\s+)?versions?(?:\s+number)?\W*$
    | (?:update[ds]?|updating)\s+(?:the\s+)?
      (?:dependenc|deps\b|vendor|change-?log|copyright|licen[sc]e)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_UNFINISHED = re.compile(
    r"(?:fixup|squash|amend)!|\[?\bwip\b|work\s+in\s+progress|tmp\b|temp\b(?!\w)|checkpoint\s*$"
    r"|initial\s+(?:commit|import|check)|\[maven-release-plugin\]|git-svn|not\s+working",
    re.IGNORECASE,
)
_FORMATTING = re.compile(
    r"""\b(?:
      re-?format(?:s|ted|ting)?(?!\s+(?:error|message|output))
    | (?:run|apply|applied|ran|using|with|use)\s+(?:the\s+)?
      (?:black|prettier|gofmt|gofumpt|goimports|clang-?format|rubocop|isort|yapf
      |autopep8|spotless|dotnet[- ]format|astyle|uncrustify|ruff)\b
    | gofmt | gofumpt | goimports | clang-format | autopep8
    | white-?\s?spaces? | indent(?:s|ed|ing|ation)? | trailing\s+(?:spaces?|blanks?)
    | tabs?\s+(?:to|into|with|->)\s+spaces? | spaces?\s+to\s+tabs?
    | line\s+(?:endings?|length|too\s+long)
    | (?:code\s+)?formatting
    | (?:code\s*|coding\s+)?style\s+(?:fix|change|clean|guide|issue|nit|violation)
    | (?:fix|adjust|correct)\w*\s+(?:code\s*|coding\s+)?style
    | checkstyle | pep-?8 | flake8 | pycodestyle
    | sort(?:ed|ing)?\s+imports?
    | (?:organi[sz]e|reorder|optimi[sz]e)d?\s+(?:imports|usings|includes)
    | (?:go|py|es|js)?lint(?:s|er|ing)?\b
    )|^style(?:\([^)]*\))?:|^(?:code\s*)?style\W*$|^format(?:ted)?\W*(?:code|file|source)?\W*$
    """,
    re.IGNORECASE | re.VERBOSE,
)
_REVERT = re.compile(
    r"(?:re-?)?revert(?:s|ed|ing)?\b|(?:roll(?:ed|ing)?\s?back|back(?:ed)?\s+out)\b", re.I
)
_REVERTS_ID = re.compile(
    r"\brevert(?:s|ed|ing)?\s+(?:the\s+)?(?:commits?|changeset)?:?\s*([0-9a-f]{7,64})\b", re.I
)
_REVERTS_SUBJECT = re.compile(r"revert:?\s+[\"“](.+)[\"”]", re.IGNORECASE)


def judge_message(commit: Commit) -> Drop | None:
    """Return why not to learn from a commit, by its parents, author and message; else None."""
    subject = commit.subject
    if len(commit.parents) > 1 or _MERGE.match(subject):
        return Drop.MERGE
    if _REVERT.match(_without_scope(subject)) or _REVERTS_ID.search(commit.message):
        return Drop.REVERT
    if _BOT.search(commit.author):
        return Drop.BOT
    if _BUMP.match(subject):
        return Drop.BUMP
    if not subject or _UNFINISHED.match(subject):
        return Drop.UNFINISHED
    return Drop.FORMATTING if _FORMATTING.search(subject) else None


@dataclass(slots=True)
class Reverts:
    """Finds which commits of a history were reverted; sees every commit, oldest first."""

    _by_subject: dict[str, str] = field(default_factory=dict)
    _ids: list[str] = field(default_factory=list)
    _reverted: set[str] = field(default_factory=set)
    _prefixes: list[str] = field(default_factory=list)

    def see(self, commit: Commit) -> None:
        """Take note of a commit."""
        self._ids.append(commit.id)
        prefixes = _REVERTS_ID.findall(commit.message)
        self._prefixes += prefixes
        quoted = _REVERTS_SUBJECT.match(_without_scope(commit.subject))
        if quoted and not prefixes and quoted[1] in self._by_subject:
            self._reverted.add(self._by_subject[quoted[1]])
        self._by_subject[commit.subject] = commit.id

    def reverted(self) -> frozenset[str]:
        """Return the ids of the commits that a commit seen says to revert."""
        ids = sorted(self._ids)
        return frozenset(self._reverted) | {
            found for prefix in self._prefixes for found in _starting_with(prefix.lower(), ids)
        }


def _starting_with(prefix: str, ids: Sequence[str]) -> Iterable[str]:
    place = bisect_left(ids, prefix)
    while place < len(ids) and ids[place].startswith(prefix):
        yield ids[place]
        place += 1


def _without_scope(subject: str) -> str:
    """Drop what stands before the sentence: ``core: ``, ``[tools] ``, ``JIRA-12 ``."""
    return re.sub(
        r"^(?:\[[^\]]*\]\s*|[\w/.-]+(?:\([^)]*\))?:\s+|[A-Z]+-\d+:?\s+|\#\d+:?\s+)+", "", subject
    )
