"""The conversation a reward model reads, in pieces that user text can be put between.

A piece is a list of fixed token ids, or a slot: a text that is tokenized together with the few
characters around it. Pieces end only at control tokens, across which no tokenizer merges, so the
ids of the pieces, one after the other, are those of the whole conversation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from themis_train.rm.encode import ConversationEncoder, Frame
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError

TASK_TEMPLATE = 1
"""The version of the wording in which the reviewer states a task."""

Piece = dict[str, Any]

_PROBES = (
    ("Implement `f`.", "def f(x):\n    return x\n"),
    ("\nWhat is 1 + 1?\n\n", "\n\n    indented\n\n"),
    ("", "}\t"),
    (" café ", " </think> 世界 'it''s' "),
)


def conversation_pieces(
    tokenizer: PreTrainedTokenizerFast, prompts: Mapping[Criterion, str], limit_tokens: int
) -> dict[Criterion, list[Piece]]:
    """Return the pieces of each criterion's conversation, by the tokenizer's own chat template.

    Raises UserError when the template cannot be cut, or the prompts leave no room for code.
    """
    encoder = ConversationEncoder(tokenizer, limit_tokens)
    plain = tokenizer.backend_tokenizer
    pieces = {}
    for criterion, prompt in prompts.items():
        pieces[criterion] = _cut(plain, encoder.frame(prompt))
        for task, code in _PROBES:
            whole = encoder.encode(prompt, task, code)
            if whole is None:
                raise UserError(
                    f"the prompt of {criterion} leaves no room in {limit_tokens} tokens; "
                    "give a shorter one, or a higher --limit-tokens"
                )
            if whole.ids.tolist() != encode_pieces(plain, pieces[criterion], task, code):
                raise UserError(
                    "this tokenizer reads text differently beside the control tokens of its chat "
                    "template; such checkpoints cannot be exported"
                )
    return pieces


def encode_pieces(tokenizer: Tokenizer, pieces: Sequence[Piece], task: str, code: str) -> list[int]:
    """Return the token ids of a conversation; control tokens in the texts are read as text."""
    texts = {"task": task, "code": code}
    ids: list[int] = []
    for piece in pieces:
        if "slot" in piece:
            text = piece["before"] + texts[piece["slot"]] + piece["after"]
            ids += _encode_plain(tokenizer, text)
        else:
            ids += piece["ids"]
    return ids


def _cut(tokenizer: Tokenizer, frame: Frame) -> list[Piece]:
    """Cut what stands around the two texts at its first and last control tokens."""
    head, before_task = _split_last(tokenizer, frame.head)
    after_task, middle = _split_first(tokenizer, frame.middle)
    between, before_code = _split_last(tokenizer, middle)
    after_code, tail = _split_first(tokenizer, frame.tail)
    if not (head and between and tail):
        raise UserError(
            "the chat template has no control token before the request, between it and the answer, "
            "or after the answer; such checkpoints cannot be exported"
        )
    return [
        {"ids": _encode(tokenizer, head)},
        {"before": before_task, "slot": "task", "after": after_task},
        {"ids": _encode(tokenizer, between)},
        {"before": before_code, "slot": "code", "after": after_code},
        {"ids": _encode(tokenizer, tail)},
    ]


def _split_first(tokenizer: Tokenizer, text: str) -> tuple[str, str]:
    spans = _control_spans(tokenizer, text)
    place = spans[0][0] if spans else len(text)
    return text[:place], text[place:]


def _split_last(tokenizer: Tokenizer, text: str) -> tuple[str, str]:
    spans = _control_spans(tokenizer, text)
    place = spans[-1][1] if spans else 0
    return text[:place], text[place:]


def _control_spans(tokenizer: Tokenizer, text: str) -> list[tuple[int, int]]:
    """Return where the control tokens of ``text`` are."""
    control = tokenizer.get_added_tokens_decoder()
    encoding = tokenizer.encode(text, add_special_tokens=False)
    pairs = zip(encoding.ids, encoding.offsets, strict=True)
    return [span for index, span in pairs if index in control]


def _encode(tokenizer: Tokenizer, text: str) -> list[int]:
    return list(tokenizer.encode(text, add_special_tokens=False).ids)


def _encode_plain(tokenizer: Tokenizer, text: str) -> list[int]:
    tokenizer.encode_special_tokens = True
    try:
        return _encode(tokenizer, text)
    finally:
        tokenizer.encode_special_tokens = False
