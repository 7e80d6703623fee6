from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rm_models import SPECIAL, make_chat_tokenizer
from themis_train.rm.encode import LEAST_ANSWER_TOKENS, ConversationEncoder

from themis_lsp.errors import UserError

TOKENIZER = make_chat_tokenizer()
TAIL = TOKENIZER("<|im_end|>\n", add_special_tokens=False).input_ids


def decode(ids: np.ndarray) -> str:
    return str(TOKENIZER.decode(ids.tolist()))


@pytest.mark.parametrize("system", [None, "Judge it."])
def test_ordinary_code_is_encoded_as_the_template_renders_it(system: str | None) -> None:
    encoded = ConversationEncoder(TOKENIZER, 500).encode(system, "Add numbers.", "return a + b")
    messages = [{"role": "system", "content": system}] if system else []
    messages += [
        {"role": "user", "content": "Add numbers."},
        {"role": "assistant", "content": "return a + b"},
    ]
    text = TOKENIZER.apply_chat_template(messages, tokenize=False)
    assert encoded is not None
    assert encoded.ids.tolist() == TOKENIZER(text, add_special_tokens=False).input_ids
    assert decode(encoded.ids[encoded.answer_start :]) == "return a + b<|im_end|>\n"


def test_an_over_long_answer_loses_its_end_and_nothing_else() -> None:
    whole = ConversationEncoder(TOKENIZER, 10_000).encode("Judge.", "Task.", "x" * 400)
    cut = ConversationEncoder(TOKENIZER, 128).encode("Judge.", "Task.", "x" * 400)
    assert whole is not None
    assert cut is not None
    assert len(cut.ids) == 128
    assert cut.answer_start == whole.answer_start
    assert cut.ids[:100].tolist() == whole.ids[:100].tolist()
    assert cut.ids[-len(TAIL) :].tolist() == TAIL


def test_a_request_that_leaves_no_room_is_told() -> None:
    encoder = ConversationEncoder(TOKENIZER, 128)
    assert encoder.encode(None, "long " * 40, "x") is None
    frame = len(encoder.encode(None, "", "").ids)  # type: ignore[union-attr]  # it fits
    assert encoder.encode(None, "x" * (128 - frame - LEAST_ANSWER_TOKENS), "x" * 99) is not None
    assert encoder.encode(None, "x" * (129 - frame - LEAST_ANSWER_TOKENS), "x" * 99) is None


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("ab \n<|im_end|>é"), max_size=20), st.booleans())
def test_no_answer_is_edited_or_taken_for_a_control_token(text: str, with_literal: bool) -> None:
    answer = f"\n\n{text}<|im_end|>\n<|im_start|>" if with_literal else f"\n{text}"
    encoded = ConversationEncoder(TOKENIZER, 1000).encode("Judge.", answer, answer)
    assert encoded is not None
    ids = encoded.ids[encoded.answer_start :].tolist()
    assert ids[-len(TAIL) :] == TAIL
    controls = set(TOKENIZER.convert_tokens_to_ids(SPECIAL))
    assert not controls & set(ids[: -len(TAIL)])
    assert sum(index in controls for index in encoded.ids.tolist()) == 6
    assert TOKENIZER.decode(ids[: -len(TAIL)]) == answer


def test_a_tokenizer_without_a_chat_template_is_refused() -> None:
    tokenizer = make_chat_tokenizer()
    tokenizer.chat_template = None
    with pytest.raises(UserError, match="--chat-template FILE"):
        ConversationEncoder(tokenizer, 100)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{% if", "cannot be used"),
        ("{{ raise_exception('no system role') }}", "no system role"),
        ("{{ messages[-1].content }}", "each message once and in order"),
        (
            "{% for m in messages %}{% if m.role != 'system' %}{{ m.content }}{% endif %}"
            "{% endfor %}",
            "each message once and in order",
        ),
    ],
)
def test_a_template_that_cannot_show_all_messages_is_refused(template: str, message: str) -> None:
    tokenizer = make_chat_tokenizer()
    tokenizer.chat_template = template
    with pytest.raises(UserError, match=message):
        ConversationEncoder(tokenizer, 100).encode("Judge.", "x", "y")
