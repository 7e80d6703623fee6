"""The shapes that code has in all eight languages: branches, guards, loops, locals, calls."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from themis_lsp.languages import Language
from themis_train.degradation.dialect import types
from themis_train.degradation.subject import Subject

if TYPE_CHECKING:
    from tree_sitter import Node

_WRAPPERS = frozenset({"parenthesized_expression", "condition_clause", "parenthesized_statements"})
_BLOCKS = types(
    "compound_statement block statement_list statement_block constructor_body body_statement then "
    "else do block_body begin begin_block else_clause finally_clause switch_block_statement_group"
)
_PARTS_OF_BEGIN = frozenset({"rescue", "ensure", "else"})
_RAISING = re.compile(r"(?:raise|fail|panic|abort|exit|die|error|croak)\b[^=]*")
_GUARD_LINES = 8
_SHORTHANDS = frozenset({"shorthand_property_identifier", "shorthand_property_identifier_pattern"})


@dataclass(frozen=True, slots=True)
class Branch:
    """An if. ``is_negated`` is true of unless; ``is_modifier`` where the body comes first."""

    node: Node
    condition: Node
    body: Node
    otherwise: Node | None
    is_chained: bool
    is_negated: bool
    is_modifier: bool


@dataclass(frozen=True, slots=True)
class Guard:
    """An if without else whose one or two statements end by leaving the block."""

    branch: Branch
    exit: Node

    @property
    def node(self) -> Node:
        """The whole statement."""
        return self.branch.node


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop and its body; ``condition`` only where it is tested every time around."""

    node: Node
    body: Node
    condition: Node | None


@dataclass(frozen=True, slots=True)
class Local:
    """A local variable, the statement that declares it alone, and its first value."""

    name: str
    statement: Node
    identifier: Node
    value: Node


def unwrap(node: Node) -> Node:
    """Return what stands in parentheses."""
    while node.type in _WRAPPERS and node.named_child_count == 1:
        node = node.named_children[0]
    return node


def operator_of(node: Node) -> str:
    """Return the operator of an expression with one or two operands."""
    sign = node.child_by_field_name("operator") or node.child_by_field_name("operators")
    if sign is None:
        sign = next((child for child in node.children if not child.is_named), None)
    return "" if sign is None or sign.text is None else sign.text.decode()


def sign_of(node: Node) -> Node | None:
    """Return the token between two operands; None where it is no single token."""
    signs = [child for child in node.children if not child.is_named and child.type not in "()"]
    return signs[0] if len(signs) == 1 else None


def operands(node: Node) -> tuple[Node, Node] | None:
    """Return left and right of a binary expression; None for chains of comparisons."""
    left, right = (node.child_by_field_name(side) for side in ("left", "right"))
    if left is not None and right is not None:
        return left, right
    children = [child for child in node.named_children if child.type != "comment"]
    return (children[0], children[1]) if len(children) == 2 else None


def statements(node: Node) -> list[Node]:
    """Return the statements of a block; a statement that is no block is its own only one."""
    if node.type in ("else_clause", "else", "finally_clause") and not node.is_error:
        body = node.child_by_field_name("body")
        if body is not None:
            return statements(body)
        if node.type != "else" and node.named_child_count == 1:
            return statements(node.named_children[0])
    if not _is_block(node):
        return [node]
    inner = [child for child in node.named_children if "comment" not in child.type]
    if len(inner) == 1 and inner[0].type == "statement_list":
        return statements(inner[0])
    return [child for child in inner if child.type not in _PARTS_OF_BEGIN]


def _is_block(node: Node) -> bool:
    return node.type in _BLOCKS


def is_alone(subject: Subject, node: Node) -> bool:
    """Tell whether a statement can be taken away: it stands in a block and not by itself."""
    parent = node.parent
    if parent is None or parent.type not in subject.dialect.blocks:
        return False
    return len(statements(parent)) > 1


def find_branches(subject: Subject) -> Iterator[Branch]:
    """Yield every if of the unit."""
    for node in subject.of(subject.dialect.ifs):
        condition = node.child_by_field_name("condition")
        body = node.child_by_field_name("consequence") or node.child_by_field_name("body")
        if condition is None or body is None or node.child_by_field_name("initializer"):
            continue
        parent = node.parent
        is_chained = parent is not None and (
            parent.type == "else_clause" or parent.child_by_field_name("alternative") == node
        )
        yield Branch(
            node,
            unwrap(condition),
            body,
            node.child_by_field_name("alternative"),
            is_chained,
            node.type.startswith("unless"),
            node.type.endswith("_modifier"),
        )


def find_guards(subject: Subject) -> Iterator[Guard]:
    """Yield every if that does nothing but leave."""
    for branch in find_branches(subject):
        inside = statements(branch.body)
        lines = branch.node.end_point[0] - branch.node.start_point[0] + 1
        is_short = 1 <= len(inside) <= 2 and lines <= _GUARD_LINES
        if branch.otherwise is None and not branch.is_chained and is_short:
            leaving = inside[-1]
            if leaving.type in subject.dialect.exits or is_raise(subject, leaving):
                yield Guard(branch, leaving)


def is_raise(subject: Subject, node: Node) -> bool:
    """Tell whether a statement raises, be it by a call."""
    if node.type in subject.dialect.raises:
        return True
    is_call = node.type in subject.dialect.expressions or node.type == "identifier"
    return is_call and _RAISING.match(subject.text(node)) is not None


def find_loops(subject: Subject) -> Iterator[Loop]:
    """Yield every loop of the unit, Ruby's blocks of ``each`` and its like among them."""
    for node in subject.of(subject.dialect.loops):
        body = node.child_by_field_name("body")
        if body is None or node.type.endswith("_modifier"):
            continue
        yield Loop(node, body, _loop_condition(node))
    if subject.language is Language.RUBY:
        for node in subject.of(frozenset({"call"})):
            method, block = (node.child_by_field_name(name) for name in ("method", "block"))
            if method is None or block is None or not method.text:
                continue
            inside = block.child_by_field_name("body")
            if inside is not None and method.text.startswith((b"each", b"times", b"upto")):
                yield Loop(node, inside, None)


def _loop_condition(node: Node) -> Node | None:
    condition = node.child_by_field_name("condition")
    if condition is None:
        clause = next(iter(node.named_children), None)
        if clause is not None and clause.type == "for_clause":
            condition = clause.child_by_field_name("condition")
        elif clause is not None and clause.type.endswith("_expression"):
            condition = clause
    return None if condition is None else unwrap(condition)


def enclosing(node: Node, kinds: frozenset[str], *, within: Node | None = None) -> Node | None:
    """Return the nearest node above of one of the kinds; None beyond ``within``."""
    above = node.parent
    while above is not None and above != within:
        if above.type in kinds:
            return above
        above = above.parent
    return None


def body_of(subject: Subject) -> Node | None:
    """Return the block of the unit's own function."""
    for node in subject.of(subject.dialect.functions):
        body = node.child_by_field_name("body")
        if body is not None and body.type in subject.dialect.blocks:
            return body
        return None
    return None


def find_locals(subject: Subject) -> Iterator[Local]:
    """Yield every local variable that a statement of its own declares with a value."""
    seen = set()
    for node in subject.of(_DECLARATIONS[subject.language]):
        local = _read_local(subject, node)
        if local is None or local.name in seen or _is_shared(subject, local.name):
            continue
        seen.add(local.name)
        yield local


_DECLARATIONS = {
    Language.C: frozenset({"declaration"}),
    Language.CPP: frozenset({"declaration"}),
    Language.CSHARP: frozenset({"local_declaration_statement"}),
    Language.GO: frozenset({"short_var_declaration"}),
    Language.JAVA: frozenset({"local_variable_declaration"}),
    Language.JAVASCRIPT: frozenset({"lexical_declaration", "variable_declaration"}),
    Language.PYTHON: frozenset({"assignment"}),
    Language.RUBY: frozenset({"assignment"}),
}


def _read_local(subject: Subject, node: Node) -> Local | None:
    if subject.language in (Language.PYTHON, Language.RUBY, Language.GO):
        name, value, statement = _assigned(subject, node)
    else:
        name, value, statement = *_declared(node), node
    if name is None or value is None or name.type != "identifier" or statement.parent is None:
        return None
    if statement.parent.type not in subject.dialect.blocks:
        return None
    return Local(subject.text(name), statement, name, value)


def _assigned(subject: Subject, node: Node) -> tuple[Node | None, Node | None, Node]:
    sides = [node.child_by_field_name(side) for side in ("left", "right")]
    if subject.language is Language.GO:
        sides = [
            side.named_children[0] if side is not None and side.named_child_count == 1 else None
            for side in sides
        ]
    is_wrapped = node.parent is not None and node.parent.type == "expression_statement"
    statement = node.parent if is_wrapped and node.parent is not None else node
    return sides[0], sides[1], statement


def _declared(node: Node) -> tuple[Node | None, Node | None]:
    """Return name and value of a declaration of one variable."""
    kinds = ("variable_declarator", "init_declarator")
    inner = [child for child in node.named_children if child.type != "comment"]
    if inner and inner[-1].type == "variable_declaration":
        inner = inner[-1].named_children
    declarators = [child for child in inner if child.type in kinds]
    others = node.children_by_field_name("declarator")
    if len(declarators) != 1 or len(others) > 1:
        return None, None
    one = declarators[0]
    name = one.child_by_field_name("name") or one.child_by_field_name("declarator")
    while name is not None and name.type == "pointer_declarator":
        name = name.child_by_field_name("declarator")
    value = one.child_by_field_name("value")
    if value is None and one.named_child_count == 2 and one.type == "variable_declarator":
        value = one.named_children[1]
    return name, value


def _is_shared(subject: Subject, name: str) -> bool:
    """Tell whether a name means more than this unit's variable."""
    for kind in ("global_statement", "nonlocal_statement", *_SHORTHANDS):
        for node in subject.by_type.get(kind, ()):
            if re.search(rf"\b{re.escape(name)}\b", subject.text(node)):
                return True
    return False


def references(subject: Subject, name: str) -> list[Node]:
    """Return the identifiers that stand for the variable ``name``, in the order of the text."""
    return [
        node
        for node in subject.by_type.get("identifier", ())
        if node.text == name.encode() and _is_variable(subject, node)
    ]


def _is_variable(subject: Subject, node: Node) -> bool:
    parent = node.parent
    if parent is None:
        return True
    owner = parent.parent if parent.type == "literal_element" else parent
    for kind, field in subject.dialect.names_not_variables:
        if owner is not None and owner.type == kind:
            named = owner.child_by_field_name(field)
            if named is not None and named in (node, parent):
                return False
    return True


def arguments_of(call: Node) -> list[Node]:
    """Return the arguments of a call."""
    listed = call.child_by_field_name("arguments")
    if listed is None or "argument" not in listed.type:
        return []
    return [child for child in listed.named_children if "comment" not in child.type]


def called_name(subject: Subject, call: Node) -> str:
    """Return the last part of what is called: ``c`` for ``a.b.c(x)``."""
    name = (
        call.child_by_field_name("function")
        or call.child_by_field_name("method")
        or call.child_by_field_name("name")
    )
    if name is None:
        return ""
    return re.split(r"\.|->|::", subject.text(name))[-1]


def names_in(subject: Subject, node: Node) -> set[str]:
    """Return the identifiers that a node's source holds."""
    return set(re.findall(r"[A-Za-z_]\w*", subject.text(node)))


def is_written(subject: Subject, name: str, nodes: Sequence[Node]) -> bool:
    """Tell whether one of the nodes may assign to ``name`` or change what it holds."""
    word = re.escape(name)
    pattern = (
        rf"(?<![\w.]){word}(?:\s*(?:\[[^\]]*\]|\.\w+|->\w+))*\s*"
        rf"(?:(?:[-+*/%|&^]|<<|>>|\|\||&&)?=(?!=)|\+\+|--|:=|<<)"
        rf"|(?:\+\+|--|&|\bout |\bref ){word}\b|\bfor\b[^\n]*\b{word}\b[^\n]*\b(?:in|of|range)\b"
        rf"|(?<![\w.]){word}(?:\.|->)(?:append|add|push|pop|insert|remove|delete|clear|set|put|next"
        rf"|read|write|extend|update|prepend|concat|replace|merge|resize|assign|reserve|fill|truncate|\w+!|shift|sort|close|Add|Remove|Clear|Insert|Set|Read|Write)\w*\b"
    )
    return any(re.search(pattern, subject.text(node)) for node in nodes)
