"""Work that is done more often than it need be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.conditions import tests_presence
from themis_train.degradation.constants import find_constants
from themis_train.degradation.guards import GuardKind, find_guards_of
from themis_train.degradation.layout import insert_before, remove_lines
from themis_train.degradation.operators import ALL, Candidate, Edit, Operator, replace
from themis_train.degradation.shapes import (
    Local,
    Loop,
    arguments_of,
    called_name,
    enclosing,
    find_locals,
    find_loops,
    is_alone,
    is_written,
    names_in,
    operands,
    operator_of,
    references,
    sign_of,
    statements,
)
from themis_train.degradation.subject import Subject

if TYPE_CHECKING:
    from tree_sitter import Node

_RT = Criterion.RUNTIME_EFFICIENCY
# Calls that give something new every time, or change something, cannot be repeated.
_IMPURE = re.compile(
    r"\b_*(?:new|malloc|calloc|alloc\w*|open\w*|create\w*|make\w*|next\w*|read\w*|pop\w*|push\w*|"
    r"shift|append|add|insert|remove|delete|write\w*|send\w*|recv\w*|receive\w*|start\w*|acquire|"
    r"lock\w*|unlock\w*|random\w*|rand\w*|now|\w*[tT]ime\w*|\w*[cC]lock\w*|\w*Now|begin\w*|exec\w*|init\w*|register\w*|build\w*|"
    r"await|yield|advance|consume\w*|parse\w*|scan\w*|accept|expect|\w*bump\w*|getc\w*|\w*Async|[eE]nsure\w*|[tT]ry[A-Z]\w*|[pP]rocess\w*|run\w*|Run\w*|[aA]dd[A-Z]\w*|fetch\w*|poll|take|input|gets|print\w*|copy|clone|dup|set\w*|update\w*|put|"
    r"\w*[Aa]lloc\w*|\w*[Oo]pen\w*|\w*[Cc]reate\w*|\w*[Nn]ew\w*|\w*[Rr]ead\w*|\w*[Nn]ext\w*|"
    r"\w*(?:tmp|temp)\w*|\w*[Pp]op\w*|\w*[Pp]ush\w*|\w*[Ll]ock\w*|\w*[Ww]rite\w*|\w*[Aa]cquire\w*)\s*(?:<[^<>()]*>)?\(|"
    r"\bnew\b|\bfunction\b|=>|\bdo\b|\blambda\b|\bfunc\b|\bawait\b|\byield\b|&\w|\+\+|--|\$\{|=(?!=)"
)
_CHANGING = re.compile(r"\.(?:pop|shift|delete|next|read|gets|push|concat|\w+!)(?!\w)")
# Names of calls that only look at what is there.
_PURE = re.compile(
    r"(?:\w+_)?_*(?:get|find|count|len|length|size|index|to|as|is|has|split|join|lower|upper|strip|trim"
    r"|replace|substr|slice|compute|calc|hash|format|lookup|str|key|value|sort|min|max|sum|abs|int|"
    r"parent|name|path|decode|encode|match|basename|dirname|filter|map|load|type|resolve|normali|"
    r"contains|starts|ends|escape|quote|concat|reverse|first|last|select|exist|relative|offset)"
    r"(?:_\w+|[A-Z]\w*|[a-z]*)[?]?|\w*(?:Name|Path|Length|Size|Count|Index|Key|Type|Value|len|size)"
    r"|(?:Get|Find|To|Is|Has|Count|Index|Compute|Lookup|Resolve|Format|Parse)\w*",
)
_RELEASES = re.compile(r"free|release|destroy|delete|dispose|close|unref|decref", re.IGNORECASE)
_TRIVIAL = frozenset({"len", "size", "length", "count", "cap", "str", "int", "as"})
_LONGEST_VALUE = 70
_MOST_USES = 4
_CALL = re.compile(r"[\w>\]?]\(")
_NO_C = tuple(language for language in Language if language is not Language.C)


def _invariant_in_loop(subject: Subject) -> Iterator[Candidate]:
    """The value of a local that only a loop needs is computed anew in every round."""
    loops = list(find_loops(subject))
    for local in find_locals(subject):
        uses = references(subject, local.name)[1:]
        for loop in loops:
            if not uses or loop.node.parent != local.statement.parent:
                continue
            is_inside = all(
                loop.body.start_byte <= use.start_byte and use.end_byte <= loop.body.end_byte
                for use in uses
            )
            if is_inside and _stays_same(subject, local, loop.node):
                yield from _move_in(subject, local, loop)


def _stays_same(subject: Subject, local: Local, until: Node) -> bool:
    """Tell whether a local's value is the same wherever it is computed up to a node's end."""
    text = subject.text(local.value)
    if not _CALL.search(text) or _IMPURE.search(text) or "\n" in text:
        return False
    if subject.language is Language.RUBY and _CHANGING.search(text):
        return False
    following: list[Node] = []
    node = local.statement.next_named_sibling
    while node is not None and node.start_byte <= until.start_byte:
        following.append(node)
        node = node.next_named_sibling
    names = {local.name, *names_in(subject, local.value)} - {"this", "self"}
    return not any(is_written(subject, name, following) for name in names)


def _move_in(subject: Subject, local: Local, loop: Loop) -> Iterator[Candidate]:
    inside = statements(loop.body)
    if not inside or loop.body.type not in subject.dialect.blocks:
        return
    added = insert_before(subject, inside[0], [subject.text(local.statement)])
    removed = remove_lines(subject, local.statement)
    is_one_line = local.statement.start_point[0] == local.statement.end_point[0]
    if added is not None and removed is not None and is_one_line:
        yield Candidate((removed, added))


def _recomputed_value(subject: Subject) -> Iterator[Candidate]:
    """A call whose result was kept is made again wherever it is needed."""
    for local in find_locals(subject):
        text = subject.text(local.value)
        uses = references(subject, local.name)[1:]
        is_repeated = len(uses) > 1 or any(_is_in_loop(subject, use, local) for use in uses)
        if not 1 <= len(uses) <= _MOST_USES or not is_repeated or len(text) > _LONGEST_VALUE:
            continue
        last = uses[-1]
        block = local.statement.parent
        if block is None or not block.end_byte >= last.end_byte:
            continue
        statement = _statement_in(block, last)
        removed = remove_lines(subject, local.statement)
        if statement is None or removed is None or not _stays_same(subject, local, statement):
            continue
        if local.value.type not in subject.dialect.calls or not arguments_of(local.value):
            continue
        name = called_name(subject, local.value)
        if not _PURE.fullmatch(name) or name in _TRIVIAL:
            continue
        if any(_is_released(subject, use, block) for use in uses):
            continue
        edits = (Edit(use.start_byte, use.end_byte, text) for use in uses)
        yield Candidate((removed, *edits))


def _is_released(subject: Subject, use: Node, block: Node) -> bool:
    """Whether a value is handed back: that must be what was taken, a second call takes another."""
    call = enclosing(use, subject.dialect.calls, within=block)
    return call is not None and _RELEASES.search(called_name(subject, call)) is not None


def _is_in_loop(subject: Subject, use: Node, local: Local) -> bool:
    kinds = subject.dialect.loops
    return enclosing(use, kinds, within=local.statement.parent) is not None


def _statement_in(block: Node, node: Node) -> Node | None:
    current: Node | None = node
    while current is not None and current.parent != block:
        current = current.parent
    return current


# Only a flag is the same however often it is set.
_IS_FLAG = re.compile(r"[\w.>@-]+\s*=\s*(?:true|false|True|False|TRUE|FALSE|[01])\s*;?")
_ENDLESS = re.compile(r"(?:while|until)\s*\(?\s*(?:true|True|1|false)\b|for\s*(?:\(\s*;\s*;|\{)")


def _no_early_exit(subject: Subject) -> Iterator[Candidate]:
    """A search goes on after it has found."""
    around = subject.dialect.loops | subject.dialect.switches | subject.dialect.ifs
    for node in subject.of(subject.dialect.breaks):
        holder = enclosing(node, around)
        if holder is None or holder.type not in subject.dialect.ifs or node.parent is None:
            continue
        outer = enclosing(holder, subject.dialect.loops | subject.dialect.switches)
        if outer is None or outer.type not in subject.dialect.loops:
            continue
        if _ENDLESS.match(subject.text(outer)):
            continue
        before = statements(node.parent)[:-1]
        if not before or not _IS_FLAG.fullmatch(subject.text(before[-1])):
            continue
        if is_alone(subject, node):
            yield from replace([remove_lines(subject, node)])


def _dropped_fast_path(subject: Subject) -> Iterator[Candidate]:
    for guard in find_guards_of(subject, GuardKind.FAST_PATH):
        if is_alone(subject, guard.node):
            yield from replace([remove_lines(subject, guard.node)])


_CHANGES = re.compile(r"[^=!<>]=(?!=)|\+\+|--")
_CHEAP = re.compile(
    r"\b(?:len|size|length|empty|isEmpty|isinstance|sizeof|ord|count|hasattr|callable|get|is\w+|Is\w+)"
    r"\(\w*\)|\b(?:isinstance|typeof|defined\?|ReferenceEquals|nameof)\([^()]*\)"
)


def _expensive_check_first(subject: Subject) -> Iterator[Candidate]:
    """A call is made before the comparison that would have spared it."""
    for node in subject.of(subject.dialect.binaries):
        sign, sides = sign_of(node), operands(node)
        if sign is None or sides is None or sign.type not in ("&&", "||", "and", "or"):
            continue
        left, right = (subject.text(side) for side in sides)
        shared = names_in(subject, sides[0]) & names_in(subject, sides[1])
        logic = ("&&", "||", " and ", " or ")
        if (
            _CALL.search(left)
            or not _CALL.search(_CHEAP.sub("", right))
            or shared - {"this", "self", "null"}
            or _CHANGES.search(left)
            or re.search(r"\b[A-Z][A-Z_]+\(|errno|GetLastError", right)
        ):
            continue
        if tests_presence(subject, sides[0]) or _CHANGES.search(right):
            continue
        if any(word in side for word in logic for side in (left, right)) or "\n" in left + right:
            continue
        yield Candidate(
            (
                Edit(sides[0].start_byte, sides[0].end_byte, right),
                Edit(sides[1].start_byte, sides[1].end_byte, left),
            )
        )


_CACHE = re.compile(r"\w*(?:[cC]ache|[mM]emo(?!r))\w*")
_CACHING = re.compile(
    r"@(?:functools\.)?(?:lru_cache|cache|cached_property|cached|memoize)\b[^\n]*"
)


def _dropped_cache(subject: Subject) -> Iterator[Candidate]:
    """What was computed is not kept for the next time."""
    for node in subject.of(subject.dialect.assignments):
        left = node.child_by_field_name("left")
        statement = node.parent if node.parent and node.parent.type in _WRAPPING else node
        if left is None or left.type not in ("expression_list", *subject.dialect.subscripts):
            continue
        kept = re.fullmatch(
            r"(?:[\w@]+(?:\.|->))*@?(\w+)\s*\[[^\[\]]*(?:\[[^\[\]]*\])?\]", subject.text(left)
        )
        if not kept or not _CACHE.fullmatch(kept[1]) or not is_alone(subject, statement):
            continue
        if operator_of(node) == "=" and not _is_named_behind(subject, kept[1], statement):
            yield from replace([remove_lines(subject, statement)])
    for call in subject.of(subject.dialect.calls):
        statement = call.parent if call.parent and call.parent.type in _WRAPPING else call
        kept = re.match(
            r"(?:\w+(?:\.|->))*(\w+)(?:\.|->)(?:put|set|Add|add|insert|emplace|Set|Store|Put)\(",
            subject.text(call),
        )
        if not kept or not _CACHE.fullmatch(kept[1]) or not is_alone(subject, statement):
            continue
        if not _is_named_behind(subject, kept[1], statement):
            yield from replace([remove_lines(subject, statement)])
    for node in subject.of(frozenset({"decorator"})):
        if _CACHING.fullmatch(subject.text(node)) and node.start_byte > subject.unit.start_byte:
            yield from replace([remove_lines(subject, node)])
        elif _CACHING.fullmatch(subject.text(node)) and node.next_sibling is not None:
            yield Candidate((Edit(node.start_byte, node.next_sibling.start_byte, ""),))


def _is_named_behind(subject: Subject, name: str, node: Node) -> bool:
    """Tell whether a cache is read after what was put into it: the reader relies on that."""
    return name in subject.slice(node.end_byte, subject.unit.end_byte)


_WRAPPING = frozenset({"expression_statement"})

_WITH_BRACES = (Language.JAVASCRIPT, Language.PYTHON)
_BUILT = re.compile(
    r"re\.compile\(.*\)|Pattern\.compile\(.*\)|new Regex\(.*\)|regexp\.MustCompile\(.*\)|/.+/[a-z]*"
    r"|new (?:RegExp|Set|Map|HashSet<\w+>|List<\w+>)\(.+\)|(?:frozenset|set|tuple|dict)\(.+\)"
    r"|\[[^\[\]]+,[^\[\]]+,[^\[\]]+\]|\{[^{}]+,[^{}]+\}|(?:Set|List|Map|Arrays)\.\w+\(.*\)"
    r"|%[wi][\[(].*[\])]|std::regex\(.*\)|new (?:\w+)\[\]\s*\{.*\}|\[\]\w+\{.*\}"
    r"|map\[\w+\]\w+\{.*\}|strings\.NewReplacer\(.*\)|template\.Must\(.*\)|Set\.new\(.+\)|Regexp\.new\(.*\)"
)


def _rebuilt_constant(subject: Subject) -> Iterator[Candidate]:
    """What a file builds once is built anew in every call."""
    for constant in find_constants(subject):
        value = constant.value
        is_literal = value.startswith("{") and subject.language not in _WITH_BRACES
        if is_literal or not _BUILT.fullmatch(value):
            continue
        if subject.language is Language.RUBY and value.startswith("/"):
            value = f"Regexp.new({value})"
        if subject.language is Language.JAVASCRIPT and value.startswith("/"):
            body, _, flags = value[1:].rpartition("/")
            if {"g", "y"} & set(flags):
                continue
            escaped = body.replace("\\", "\\\\").replace("'", "\\'")
            value = f"new RegExp('{escaped}', '{flags}')" if flags else f"new RegExp('{escaped}')"
        use = constant.uses[0]
        yield Candidate((Edit(use.start_byte, use.end_byte, value),))


OPERATORS = (
    Operator(
        "invariant-in-loop",
        _RT,
        "what never changes is computed in every round of a loop",
        ALL,
        _invariant_in_loop,
    ),
    Operator(
        "recomputed-value",
        _RT,
        "a call is made again and again instead of keeping its result",
        ALL,
        _recomputed_value,
    ),
    Operator("no-early-exit", _RT, "a search goes on after it has found", ALL, _no_early_exit),
    Operator(
        "dropped-fast-path",
        _RT,
        "work that is not needed is done all the same",
        ALL,
        _dropped_fast_path,
    ),
    Operator(
        "dropped-cache",
        _RT,
        "what was computed is not kept for the next time",
        ALL,
        _dropped_cache,
    ),
    Operator(
        "expensive-check-first",
        _RT,
        "a call is made before the comparison that would spare it",
        ALL,
        _expensive_check_first,
    ),
    Operator(
        "rebuilt-constant",
        _RT,
        "a pattern or table is built in every call instead of once",
        _NO_C,
        _rebuilt_constant,
    ),
)
