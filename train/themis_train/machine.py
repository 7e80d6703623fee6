"""The processes and devices of a run, through Hugging Face accelerate."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any, TypeVar

import torch
from accelerate import Accelerator  # type: ignore[import-untyped]  # ships no types
from accelerate.utils import (  # type: ignore[import-untyped]  # ships no types
    DistributedType,
    FullyShardedDataParallelPlugin,
    InitProcessGroupKwargs,
    broadcast,
    broadcast_object_list,
)
from torch import Tensor, nn
from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict

from themis_lsp.errors import ThemisError, UserError
from themis_train.precision import Precision

# While the main process reads, fits or measures, the others wait; a dead one ends the run at once.
_PATIENCE = timedelta(hours=2)
_Made = TypeVar("_Made")


class Machine:
    """What a training loop asks of the machine; the same with one process and with many."""

    def __init__(self, precision: Precision, *, shard: bool = False, on_cpu: bool = False) -> None:
        """Join the run's processes; ``on_cpu`` leaves GPUs alone.

        Raises UserError when sharding, or more than one process, was asked for and is not there.
        """
        on_cpu = on_cpu or not torch.accelerator.is_available()
        plans = shard and not on_cpu and not _launcher_shards()
        try:
            self._accelerator: Any = Accelerator(
                cpu=on_cpu,
                mixed_precision=_mixed_precision(precision),
                fsdp_plugin=_plan_sharding() if plans else None,
                kwargs_handlers=[InitProcessGroupKwargs(timeout=_PATIENCE)],
            )
        except (ValueError, RuntimeError) as error:
            raise UserError(
                f"the processes that were launched do not find each other ({error}); launch them "
                "with torchrun, which tells each where the others are"
            ) from error
        self._refuse_pretence(sharding_asked=shard or _launcher_shards())
        if self.is_sharded and self._accelerator.mixed_precision == "bf16":
            # Gradients are summed in float32, and rewards are not rounded on their way out.
            self._accelerator.state.fsdp_plugin.mixed_precision_policy = _bfloat16_policy()

    @property
    def processes(self) -> int:
        """How many processes train together."""
        return int(self._accelerator.num_processes)

    @property
    def process(self) -> int:
        """Which of them this is, from 0."""
        return int(self._accelerator.process_index)

    @property
    def is_main(self) -> bool:
        """Whether this process speaks for all."""
        return bool(self._accelerator.is_main_process)

    @property
    def is_sharded(self) -> bool:
        """Whether the weights are spread over the processes."""
        return bool(self._accelerator.distributed_type == DistributedType.FSDP)

    @property
    def device(self) -> torch.device:
        """Where batches belong."""
        device: torch.device = self._accelerator.device
        return device

    def describe(self) -> str:
        """Return devices and number format in words."""
        layout = "sharded over" if self.is_sharded else "on"
        precision = self._accelerator.mixed_precision.replace("no", "fp32")
        return f"{layout} {self.processes} x {self.device.type}, {precision}"

    def prepare(
        self, model: nn.Module, optimizer: torch.optim.Optimizer
    ) -> tuple[nn.Module, torch.optim.Optimizer]:
        """Bring both to the devices. What comes back replaces what was given."""
        prepared, wrapped = self._accelerator.prepare(model, optimizer)
        return prepared, wrapped.optimizer

    def backward(self, loss: Tensor) -> None:
        """Add the gradients of ``loss``, averaged over the processes."""
        self._accelerator.backward(loss)

    def without_sync(self, model: nn.Module) -> AbstractContextManager[None]:
        """Return the context in which gradients stay with their process until a later pass."""
        context: AbstractContextManager[None] = self._accelerator.no_sync(model)
        return context

    def clip(self, model: nn.Module, most: float) -> float:
        """Scale gradients to a norm of at most ``most``; return the norm they had."""
        norm = self._accelerator.clip_grad_norm_(model.parameters(), most)
        return float(norm.full_tensor() if hasattr(norm, "full_tensor") else norm)

    def gather(self, values: Tensor) -> Tensor:
        """Return (processes, N): the tensors (N,) of all processes, in their order."""
        gathered: Tensor = self._accelerator.gather(values.contiguous())
        return gathered.view(self.processes, -1)

    def from_main(self, make: Callable[[], _Made]) -> _Made:
        """Return on every process what ``make`` returns on the main one, the only one to call it.

        Raises everywhere the ThemisError that it raises there.
        """
        if self.processes == 1:
            return make()
        outcome: list[Any] = [None, None]
        if self.is_main:
            try:
                outcome = [make(), None]
            except ThemisError as error:
                outcome = [None, error]
        broadcast_object_list(outcome)
        made, failure = outcome
        if failure is not None:
            raise failure
        return made  # type: ignore[no-any-return]  # what was sent is what make returned

    def share_weights(self, model: nn.Module) -> None:
        """Give every process the weights that the main one has."""
        for tensor in model.state_dict().values():
            broadcast(tensor)

    def wait(self) -> None:
        """Wait until every process is here."""
        self._accelerator.wait_for_everyone()

    def full_state(self, model: nn.Module) -> dict[str, Tensor]:
        """Return all weights by name, on the main process; all processes must ask."""
        options = StateDictOptions(full_state_dict=True, cpu_offload=True)
        state: dict[str, Any] = get_model_state_dict(model, options=options)
        return state

    def close(self) -> None:
        """Leave the run's processes."""
        self._accelerator.end_training()

    def _refuse_pretence(self, *, sharding_asked: bool) -> None:
        """Never train something else than was asked for: copies that never meet look like speed."""
        kind = self._accelerator.distributed_type
        if sharding_asked and kind != DistributedType.FSDP:
            raise UserError(
                f"sharding (FSDP) was asked for, but accelerate runs {kind.value} on "
                f"{self.device.type}: every process would hold the whole model; it needs GPUs and "
                "a launcher (accelerate launch or torchrun), or leave --shard and the FSDP "
                "configuration away"
            )
        if sharding_asked and self._accelerator.state.fsdp_plugin.fsdp_version != 2:
            raise UserError("only FSDP2 is supported; write fsdp_version: 2 in the configuration")
        launched = int(os.environ.get("WORLD_SIZE", "1"))
        if launched > self.processes:
            raise UserError(
                f"{launched} processes were launched, but accelerate joins {self.processes}: each "
                "would train a copy of its own; on a CPU launch with torchrun"
            )


def refuse_sharding(command: str, reason: str) -> None:
    """Raise UserError when the launcher is told to shard what ``command`` does not shard."""
    if _launcher_shards():
        raise UserError(
            f"{command} does not shard (FSDP): {reason}; leave the FSDP configuration away, and "
            "every process trains a whole copy on its share of the pairs"
        )


def _launcher_shards() -> bool:
    return os.environ.get("ACCELERATE_USE_FSDP", "false").lower() in ("true", "1")


def _plan_sharding() -> object:
    return FullyShardedDataParallelPlugin(
        fsdp_version=2,
        auto_wrap_policy="transformer_based_wrap",
        reshard_after_forward=True,
        cpu_ram_efficient_loading=False,
        state_dict_type="SHARDED_STATE_DICT",
    )


def _bfloat16_policy() -> object:
    from torch.distributed.fsdp import MixedPrecisionPolicy

    return MixedPrecisionPolicy(param_dtype=torch.bfloat16, reduce_dtype=torch.float32)


def _mixed_precision(precision: Precision) -> str | None:
    """Return accelerate's word; None leaves the choice to the launcher's configuration."""
    match precision:
        case Precision.BFLOAT16:
            return "bf16"
        case Precision.FLOAT32:
            return "no"
        case _:
            if os.environ.get("ACCELERATE_MIXED_PRECISION", "no") != "no":
                return None
            return "bf16" if _has_native_bfloat16() else "no"


def _has_native_bfloat16() -> bool:
    """Elsewhere bfloat16 is emulated, hundreds of times slower than float32 on a CPU."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if torch.accelerator.is_available():
        return False
    return bool(torch.cpu._is_avx512_bf16_supported())
