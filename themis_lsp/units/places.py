"""How definitions nest, which of them count, and what they are called in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from themis_lsp.units.definitions import Definition
from themis_lsp.units.rules import Role, Rules

_DEEPEST = 64
"""Definitions inside of more others than this do not count: real code has none."""

_TURN_INTO_METHODS = frozenset({Role.FUNCTION, Role.LAMBDA, Role.HEADLESS})


@dataclass(frozen=True, slots=True)
class Place:
    """A definition that counts, with its qualified name and what it stands in.

    ``function`` is the index, among all places, of the innermost function around it; ``holder``
    that of the innermost function or class. -1 stands for none.
    """

    role: Role
    name: str
    start: int
    end: int
    function: int
    holder: int


def nest_definitions(definitions: Sequence[Definition], rules: Rules) -> list[Place]:
    """Return the definitions that count; a definition comes after what it stands in."""
    places: list[Place] = []
    around: list[int] = []
    for definition in definitions:
        while around and places[around[-1]].end <= definition.start:
            around.pop()
        outer = around[-1] if around else -1
        if len(around) > _DEEPEST or (outer >= 0 and places[outer].end < definition.end):
            continue
        function, holder = _around(places, outer)
        held_by = places[holder] if holder >= 0 else None
        if not _counts(definition, held_by, is_nested=function >= 0):
            continue
        around.append(len(places))
        places.append(
            Place(
                _final_role(definition, held_by, rules),
                _qualified(definition, places[outer].name if outer >= 0 else ""),
                definition.start,
                definition.end,
                function,
                holder,
            )
        )
    return places


def _around(places: Sequence[Place], outer: int) -> tuple[int, int]:
    """Return the innermost function, and function or class, at the place ``outer``."""
    if outer < 0:
        return -1, -1
    place = places[outer]
    function = outer if place.role.kind else place.function
    holder = place.holder if place.role is Role.SCOPE else outer
    return function, holder


def _counts(definition: Definition, held_by: Place | None, *, is_nested: bool) -> bool:
    match definition.role:
        case Role.MEMBER | Role.CALLBACK:
            return definition.has_several_lines
        case Role.LAMBDA:
            return definition.has_several_lines or not is_nested
        case Role.HEADLESS:
            return held_by is None or held_by.role is Role.CLASS
        case _:
            return True


def _qualified(definition: Definition, around: str) -> str:
    owner = definition.owner
    if owner == around.rpartition(".")[2]:
        owner = ""
    return ".".join(part for part in (around, owner, definition.name) if part)


def _final_role(definition: Definition, held_by: Place | None, rules: Rules) -> Role:
    """Return the role, now that it is known whether the definition stands in a class."""
    role = definition.role
    scope, _, own_name = definition.name.rpartition(".")
    if held_by is not None and held_by.role is Role.CLASS:
        scope = scope or held_by.name
    elif not rules.methods_may_stand_outside:
        scope = ""
    if role in _TURN_INTO_METHODS and scope:
        role = Role.METHOD
    is_named_as_class = rules.methods_may_stand_outside and own_name == scope.rpartition(".")[2]
    if role is Role.METHOD and (own_name in rules.constructors or is_named_as_class):
        role = Role.CONSTRUCTOR
    return role
