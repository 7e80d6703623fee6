"""A graph that takes keys and values of what was read before, and how to run it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from themis_lsp.errors import BundleError
from themis_lsp.scoring.batches import padded_length
from themis_lsp.scoring.conversation import Ids
from themis_lsp.scoring.session import (
    ProviderChoice,
    RunStopper,
    import_runtime,
    open_session,
)

_PAST, _PRESENT = "past_key_values.", "present."
_HOST = "cpu"
_TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16}


class DeviceArray(Protocol):
    """An array on the device that the graph runs on: an OrtValue of onnxruntime."""

    def numpy(self) -> NDArray[np.generic]:
        """Return it as an array of the CPU."""
        ...


@dataclass(frozen=True, slots=True)
class KeysAndValues:
    """What a graph made of ``length`` tokens: values (1, heads, length, size) by input name.

    They stay where the graph runs, so that no run copies them there again.
    """

    length: int
    values: Mapping[str, DeviceArray]


class PrefixSession:
    """Runs sequences that begin with a prefix, of which the keys and values are known."""

    def __init__(
        self, model_file: Path, provider: ProviderChoice, *, threads: int | None = None
    ) -> None:
        """Open the graph.

        Raises UserError or BundleError as ``open_session`` does, and BundleError when the graph
        does not follow the contract for prompted models.
        """
        opened = open_session(model_file, provider, threads=threads)
        self._session = opened.session
        self.provider, self.fell_back = opened.provider, opened.fell_back
        self._stopper = RunStopper()
        inputs = {value.name: value for value in self._session.get_inputs()}
        outputs = {value.name for value in self._session.get_outputs()}
        past = [name for name in inputs if name.startswith(_PAST)]
        presents = {_PRESENT + name.removeprefix(_PAST) for name in past}
        if (
            set(inputs) - set(past) != {"input_ids", "attention_mask"}
            or not past
            or not {"token_reward", *presents} <= outputs
            or any(inputs[name].type not in _TYPES for name in past)
        ):
            raise BundleError(
                f"{model_file} does not follow the graph contract for prompted models: it needs "
                "the inputs input_ids, attention_mask and past_key_values.*, and the outputs "
                "token_reward and present.*; export the model again"
            )
        empty = {
            name: np.zeros((1, *_sizes(inputs[name].shape)), _TYPES[inputs[name].type])
            for name in past
        }
        self.nothing = self.place(0, empty)

    def place(self, length: int, arrays: Mapping[str, NDArray[np.generic]]) -> KeysAndValues:
        """Put the keys and values of ``length`` tokens, kept as arrays, to where the graph runs."""
        put = import_runtime().OrtValue.ortvalue_from_numpy
        # Nothing at all needs no room on a GPU.
        device = self.provider if length else _HOST
        return KeysAndValues(length, {name: put(own, device) for name, own in arrays.items()})

    def extend(self, known: KeysAndValues, ids: Ids) -> KeysAndValues:
        """Return the keys and values of ``known`` followed by ``ids``; raises as ``rewards``."""
        if not len(ids):
            return known
        names = [_PRESENT + name.removeprefix(_PAST) for name in known.values]
        found = self._run(dict.fromkeys(names, self.provider), [ids], known, len(ids))
        values = dict(zip(known.values, found, strict=True))
        return KeysAndValues(known.length + len(ids), values)

    def added(
        self, known: KeysAndValues, extended: KeysAndValues
    ) -> dict[str, NDArray[np.generic]]:
        """Return what ``extended`` has beyond ``known``, as arrays by input name."""
        return {
            name: value.numpy()[:, :, known.length :] for name, value in extended.values.items()
        }

    def append(
        self, known: KeysAndValues, added: Mapping[str, NDArray[np.generic]], length: int
    ) -> KeysAndValues | None:
        """Return ``known`` followed by what ``added`` returned, once, for ``length`` tokens.

        None when it does not fit this graph.
        """
        if set(added) != set(known.values):
            return None
        arrays = {}
        for name, value in known.values.items():
            first, second = value.numpy(), added[name]
            expected = (*first.shape[:2], length, *first.shape[3:])
            if second.shape != expected or second.dtype != first.dtype:
                return None
            arrays[name] = np.concatenate([first, second], axis=2)
        return self.place(known.length + length, arrays)

    def rewards(self, sequences: Sequence[Ids], prefix: KeysAndValues) -> list[NDArray[np.float32]]:
        """Return the reward at every token, [tokens], of sequences of one padded length.

        Raises BundleError when the graph fails, UserError when the memory does not suffice, and
        ScoringInterruptedError when it was interrupted.
        """
        length = padded_length(len(sequences[0]))
        (found,) = self._run({"token_reward": _HOST}, sequences, prefix, length)
        rewards = found.numpy()[..., 0].astype(np.float32)
        return [rewards[row, : len(ids)] for row, ids in enumerate(sequences)]

    def interrupt(self) -> None:
        """End the run that is under way, if one is; any thread may ask for it."""
        self._stopper.stop()

    def _run(
        self,
        outputs: Mapping[str, str],
        sequences: Sequence[Ids],
        known: KeysAndValues,
        length: int,
    ) -> list[DeviceArray]:
        """Return the outputs named, each on the device it is wanted on."""
        ids = np.zeros((len(sequences), length), dtype=np.int64)
        mask = np.zeros((len(sequences), known.length + length), dtype=np.int64)
        for row, sequence in enumerate(sequences):
            ids[row, : len(sequence)] = sequence
            mask[row, : known.length + len(sequence)] = 1
        with self._stopper.running() as options:
            binding = self._session.io_binding()
            binding.bind_cpu_input("input_ids", ids)
            binding.bind_cpu_input("attention_mask", mask)
            for name, value in known.values.items():
                binding.bind_ortvalue_input(name, value)
            for name, device in outputs.items():
                binding.bind_output(name, device)
            self._session.run_with_iobinding(binding, options)
            found: list[DeviceArray] = binding.get_outputs()
        return found


def _sizes(shape: Sequence[int | str]) -> tuple[int, int, int]:
    """Return (heads, 0, size) of an input (batch, heads, length, size)."""
    heads, size = shape[1], shape[3]
    assert isinstance(heads, int)
    assert isinstance(size, int)
    return heads, 0, size
