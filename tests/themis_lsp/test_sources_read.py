from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from themis_lsp.sources.read import Refusal, decode_source, read_source
from themis_lsp.sources.source import SkipReason


def refusal(found: str | Refusal) -> Refusal:
    assert isinstance(found, Refusal)
    return found


def test_utf8_is_read_as_it_is() -> None:
    assert decode_source("naïve = '🦉'\n".encode()) == "naïve = '🦉'\n"


def test_line_endings_are_kept() -> None:
    assert decode_source(b"a\r\nb\rc\n") == "a\r\nb\rc\n"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding_and_goes(encoding: str) -> None:
    assert decode_source("x = 'é'\n".encode(encoding)) == "x = 'é'\n"


def test_big_endian_utf16_is_read() -> None:
    assert decode_source(b"\xfe\xff" + "x = 1".encode("utf-16-be")) == "x = 1"


def test_invalid_utf8_is_refused_with_the_byte_and_its_offset() -> None:
    found = refusal(decode_source(b"name = '\xe9'"))
    assert found.reason is SkipReason.NOT_UTF8
    assert found.message == "not UTF-8 (byte 0xe9 at offset 8); convert it to UTF-8"


def test_broken_utf16_is_refused_with_its_offset_in_the_file() -> None:
    found = refusal(decode_source(b"\xff\xfea\0b\0c"))
    assert found.message == "not UTF-16 (byte 0x63 at offset 6); convert it to UTF-8"


def test_a_coding_cookie_tells_the_encoding_of_what_is_not_utf8() -> None:
    data = "#!/usr/bin/python\n# -*- coding: latin-1 -*-\nname = 'é'\n".encode("latin-1")
    text = decode_source(data)
    assert isinstance(text, str)
    assert text.endswith("name = 'é'\n")


def test_a_coding_cookie_on_the_third_line_counts_for_nothing() -> None:
    data = b"\n\n# coding: latin-1\nname = '\xe9'\n"
    assert refusal(decode_source(data)).reason is SkipReason.NOT_UTF8


@pytest.mark.parametrize("name", ["no-such-codec", "rot13", "hex", "aliases", "undefined", "ascii"])
def test_a_coding_cookie_that_does_not_help_is_ignored(name: str) -> None:
    data = f"# coding: {name}\n".encode() + b"x = '\xe9'\n"
    assert refusal(decode_source(data)).reason is SkipReason.NOT_UTF8


def test_a_nul_byte_means_binary() -> None:
    assert refusal(decode_source(b"\x7fELF\0\0")).reason is SkipReason.BINARY


def test_too_much_data_is_refused() -> None:
    found = refusal(decode_source(b"x" * 3_000_000, limit_bytes=1_000_000))
    assert found == Refusal(SkipReason.TOO_LARGE, "too large (3.0 MB; the limit is 1 MB)")


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "big.py"
    file.write_bytes(b"x" * 101)
    assert refusal(read_source(file, limit_bytes=100)).reason is SkipReason.TOO_LARGE
    assert read_source(file, limit_bytes=101) == "x" * 101


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.py"
    os.mkfifo(pipe)
    assert refusal(read_source(pipe, limit_bytes=100)).reason is SkipReason.NOT_A_FILE


def test_a_link_to_itself_is_refused_in_the_words_of_the_system(tmp_path: Path) -> None:
    link = tmp_path / "loop.py"
    link.symlink_to(link)
    found = refusal(read_source(link, limit_bytes=100))
    assert found.reason is SkipReason.UNREADABLE
    assert found.message.startswith("cannot be read: ")


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes_give_encodable_text_or_a_refusal(data: bytes) -> None:
    found = decode_source(data)
    if isinstance(found, str):
        found.encode()
    else:
        assert found.message


@settings(max_examples=100)
@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff")),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
def test_text_survives_every_encoding_with_a_mark(text: str, encoding: str) -> None:
    assert decode_source(text.encode(encoding)) == text
