"""Themis-Nano: the lower layers of a small decoder with an additive reward head."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_model, save_model
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError
from themis_train.decoders import check_causality, check_vocabulary, load_complete, try_to_load
from themis_train.grams import GramTable
from themis_train.writing import flush

_META_FILE = "nano.json"
_WEIGHTS_FILE = "model.safetensors"
_TOKENIZER_FILE = "tokenizer.json"


@dataclass(frozen=True, slots=True)
class NanoMeta:
    """What a Nano checkpoint must remember besides its weights.

    ``sink_id`` is the token put before every text: causal attention parks its surplus on the
    first position, so that position must not be code. ``baselines`` is what an empty side of
    a change is worth per criterion, read when code is only added or only removed.
    """

    name: str
    base: str
    criteria: tuple[Criterion, ...]
    sink_id: int
    limit_tokens: int
    baselines: tuple[float, ...]
    training: dict[str, object]


class NanoModel(nn.Module):
    """Token rewards from one causal pass: no prompt, every criterion at once.

    A token's reward is a linear reading of its state plus what its last three tokens are worth in
    a table. ``baseline`` is what the states' part says of a side of a change that has no tokens.
    """

    def __init__(self, backbone: PreTrainedModel, criteria: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, criteria, bias=False)
        self.grams = GramTable(backbone.config.vocab_size, criteria)
        self.baseline = nn.Parameter(torch.zeros(criteria))
        nn.init.zeros_(self.head.weight)

    @property
    def empty_side(self) -> Tensor:
        """The worth (criteria,) of a side of a change that has no tokens."""
        return self.baseline + self.grams.empty_side

    def states(self, ids: Tensor, positions: Tensor, visible: Tensor) -> Tensor:
        """Return hidden states (B, T, H) in float32.

        ``ids`` and ``positions`` are (B, T); ``visible`` (B, T, T) is true where query position
        (rows) may look at key position (columns).
        """
        hidden = self.backbone(
            input_ids=ids,
            position_ids=positions,
            attention_mask=visible.unsqueeze(1),
            use_cache=False,
        ).last_hidden_state
        return hidden.float()  # type: ignore[no-any-return]  # transformers types its outputs as Any

    def read_states(self, states: Tensor) -> Tensor:
        """Return what states (B, T, H) are worth, (B, T, criteria), in float32 under autocast."""
        with torch.autocast(states.device.type, enabled=False):
            return self.head(states)  # type: ignore[no-any-return]  # nn.Module calls are Any


def load_base(
    base: str, *, layers: int, revision: str | None = None, gguf_file: str | None = None
) -> tuple[PreTrainedModel, Tokenizer]:
    """Return the lowest ``layers`` decoder layers of a causal model, and its fast tokenizer.

    ``base`` is a folder in the hub's layout, a hub id, or a folder holding ``gguf_file``.
    Raises UserError when it cannot be loaded, is no decoder, has too few layers, or its tokenizer
    does not fit.
    """
    extra = {"gguf_file": gguf_file} if gguf_file else {}
    tokenizer = try_to_load(
        base, lambda: AutoTokenizer.from_pretrained(base, revision=revision, **extra)
    )
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise UserError(f"{base}: its tokenizer has no tokenizer.json; give a base that has one")
    model = load_complete(AutoModelForCausalLM, base, revision=revision, **extra)
    check_vocabulary(model, tokenizer)
    check_causality(model)
    decoder = model.get_decoder()
    if len(decoder.layers) < layers:
        raise UserError(f"{base!r} has {len(decoder.layers)} layers, fewer than the {layers} asked")
    config = decoder.config
    config.num_hidden_layers = layers
    if getattr(config, "layer_types", None):
        config.layer_types = config.layer_types[:layers]
    if hasattr(config, "quantization_config"):  # left by GGUF files, though the weights are float
        del config.quantization_config
    config.use_cache = False
    lower = AutoModel.from_config(config, attn_implementation="sdpa")
    lower.load_state_dict(decoder.state_dict(), strict=False)
    # The base's final norm was fitted to its last layer; ours reads another one.
    nn.init.ones_(lower.norm.weight)
    return lower, tokenizer.backend_tokenizer


def keep_tokens(backbone: PreTrainedModel, kept_ids: list[int]) -> None:
    """Shrink the embedding of ``backbone`` to the rows of ``kept_ids``, in that order."""
    table = backbone.get_input_embeddings()
    assert isinstance(table, nn.Embedding)
    rows = table.weight.data[kept_ids].clone()
    backbone.set_input_embeddings(nn.Embedding.from_pretrained(rows, freeze=False))
    backbone.config.vocab_size = len(kept_ids)
    backbone.config.pad_token_id = None


def save_nano(folder: Path, model: NanoModel, meta: NanoMeta, tokenizer: Tokenizer) -> None:
    """Write a checkpoint: ``config.json``, ``model.safetensors``, ``tokenizer.json``, meta.

    Raises UserError when it cannot be written; a checkpoint that was there is then untouched.
    """
    partial = folder.with_name(f"{folder.name}.partial")
    try:
        partial.mkdir(parents=True, exist_ok=True)
        model.backbone.config.save_pretrained(partial)
        tokenizer.save(str(partial / _TOKENIZER_FILE))
        save_model(model, str(partial / _WEIGHTS_FILE))
        fields = json.dumps(asdict(meta), indent=2) + "\n"
        (partial / _META_FILE).write_text(fields, encoding="utf-8")
        flush(partial)
        folder.mkdir(exist_ok=True)
        for file in partial.iterdir():
            file.replace(folder / file.name)
        partial.rmdir()
    except Exception as error:  # the tokenizer's writer raises nothing narrower
        shutil.rmtree(partial, ignore_errors=True)
        raise UserError(
            f"{folder}: cannot be written ({error}); make room and start the same command again: "
            "what was saved before is untouched"
        ) from error


def load_nano(folder: Path) -> tuple[NanoModel, NanoMeta, Tokenizer]:
    """Read a checkpoint that :func:`save_nano` wrote.

    Raises UserError when the folder holds none.
    """
    try:
        fields = json.loads((folder / _META_FILE).read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{folder} is no Nano checkpoint: {_META_FILE} is missing") from error
    fields["criteria"] = tuple(Criterion(key) for key in fields["criteria"])
    fields["baselines"] = tuple(fields["baselines"])
    meta = NanoMeta(**fields)
    backbone = AutoModel.from_config(AutoConfig.from_pretrained(folder), attn_implementation="sdpa")
    model = NanoModel(backbone, len(meta.criteria))
    load_model(model, str(folder / _WEIGHTS_FILE))
    return model.eval(), meta, Tokenizer.from_file(str(folder / _TOKENIZER_FILE))
