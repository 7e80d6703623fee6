"""Good code made worse in one known way: preference pairs whose label is certain.

An operator is a named way of making code worse on one criterion. It reads the syntax tree of a
file and proposes edits inside one unit; what comes out must parse as well as what went in.
"""

from __future__ import annotations
