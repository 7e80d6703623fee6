"""Which concern each degradation operator is an example of."""

from __future__ import annotations

from collections.abc import Mapping

_OPERATORS: Mapping[str, str] = {
    "off-by-one": "off-by-one-bound off-by-one-index",
    "wrong-condition": "flipped-condition wrong-logic reversed-comparison",
    "assignment-in-condition": "assignment-in-condition",
    "identity-comparison": "identity-for-equality",
    "missing-guard": "dropped-guard",
    "missing-branch": "dropped-else missing-default",
    "lost-update": "lost-update",
    "wrong-jump": "wrong-jump dropped-break",
    "early-return": "early-default",
    "repeated-update": "duplicated-update",
    "swallowed-error": "swallowed-error",
    "missing-await": "missing-await",
    "shadowed-variable": "shadowed-assignment",
    "wrong-arithmetic": "wrong-arithmetic wrong-rounding",
    "swapped-arguments": "swapped-arguments",
    "wrong-return-value": "wrong-return",
    "work-in-loop": "invariant-in-loop rebuilt-constant",
    "repeated-work": "recomputed-value double-lookup dropped-cache",
    "late-exit": "no-early-exit dropped-fast-path expensive-check-first",
    "needless-scan": "scan-for-prefix count-for-any length-for-end",
    "regex-for-plain-text": "regex-for-plain-text",
    "slow-membership": "list-for-set",
    "needless-sort": "needless-sort",
    "growth-by-copy": "no-preallocation quadratic-append linear-growth",
    "string-built-in-loop": "string-building-in-loop",
    "unbuffered-io": "flush-every-write one-by-one",
    "unclosed-resource": "dropped-close bare-open close-skipped-on-error unclosed-file",
    "leaked-memory": "dropped-release leak-on-failure skipped-cleanup",
    "needless-copy": "copied-collection needless-copy deep-copy lost-move lost-freeze "
    "copy-for-in-place copied-variable parameter-by-value",
    "grows-forever": "kept-for-good",
    "whole-file-in-memory": "whole-file-read file-at-once",
    "oversized-allocation": "oversized-buffer wide-elements",
    "needless-allocation": "heap-for-stack boxed-values",
    "missing-null-check": "dropped-null-check",
    "missing-bounds-check": "dropped-bounds-check",
    "missing-validation": "dropped-validation dropped-check ignored-check",
    "missing-escaping": "dropped-sanitiser unescaped-output",
    "backdoor": "debug-backdoor",
    "timing-leak": "timing-compare",
    "string-built-sql": "sql-from-strings",
    "string-built-command": "shell-from-strings",
    "unchecked-path": "unchecked-path",
    "weak-random": "weak-random",
    "weak-hash": "weak-hash",
    "disabled-verification": "disabled-verification",
    "unsafe-deserialisation": "unsafe-deserialisation",
    "logged-secret": "logged-secret",
    "plain-http": "plain-http",
    "loose-permissions": "loose-permissions",
    "hard-coded-secret": "hard-coded-secret",
    "buffer-overflow": "unbounded-copy buffer-overrun",
    "format-string": "input-as-format",
    "narrowed-size": "narrow-size",
    "unclear-name": "meaningless-names noisy-names",
    "magic-number": "magic-literal",
    "missing-comment": "stripped-comments",
    "misleading-comment": "misleading-comment",
    "noise-comment": "noise-comments",
    "commented-out-code": "commented-out-code",
    "dead-code": "dead-code unused-variable",
    "debug-output": "debug-print",
    "repeated-code": "duplicated-statement",
    "deep-nesting": "else-after-return",
    "crammed-code": "crammed-lines lost-indentation",
    "roundabout-condition": "roundabout-boolean compared-with-true double-negation",
}


def concern_of_operator() -> dict[str, str]:
    """Return the name of the concern for the name of each operator."""
    return {
        operator: concern for concern, names in _OPERATORS.items() for operator in names.split()
    }
