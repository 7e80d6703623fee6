from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers

from themis_lsp.bundle.conversation import Conversation, FixedPiece, OpenPiece, Slot
from themis_lsp.criteria import Criterion
from themis_lsp.judgement.brief import Brief, clean_message, neutral_task
from themis_lsp.languages import Language
from themis_lsp.scoring.conversation import ConversationEncoder
from themis_lsp.sources.message import commit_message
from themis_lsp.units.find import find_units
from themis_lsp.units.unit import Unit

BEFORE = '''class Cart:
    def total(self, items: list[int]) -> int:
        """Return the sum of items."""
        return sum(items)
'''
TOLD = Brief(in_conversation=True)


def unit_of(text: str, language: Language = Language.PYTHON, name: str = "total") -> Unit:
    return next(u for u in find_units(text, path="a", language=language) if name in u.name)


def test_a_task_says_language_kind_name_declaration_and_documentation() -> None:
    task = TOLD.ask_unit(unit_of(BEFORE)).task
    assert task == (
        "Write the Python method Cart.total.\n\n"
        "Its declaration:\ndef total(self, items: list[int]) -> int\n\n"
        "Its documentation:\nReturn the sum of items."
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            Language.C,
            "/* The sum of n numbers. */\nint total(int n,\n          int *a) {\n  return n;\n}\n",
        ),
        (
            Language.JAVASCRIPT,
            "/** The sum of n numbers. */\nfunction total(n, a) {\n  return n;\n}\n",
        ),
        (Language.GO, "// The sum of n numbers.\nfunc total(n int) int {\n\treturn n\n}\n"),
        (Language.RUBY, "# The sum of n numbers.\ndef total(n)\n  n\nend\n"),
    ],
)
def test_a_doc_comment_above_code_is_its_documentation(language: Language, text: str) -> None:
    task = TOLD.ask_unit(unit_of(text, language)).task
    assert "Its documentation:\nThe sum of n numbers." in task
    assert "total(" in task
    assert "return" not in task


def test_both_sides_of_a_change_get_one_task_of_what_both_say() -> None:
    after = BEFORE.replace("items: list[int]", "items: list[int], tax: int").replace("sum(", "max(")
    old, new = TOLD.ask_sides(unit_of(BEFORE), unit_of(after))
    back, _ = TOLD.ask_sides(unit_of(after), unit_of(BEFORE))
    assert old.task == new.task == back.task
    assert "tax" not in new.task
    assert "Return the sum of items." in new.task


def test_a_model_that_reads_tasks_sees_both_sides_whole() -> None:
    long = BEFORE + "        x = 1\n" * 30
    old, new = TOLD.ask_sides(unit_of(long), unit_of(long.replace("sum(items)", "max(items)")))
    assert old.text.count("x = 1") == new.text.count("x = 1") == 30
    cropped, _ = Brief().ask_sides(unit_of(long), unit_of(long.replace("sum(items)", "max(items)")))
    assert cropped.text.count("x = 1") < 30
    assert cropped.task == ""


def test_a_commit_message_stands_in_for_the_documentation() -> None:
    task = (
        Brief(in_conversation=True, message="Add the tax")
        .ask_sides(unit_of(BEFORE), unit_of(BEFORE.replace("sum(", "max(")))[0]
        .task
    )
    assert task.endswith("It is part of a change with this purpose:\nAdd the tax")
    assert "Return the sum" not in task


def test_what_git_adds_to_a_message_is_no_part_of_it() -> None:
    text = (
        "Add tax\n\nBody\n# Please enter\n# ------------------------ >8 --------\ndiff --git a b\n"
    )
    assert clean_message(text) == "Add tax\n\nBody"
    assert clean_message("# nothing\n") == ""
    assert len(clean_message("x" * 9000)) < 3000


def test_a_commit_has_its_message(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(["git", "-C", str(tmp_path), *identity, *words], check=True)

    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "Say why\n\nAt length.")
    assert commit_message(tmp_path, "HEAD") == "Say why\n\nAt length."


def test_texts_of_which_nobody_says_what_they_are_for_get_a_neutral_task() -> None:
    sides = ("def f(a):\n    return a\n", "def f(a):\n    return -a\n")
    assert neutral_task(Language.PYTHON, sides).startswith("Write the Python function f.")
    assert neutral_task(Language.C, ("int x;", "int y;")) == "Write a part of a C program."
    assert neutral_task(Language.PYTHON, ("((((", "")) == "Write a part of a Python program."


@pytest.fixture
def encoder(tmp_path: Path) -> ConversationEncoder:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({c: i for i, c in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.add_special_tokens(["<|im_end|>"])  # 256
    tokenizer.add_tokens([AddedToken("</think>"), AddedToken("    ")])  # 257 and 258
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    return ConversationEncoder(tmp_path / "tokenizer.json", conversation_of())


def conversation_of() -> Conversation:
    pieces = (
        FixedPiece((257, 258)),
        OpenPiece("user\n", Slot.TASK, ""),
        FixedPiece((256, 257)),
        OpenPiece("\n\n", Slot.CODE, ""),
        FixedPiece((256,)),
    )
    return Conversation(1, {Criterion.MEMORY_EFFICIENCY: pieces}, {})


@pytest.mark.parametrize("text", ["<|im_end|>", "</think>", "\n\n\nx", "a</think>b<|im_end|>"])
def test_user_text_cannot_spell_out_a_control_token(
    encoder: ConversationEncoder, text: str
) -> None:
    read = encoder.encode(Criterion.MEMORY_EFFICIENCY, task=text, code=text)
    assert not set(read.code.ids.tolist()) & {256, 257}
    assert len(read.code.ids) == len(text)
    assert read.code.starts.tolist() == list(range(len(text)))
    assert read.head.tolist().count(256) == read.head.tolist().count(257) == 1
    assert read.tail.tolist() == [256]


def test_runs_of_blanks_that_a_tokenizer_added_stay_one_token(encoder: ConversationEncoder) -> None:
    read = encoder.encode(Criterion.MEMORY_EFFICIENCY, task="", code="    x")
    assert read.code.ids.tolist()[0] == 258
    assert read.code.starts.tolist() == [0, 4]


def test_a_scorer_that_is_faithful_takes_control_tokens_at_their_word(
    encoder: ConversationEncoder, tmp_path: Path
) -> None:
    trusting = ConversationEncoder(tmp_path / "tokenizer.json", conversation_of(), is_trusting=True)
    read = trusting.encode(Criterion.MEMORY_EFFICIENCY, task="", code="</think>a<|im_end|>")
    assert read.code.ids.tolist()[::2] == [257, 256]
    assert len(encoder.encode(Criterion.MEMORY_EFFICIENCY, task="", code="</think>").code.ids) == 8


def test_a_task_is_cut_short_between_tokens(encoder: ConversationEncoder) -> None:
    assert encoder.shorten("a task", 4) == "a ta"
    assert encoder.shorten("a task", 40) == "a task"
    assert encoder.shorten("éa", 2) == "é"
