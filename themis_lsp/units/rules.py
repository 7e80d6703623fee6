"""What a language's module declares: a tree-sitter query whose captures are the words below.

A capture named after a Role marks a definition, from its first captured node to its last. Beside
it:

``@name``     the node or nodes its name is read from
``@owner``    what the name hangs on: a Go receiver, the object of a Ruby singleton method
``@inner``    with a role: the function that this binding names, not a definition of its own;
              with ``@outer``: a definition whose text is all of ``@outer`` (decorators, templates)
``@wrapper``  a named function that only wraps code, as an immediately invoked one does
``@comment``  not code
``@docstring`` code that only tells a reader something
``@aside``    code that is never a unit alone: a module's docstring
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from themis_lsp.units.unit import UnitKind

if TYPE_CHECKING:
    from tree_sitter import Node

_LONGEST_NAME = 120


class Role(StrEnum):
    """What a captured definition is; the value is the capture's name."""

    FUNCTION = "function"
    METHOD = "method"
    CONSTRUCTOR = "constructor"
    PROPERTY = "property"
    LAMBDA = "lambda"
    """A closure bound to a name; inside a function it counts if it spans several lines."""
    MEMBER = "member"
    """A function in a literal; counts if it spans several lines."""
    CALLBACK = "callback"
    """A function expression with a name of its own; counts if it spans several lines."""
    HEADLESS = "headless"
    """A body after a call or a declarator without a type: directly inside a function, a macro."""
    CLASS = "class"
    SCOPE = "scope"
    """Only lends its name to what is inside: a namespace, an object literal."""

    @property
    def kind(self) -> UnitKind | None:
        """The kind of unit it makes; None for what only holds others."""
        return _KINDS.get(self)


_KINDS = {
    Role.FUNCTION: UnitKind.FUNCTION,
    Role.METHOD: UnitKind.METHOD,
    Role.CONSTRUCTOR: UnitKind.CONSTRUCTOR,
    Role.PROPERTY: UnitKind.PROPERTY,
    Role.LAMBDA: UnitKind.FUNCTION,
    Role.MEMBER: UnitKind.METHOD,
    Role.CALLBACK: UnitKind.FUNCTION,
    Role.HEADLESS: UnitKind.FUNCTION,
}


def node_text(node: Node) -> str:
    """Return the node's source on one line, at most 120 characters."""
    text = (node.text or b"")[: 4 * _LONGEST_NAME].decode("utf-8", "replace")
    return " ".join(text.split())[:_LONGEST_NAME]


def joined_text(nodes: Sequence[Node]) -> str:
    """Return the nodes' texts run together."""
    return "".join(map(node_text, nodes))


@dataclass(frozen=True, slots=True)
class Rules:
    """How units are found in one language.

    ``opens`` and ``closes`` match (whole, stripped) lines that frame other code and say nothing
    themselves: ``public:`` and ``#if X``, a closing brace and ``#endif``. ``prelude`` matches lines
    that belong to a function directly below them though the grammar does not know it.

    ``constructors`` are the names that constructors have; where ``methods_may_stand_outside`` of
    their class (``A::f``), theirs is the name of the class. ``read_name`` turns what ``@name`` (or
    ``@owner``) captured into a name joined with ``.``; an empty one means that the capture is no
    definition after all. ``obstacles`` match macros the grammar cannot know: the bytes of their
    group are blanks to the parser.
    """

    grammar: str
    query: str
    closes: str
    opens: str = "(?!)"
    prelude: str = "(?!)"
    constructors: frozenset[str] = frozenset()
    methods_may_stand_outside: bool = False
    read_name: Callable[[Sequence[Node]], str] = joined_text
    obstacles: tuple[str, ...] = ()
