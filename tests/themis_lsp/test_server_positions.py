from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from themis_lsp.server.positions import line_range, normalize_newlines

_CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
_TEXTS = st.text(st.sampled_from("ab é\t\f\v\x1c\x85\u2028\u2029\u0301\u200d\U0001f600\r\n"))


@pytest.mark.parametrize("encoding", list(_CODECS))
@settings(max_examples=60, deadline=None)
@given(data=st.data(), text=_TEXTS)
def test_a_range_selects_exactly_the_columns_it_was_made_of(
    encoding: str, data: st.DataObject, text: str
) -> None:
    lines = normalize_newlines(text).split("\n")
    number = data.draw(st.integers(1, len(lines)))
    line = lines[number - 1]
    start = data.draw(st.integers(1, len(line) + 1))
    end = data.draw(st.integers(start, len(line) + 1))
    place = line_range(number, line, start=start, end=end, encoding=encoding)
    assert place.start.line == place.end.line == number - 1
    codec, width = _CODECS[encoding]
    shown = _editor_lines(text)[number - 1].encode(codec)
    selected = shown[place.start.character * width : place.end.character * width]
    assert selected.decode(codec) == line[start - 1 : end - 1]


def _editor_lines(text: str) -> list[str]:
    """Split as the protocol says: at ``\\r\\n``, ``\\n`` and ``\\r`` and nowhere else."""
    lines, line, at = [], "", 0
    while at < len(text):
        if text[at] in "\r\n":
            at += 2 if text.startswith("\r\n", at) else 1
            lines.append(line)
            line = ""
        else:
            line += text[at]
            at += 1
    return [*lines, line]
