"""Terms in the first line of a message that give away what a commit is for.

They label a part of the commits; the classifier is fitted to those. ``OTHER_TERMS`` are for commits
that are for none of the criteria, or whose change does not show whether the code got better.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from themis_lsp.criteria import Criterion

OTHER = "other"
FEATURE = "feature"
_READABLE = Criterion.READABILITY_MAINTAINABILITY
TERM_KEYS = (*(criterion.code for criterion in Criterion), OTHER, FEATURE)
_FC, _RM = Criterion.FUNCTIONAL_CORRECTNESS.code, _READABLE.code


@dataclass(frozen=True, slots=True)
class Seeded:
    """What the terms say: ``criterion`` None for none of the five, and the phrases that say it."""

    criterion: Criterion | None
    phrases: tuple[str, ...]


def _terms(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?:{pattern})" for pattern in patterns))


# Of these, whichever matches alone decides, whatever else is said.
_SPECIFIC = {
    Criterion.SECURITY_HARDNESS: _terms(
        r"\bbuffer[- ](?:over(?:flow|run|read)|under(?:flow|run|read))s?\b",
        r"\b(?:heap|stack)[- ](?:buffer[- ])?over(?:flow|read)\b",
        r"\bover-?reads?\b",
        r"\bout[- ]of[- ]bounds?\b|\boob\b",
        r"\buse[- ]after[- ]free\b|\buaf\b|\bdouble[- ]free\b",
        r"\b(?:integer|int|size_t|arithmetic|length|size)[- ](?:over|under)flows?\b",
        r"\bcve-\d{4}",
        r"\bsecurity\b(?! (?:group|manager|provider|context|config|test|policy|advisor))",
        r"\bvulnerab\w*|\bexploit\w*|\bmalicious\b",
        r"\bxss\b|\bcsrf\b|\bssrf\b|\bxxe\b|\bredos\b",
        r"\b(?:sql|command|header|crlf|code|shell|script|log) injection\b",
        r"\b(?:path|directory) traversal\b|\bzip[- ]slip\b",
        r"\btiming attack|\bconstant[- ]time\b",
        r"\bdenial[- ]of[- ]service\b|\bdos attack",
        r"\bsmuggling\b|\bspoof(?:ing|ed)\b",
        r"\b(?:check|verif\w*|validat\w*|enforce\w*|missing|add\w*) .{0,20}\bbounds?\b",
        r"\bbounds?[- ]check(?:s|ing)?\b",
        r"\buninitiali[sz]ed (?:memory|read|data|bytes|stack)\b",
        r"\b(?:leak|expos|disclos)\w* .{0,20}\b(?:password|credential|secret|token|key)s?\b",
        r"\bsanitiz(?:e|es|ing) .{0,20}\b(?:input|html|header|path|name|url|value)s?\b",
    ),
    Criterion.MEMORY_EFFICIENCY: _terms(
        r"\bleak(?:s|ed|ing|age)?\b(?! (?:check|test|detect|sanit|canary|track|report|hunt"
        r"|profil))",
        r"\bmem-?leaks?\b",
        r"\bmemory (?:usage|use|consumption|footprint|overhead|pressure|waste|hog|bloat"
        r"|efficien\w*)\b",
        r"\b(?:reduc|avoid|eliminat|sav|lower|minimi[sz]|decreas|cut|less|fewer|unnecessary"
        r"|redundant|needless|extra|useless|unneeded)\w* .{0,25}\b(?:allocations?|allocs?"
        r"|mallocs?|memory|garbage|heap|boxing|gc)\b",
        r"\b(?:zero|no|without)[- ]alloc(?:ation)?s?\b",
        r"\bless memory\b|\bmemory[- ]efficient\b|\bpeak memory\b",
        r"\bavoid(?:s|ed|ing)? allocat",
    ),
    Criterion.RUNTIME_EFFICIENCY: _terms(
        r"\bspeed(?:s|ed|ing)?[- ]?up\b|\bspeed improvement",
        r"\bimprov\w* .{0,20}\b(?:performance|speed|throughput|latency)\b",
        r"\bperformance (?:improvement|enhancement|optimi[sz]|tweak|fix|boost|issue|problem"
        r"|regression)",
        r"^perf(?:ormance)?(?:\([^)]*\))?!?:",
        r"\bfaster\b|\bslowness\b|\bslow[- ]?downs?\b|\btoo slow\b",
        r"\boptimi[sz](?:e|es|ed|ing|ations?)\b(?! (?:level|flag|option|import|include|using))",
        r"\bmicro-?opt\w*",
        r"\b(?:avoid|skip|eliminat|remov|reduc|prevent|sav|fewer"
        r"|less)\w* .{0,20}\b(?:unnecessary|redundant|repeated|needless|extra|duplicate"
        r"|multiple|useless|double)\b .{0,25}\b(?:calls?|cop(?:y|ies|ying)|work|lookups?"
        r"|comput\w*|calculat\w*|quer(?:y|ies)|iterations?|scans?|syscalls?|loops?|pars(?:e|es"
        r"|ing)|hash\w*|checks|reads?|writes?|requests?|sort\w*)\b",
        r"\bo\(n|\bquadratic\b|\blinear time\b",
        r"\bfast[- ]path\b|\bhot[- ]path\b",
        r"\bmemoi[sz]e\w*|\bpre-?comput\w*|\bpre-?compil\w*",
        r"\b(?:reduc|lower|decreas)\w* .{0,20}\b(?:contention|latency|cpu|overhead|syscalls?"
        r"|locking)\b",
        r"\bmore efficient(?:ly)?\b|\bcpu usage\b|\bbusy[- ](?:loop|wait)",
    ),
}
_CORRECTNESS = _terms(
    r"\bfix(?:e[sd]|ing)?\b|\bbug-?fix\w*",
    r"\bbugs?\b|\bcrash(?:e[sd]|ing)?\b|\bsegfaults?\b|\bdeadlocks?\b|\brace condition\b"
    r"|\bdata race\b",
    r"\b(?:wrong|incorrect|broken|bogus|invalid)(?:ly)?\b|\bregressions?\b",
    r"\b(?:correctly|properly)\b|^correct(?:s|ed|ing)?\b",
    r"\boff[- ]by[- ](?:one|1)\b|\binfinite (?:loop|recursion)\b",
    r"\b(?:null|nil|none)[- ]?(?:pointer|reference|deref\w*|check)\b|\bnpe\b|\bnullreference\w*",
    r"\bhandl(?:e|es|ing) .{0,30}\b(?:errors?|empty|null|nil|none|missing|edge|failure"
    r"|exceptions?)\b",
    r"\bdo(?:es)?n[o']?t (?:crash|hang|fail|throw|ignore|lose|overwrite|assume|forget)\b",
)
_READABILITY = _terms(
    r"\brefactor\w*",
    r"\bsimplif(?:y|ie[sd]|ying|ication)\w*",
    r"\bclean(?:s|ed|ing|er)?[- ]?up(?:s|ped)?\b|\bcode clean\w*|\btid(?:y|ied|ying)\b"
    r"|\bcleaner\b",
    r"\breadab\w*|\bmaintainab\w*|\bclarif(?:y|ie[sd])\b|\bclarity\b",
    r"\brenam(?:e|es|ed|ing)\b .{0,25}\b(?:variables?|param\w*|arg\w*|methods?|functions?|to"
    r"|for)\b",
    r"\bextract(?:s|ed|ing)?\b .{0,30}\b(?:methods?|functions?|helpers?|constants?|variables?"
    r"|logic|out)\b",
    r"\b(?:remov|delet|drop|eliminat|kill|strip)\w* .{0,15}\b(?:unused|dead|duplicated?"
    r"|redundant|superfluous|unneeded|unnecessary|useless|commented)\b",
    r"\bde-?duplicat\w*|\bdry\b|\bduplicated? code\b|\bmagic (?:number|value|string"
    r"|constant)s?\b",
    r"\bidiomatic\b|\bself[- ]documenting\b|\bless nest\w*|\bnesting\b|\bearly returns?\b",
)
_OTHER = _terms(
    r"\btypos?\b|\bspell\w*|\bgrammar\b|\bwording\b|\bmis-?spel\w*",
    r"\bdoc(?:s|string\w*|umentation|ument(?:ed|s)?)?\b|\bcomments?\b|\bjavadocs?\b|\bxmldoc\b"
    r"|\brdoc\b",
    r"\breadme\b|\bchangelog\b|\bcopyright\b|\blicen[sc]e\b|\btodos?\b",
    r"\btests?\b|\btesting\b|\bspecs?\b|\bbenchmarks?\b|\bcoverage\b|\bflaky\b",
    r"\bbuild(?:s|ing)?\b|\bcompil(?:e[sd]?|ing|ation|er)\b|\bwarnings?\b|\bcmake\b"
    r"|\bmakefile\b|\blink(?:ing|er)\b",
    r"\bci\b|\btravis\b|\bappveyor\b|\bgithub actions?\b|\bcoverity\b|\bmypy\b|\btype (?:hint"
    r"|annot)\w*|\btyping\b",
    r"\blog(?:s|ging|ged)? (?:message|level|output|statement|format)\w*|\bmessage text\b"
    r"|\berror message",
    r"\bdeprecat\w*|\bdebug(?:ging)? (?:output|print|message|code|log)",
    r"\bexperiment\w*|\bhack\b|\bworkaround\b|\btemporar\w*|\bdisabl(?:e|es|ed|ing)\b",
)
_FEATURE = _terms(
    r"^(?:[\w./-]+: )?(?:add(?:s|ed|ing)?|support(?:s|ed|ing)?|implement(?:s|ed|ing)?"
    r"|introduc(?:e|es|ed|ing)|allow(?:s|ed|ing)?|enabl(?:e|es|ed|ing)|expos(?:e|es|ed|ing)"
    r"|provid(?:e|es|ed|ing)|new|initial|creat(?:e|es|ed|ing)|port|updat(?:e|es|ed|ing)|first"
    r"|feat\w*|switch(?:ed|es)?|chang(?:e|es|ed)|more|default)\b",
    r"^feat(?:ure)?(?:\([^)]*\))?!?:|^(?:docs?|tests?|ci|build|chore)(?:\([^)]*\))?!?:",
)
# Says which ticket a commit closes, not that it mends something.
_TICKET = re.compile(r"\b(?:fix(?:es|ed)?|clos(?:es?|ed)|resolv(?:es?|ed))\W*#\d+")
# The code that is cleaned up is not meant, but what it holds at run time.
_RUNTIME_CLEANUP = re.compile(
    r"clean(?:s|ed|ing)?[- ]?up .{0,20}\b(?:after|on|when|if|before|temp\w*|files?|resources?"
    r"|sockets?|threads?|connections?|process\w*|memory|stale|old|expired|state|cache|handlers?"
    r"|listeners?|sessions?)\b|\b(?:on|during|after|for) clean-?up\b"
)


def match_terms(subject: str) -> dict[str, tuple[str, ...]]:
    """Return the phrases in the first line of a message by what they say.

    Keys are some of TERM_KEYS: the codes of the criteria, ``OTHER`` and ``FEATURE``. What is
    specific (a leak) hides what is general (a fix).
    """
    subject = _TICKET.sub(" ", subject.lower())
    terms = {criterion.code: pattern for criterion, pattern in _SPECIFIC.items()}
    terms |= {_FC: _CORRECTNESS, _RM: _READABILITY, OTHER: _OTHER, FEATURE: _FEATURE}
    if _RUNTIME_CLEANUP.search(subject):
        del terms[_RM]
    found = {key: tuple(m.group() for m in terms[key].finditer(subject)) for key in terms}
    matched = {key: phrases for key, phrases in found.items() if phrases}
    if any(criterion.code in matched for criterion in _SPECIFIC):
        matched.pop(_FC, None)
        matched.pop(_RM, None)
    return matched


def read_seeds(matches: Mapping[str, tuple[str, ...]]) -> Seeded | None:
    """Return what the matched terms give away together; None when that is nothing or too much."""
    if OTHER in matches:
        return Seeded(None, matches[OTHER])
    specific = [criterion for criterion in _SPECIFIC if criterion.code in matches]
    if specific:
        return Seeded(specific[0], matches[specific[0].code]) if len(specific) == 1 else None
    if _FC in matches or _RM in matches:
        if _FC in matches and _RM in matches:
            return None
        criterion = Criterion.FUNCTIONAL_CORRECTNESS if _FC in matches else _READABLE
        return Seeded(criterion, matches[criterion.code])
    return Seeded(None, matches[FEATURE]) if FEATURE in matches else None
