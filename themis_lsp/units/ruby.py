"""How units are found in Ruby."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from themis_lsp.units.rules import Rules, joined_text

if TYPE_CHECKING:
    from tree_sitter import Node


def read_ruby_name(nodes: Sequence[Node]) -> str:
    """Return the name joined with ``.``, without a symbol's colon and without ``self``."""
    name = joined_text(nodes).replace("::", ".").strip(":.'\"")
    return "" if name == "self" else name.removeprefix("self.")


RULES = Rules(
    grammar="tree_sitter_ruby",
    query="""
    [(comment) (uninterpreted)] @comment
    (method name: (_) @name) @function
    (singleton_method object: (_) @owner name: (_) @name) @method
    ((call method: (identifier) @_define
      arguments: (argument_list . [(simple_symbol) (string)] @name) block: (_)) @method
      (#any-of? @_define "define_method" "define_singleton_method"))
    (assignment left: (_) @name right: (lambda)) @lambda
    ((assignment left: (_) @name right: (call method: (identifier) @_lambda block: (_))) @lambda
      (#any-of? @_lambda "lambda" "proc"))
    ((assignment left: (_) @name
      right: (call receiver: (_) @_proc method: (_) @_new block: (_))) @lambda
      (#eq? @_proc "Proc") (#eq? @_new "new"))
    (pair key: (_) @name value: (lambda)) @member
    [(class name: (_) @name) (module name: (_) @name)] @class
    ((assignment left: (constant) @name
      right: (call receiver: (_) @_class method: (_) @_new block: (_))) @class
      (#any-of? @_class "Class" "Module" "Struct" "Data" "::Class" "::Module" "::Struct" "::Data")
      (#any-of? @_new "new" "define"))
    """,
    closes=r"(?:end\b)?[^\w\"'`@$]*|__END__|(?:private|protected|public|module_function)\w*\s+:[^{]*",
    opens=r"private|protected|public|module_function|begin|else|ensure|module\s+[\w:]+"
    r"|class\s*<<\s*self",
    constructors=frozenset({"initialize"}),
    read_name=read_ruby_name,
)
