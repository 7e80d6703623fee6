"""JSON Lines: the fields of the JSON document, one object a line, each saying what it is."""

from __future__ import annotations

import json

from themis_lsp.report.document import format_document
from themis_lsp.report.review import Review

_KINDS = {
    "errors": "error",
    "skipped": "skipped",
    "units": "unit",
    "suppressions": "suppression",
    "changes": "change",
}


def format_jsonl(review: Review) -> str:
    """Return a line with ``"type": "summary"``, then one for each part."""
    # Read back from the document, so that both formats always have the same fields.
    document = json.loads(format_document(review))
    lines = [{"type": "summary", "version": document["version"], **document["summary"]}]
    for part, kind in _KINDS.items():
        lines += [{"type": kind, **fields} for fields in document[part] or ()]
    return "\n".join(json.dumps(line, allow_nan=False) for line in lines)
