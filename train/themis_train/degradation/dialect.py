"""What the eight grammars call the same things."""

from __future__ import annotations

from dataclasses import dataclass, replace

from themis_lsp.languages import Language

Types = frozenset[str]


def types(names: str) -> Types:
    """Return node types written with blanks between them."""
    return frozenset(names.split())


@dataclass(frozen=True, slots=True)
class Dialect:
    """A language's node types, and how it spells what all eight can say.

    ``blocks`` hold statements; ``functions`` have a field ``body``.
    ``names_not_variables`` are (node type, field) of identifiers that name no variable.
    """

    blocks: Types
    functions: Types
    ifs: Types
    loops: Types
    calls: Types
    binaries: Types
    nots: Types
    assignments: Types
    expressions: Types
    returns: Types
    raises: Types
    jumps: Types
    breaks: Types
    comments: Types
    strings: Types
    numbers: Types
    subscripts: Types
    switches: Types
    names_not_variables: frozenset[tuple[str, str]] = frozenset()
    and_: str = "&&"
    or_: str = "||"
    not_: str = "!"
    true: str = "true"
    false: str = "false"
    null: str = "null"
    comment: str = "//"
    end: str = ";"
    has_braces: bool = True
    needs_parentheses: bool = True

    @property
    def exits(self) -> Types:
        """What leaves a block early, except for raising by a call."""
        return self.returns | self.raises | self.jumps | self.breaks


def dialect_of(language: Language) -> Dialect:
    """Return the dialect of a language."""
    return _DIALECTS[language]


_C = Dialect(
    blocks=types("compound_statement"),
    functions=types("function_definition lambda_expression"),
    ifs=types("if_statement"),
    loops=types("for_statement while_statement for_range_loop"),
    calls=types("call_expression"),
    binaries=types("binary_expression"),
    nots=types("unary_expression"),
    assignments=types("assignment_expression update_expression"),
    expressions=types("expression_statement"),
    returns=types("return_statement"),
    raises=types("throw_statement"),
    jumps=types("continue_statement goto_statement"),
    breaks=types("break_statement"),
    comments=types("comment"),
    strings=types("string_literal raw_string_literal"),
    numbers=types("number_literal"),
    subscripts=types("subscript_expression"),
    switches=types("case_statement"),
    null="NULL",
)

_DIALECTS = {
    Language.C: _C,
    Language.CPP: replace(_C, null="nullptr"),
    Language.CSHARP: Dialect(
        blocks=types("block"),
        functions=types(
            "method_declaration constructor_declaration local_function_statement "
            "operator_declaration accessor_declaration lambda_expression "
            "anonymous_method_expression destructor_declaration"
        ),
        ifs=types("if_statement"),
        loops=types("for_statement while_statement foreach_statement"),
        calls=types("invocation_expression"),
        binaries=types("binary_expression"),
        nots=types("prefix_unary_expression"),
        assignments=types("assignment_expression postfix_unary_expression prefix_unary_expression"),
        expressions=types("expression_statement"),
        returns=types("return_statement"),
        raises=types("throw_statement"),
        jumps=types("continue_statement goto_statement"),
        breaks=types("break_statement"),
        comments=types("comment"),
        strings=types("string_literal verbatim_string_literal interpolated_string_expression"),
        numbers=types("integer_literal real_literal"),
        subscripts=types("element_access_expression"),
        switches=types("switch_section"),
        names_not_variables=frozenset(
            {
                ("member_access_expression", "name"),
                ("argument", "name"),
                ("member_binding_expression", "name"),
            }
        ),
    ),
    Language.GO: Dialect(
        blocks=types("block statement_list"),
        functions=types("function_declaration method_declaration func_literal"),
        ifs=types("if_statement"),
        loops=types("for_statement"),
        calls=types("call_expression"),
        binaries=types("binary_expression"),
        nots=types("unary_expression"),
        assignments=types("assignment_statement inc_statement dec_statement"),
        expressions=types("expression_statement"),
        returns=types("return_statement"),
        raises=frozenset(),
        jumps=types("continue_statement goto_statement"),
        breaks=types("break_statement"),
        comments=types("comment"),
        strings=types("interpreted_string_literal raw_string_literal"),
        numbers=types("int_literal float_literal"),
        subscripts=types("index_expression"),
        switches=types("expression_case"),
        names_not_variables=frozenset({("keyed_element", "key")}),
        null="nil",
        end="",
        needs_parentheses=False,
    ),
    Language.JAVA: Dialect(
        blocks=types("block constructor_body switch_block_statement_group"),
        functions=types("method_declaration constructor_declaration lambda_expression"),
        ifs=types("if_statement"),
        loops=types("for_statement while_statement enhanced_for_statement"),
        calls=types("method_invocation"),
        binaries=types("binary_expression"),
        nots=types("unary_expression"),
        assignments=types("assignment_expression update_expression"),
        expressions=types("expression_statement"),
        returns=types("return_statement"),
        raises=types("throw_statement"),
        jumps=types("continue_statement"),
        breaks=types("break_statement"),
        comments=types("line_comment block_comment"),
        strings=types("string_literal"),
        numbers=types("decimal_integer_literal hex_integer_literal decimal_floating_point_literal"),
        subscripts=types("array_access"),
        switches=types("switch_block_statement_group"),
        names_not_variables=frozenset({("field_access", "field"), ("method_invocation", "name")}),
    ),
    Language.JAVASCRIPT: Dialect(
        blocks=types("statement_block"),
        functions=types(
            "function_declaration function_expression method_definition arrow_function "
            "generator_function_declaration generator_function"
        ),
        ifs=types("if_statement"),
        loops=types("for_statement while_statement for_in_statement"),
        calls=types("call_expression"),
        binaries=types("binary_expression"),
        nots=types("unary_expression"),
        assignments=types(
            "assignment_expression augmented_assignment_expression update_expression"
        ),
        expressions=types("expression_statement"),
        returns=types("return_statement"),
        raises=types("throw_statement"),
        jumps=types("continue_statement"),
        breaks=types("break_statement"),
        comments=types("comment"),
        strings=types("string template_string"),
        numbers=types("number"),
        subscripts=types("subscript_expression"),
        switches=types("switch_case"),
    ),
    Language.PYTHON: Dialect(
        blocks=types("block"),
        functions=types("function_definition"),
        ifs=types("if_statement"),
        loops=types("for_statement while_statement"),
        calls=types("call"),
        binaries=types("binary_operator boolean_operator comparison_operator"),
        nots=types("not_operator"),
        assignments=types("assignment augmented_assignment"),
        expressions=types("expression_statement"),
        returns=types("return_statement"),
        raises=types("raise_statement"),
        jumps=types("continue_statement"),
        breaks=types("break_statement"),
        comments=types("comment"),
        strings=types("string"),
        numbers=types("integer float"),
        subscripts=types("subscript"),
        switches=types("case_clause"),
        names_not_variables=frozenset({("attribute", "attribute"), ("keyword_argument", "name")}),
        and_="and",
        or_="or",
        not_="not ",
        true="True",
        false="False",
        null="None",
        comment="#",
        end="",
        has_braces=False,
        needs_parentheses=False,
    ),
    Language.RUBY: Dialect(
        blocks=types("body_statement then else do block_body begin_block begin"),
        functions=types("method singleton_method lambda"),
        ifs=types("if unless if_modifier unless_modifier"),
        loops=types("while until for while_modifier until_modifier"),
        calls=types("call"),
        binaries=types("binary"),
        nots=types("unary"),
        assignments=types("assignment operator_assignment"),
        expressions=types("call"),
        returns=types("return"),
        raises=frozenset(),
        jumps=types("next redo retry"),
        breaks=types("break"),
        comments=types("comment"),
        strings=types("string"),
        numbers=types("integer float"),
        subscripts=types("element_reference"),
        switches=types("when"),
        names_not_variables=frozenset({("call", "method"), ("method", "name"), ("pair", "key")}),
        null="nil",
        comment="#",
        end="",
        has_braces=False,
        needs_parentheses=False,
    ),
}
