# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`ContrastiveTrainer`: tri-modal contrastive pre-training on `accelerate.Accelerator`.

Every random draw of a step follows from (seed, step, rank, micro-batch), and every batch from (seed, epoch). A resumed
run therefore needs no random states: it computes the same losses, to the last bit on a CPU.
"""

from __future__ import annotations

import logging
import math
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator, DistributedDataParallelKwargs
from accelerate.utils import DistributedType
from torch import Tensor
from tqdm.auto import tqdm

from . import checkpointing as ckpt
from .arguments import ContrastiveTrainingArguments
from .batches import DAMAGE, DEFAULT_ORDER, BatchOrder, StreamOrder, micro_batch_loader
from .distributed import sum_over_processes
from .interruption import StopRequest, TrainingInterrupted
from .losses import LossWeights
from .objective import (
    ContrastiveObjective,
    EmbeddingGradients,
    concatenate,
    embedding_tensors,
    with_embedding_tensors,
)
from .optimization import build_optimizer, learning_rate_at, lock_towers, set_learning_rate, set_train_mode

logger = logging.getLogger(__name__)

LOG_NAME = "train_log.jsonl"
METRICS_NAME = "metrics.json"


class ContrastiveTrainer:
    """Trains a `TMorModel` on skeletons with text and, where there is any, video.

    Args:
        model: a `TMorModel`; it is trained in place.
        args: see `ContrastiveTrainingArguments`.
        train_dataset: `len()` and `[index]`, or `__getitems__(indices)` for many at once. If it has
            `set_epoch(epoch)`, this is called before the items of an epoch are read. Resuming is exact if an item
            depends on (seed, epoch, index) alone, augmentation included. A set that is read in blocks says
            `is_lazy` and `blocks(epoch)`, see `StreamOrder`; for batches of like length it has `lengths(epoch)`, and
            `take_damage()` tells what could not be read.
        collate_fn: makes a batch of a list of items: a dict with the model's inputs and optionally `caption_ids (B,)`
            int (equal for captions that say the same; by default, equal tokens), `has_text (B,)`, `has_video (B,)`
            bool, `caption_features (B, E)`. Text and video inputs hold a row per clip, or one for each clip that has
            the modality.
        evaluate: called with the model in evaluation mode every `eval_steps` and at the end; gives numbers by name.
            Runs on the main process (under FSDP on all).
        processor: saved beside the model, so that pipelines load the result.

    Raises:
        ValueError: the arguments fit neither each other nor the data set.
        ImportError: a tracker of `report_to` is not installed.
    """

    def __init__(
        self,
        model: torch.nn.Module,
        args: ContrastiveTrainingArguments,
        train_dataset: Any,
        collate_fn: Callable[[list[Any]], Mapping[str, Any]],
        *,
        evaluate: Callable[[torch.nn.Module], Mapping[str, float]] | None = None,
        processor: Any = None,
    ):
        if not hasattr(train_dataset, "__len__"):
            raise ValueError(
                f"expected a map-style data set with a length, got {type(train_dataset).__name__}; "
                "an iterator has no order to resume from: give PoseCap shards as tmor_hf.data.load_skeleton_text "
                "reads them, or load it into a list or a datasets.Dataset first"
            )
        for tracker in args.trackers:
            if find_spec(tracker) is None:
                raise ImportError(f"the tracker {tracker!r} is not installed: pip install tmor_hf[tracking]")
        self.model = model
        self.args = args
        self.train_dataset = train_dataset
        self.collate_fn = collate_fn
        self.evaluate = evaluate
        self.processor = processor
        self.output_dir = Path(args.output_dir)
        self.accelerator = Accelerator(
            cpu=args.cpu,
            mixed_precision=args.mixed_precision,
            log_with=args.trackers or None,
            project_dir=args.output_dir,
            # A process whose batch has no video leaves that tower without a gradient; the others must not wait for it.
            # Processes may run unequally many micro-batches, so a forward must not exchange buffers.
            kwargs_handlers=[
                DistributedDataParallelKwargs(
                    find_unused_parameters=True, broadcast_buffers=False, gradient_as_bucket_view=True
                )
            ],
        )
        self.is_fsdp = self.accelerator.distributed_type == DistributedType.FSDP
        if self.is_fsdp and not args.drop_last:
            raise ValueError(
                "expected drop_last=True under FSDP, whose processes must run equally many micro-batches, got False"
            )
        self.order = self._batch_order()
        self.num_steps = args.max_steps or args.num_epochs * self.order.steps_per_epoch
        self.step = 0
        self.last_checkpoint: Path | None = None
        self.last_record: dict[str, float] = {}
        self.log: ckpt.TrainingLog | None = None
        self.damage: dict[tuple[str, int], str] = {}  # (shard, row) -> reason, as far as this process has met it

    def _batch_order(self) -> BatchOrder:
        return BatchOrder(
            num_clips=len(self.train_dataset),
            batch_size=self.args.batch_size,
            num_micro_batches=self.args.gradient_accumulation_steps,
            num_processes=self.accelerator.num_processes,
            process_index=self.accelerator.process_index,
            seed=self.args.seed,
            drop_last=self.args.drop_last,
            stream=self._stream_order(),
            lengths=self._lengths(),
        )

    def _stream_order(self) -> StreamOrder | None:
        """How the data set is read: in blocks if it says so or the arguments do."""
        order = self.args.data_order
        if order == "shuffle" or (order == "auto" and not getattr(self.train_dataset, "is_lazy", False)):
            return None
        if not hasattr(self.train_dataset, "blocks"):
            raise ValueError(
                f"expected a data set with blocks() for data_order='stream', got {type(self.train_dataset).__name__}; "
                "use data_order='shuffle'"
            )
        return StreamOrder(self.train_dataset.blocks)

    def _lengths(self) -> Callable[[int], np.ndarray] | None:
        if not self.args.group_by_length:
            return None
        if not hasattr(self.train_dataset, "lengths"):
            raise ValueError(
                f"expected a data set with lengths() for group_by_length, got {type(self.train_dataset).__name__}"
            )
        return self.train_dataset.lengths

    def train(self) -> dict[str, float]:
        """Runs all steps that remain, then saves model, processor, arguments and metrics in `output_dir`.

        Returns:
            metrics of the run: steps, last loss, seconds and clips/s of this call, and `eval_...` numbers.

        Raises:
            TrainingInterrupted: Ctrl-C or SIGTERM came; the state is saved.
            FloatingPointError: the loss or the gradient is not finite.
        """
        checkpoint = self._find_checkpoint()
        self._prepare(checkpoint)
        self._start_logs()
        start_step, start_time, clips = self.step, time.monotonic(), 0
        if hasattr(self.train_dataset, "take_damage"):
            self._note_damage(self.train_dataset.take_damage())
        loader = micro_batch_loader(
            self.train_dataset,
            self.collate_fn,
            self.order,
            self.step,
            self.num_steps,
            num_workers=self.args.num_workers,
            pin_memory=self.accelerator.device.type == "cuda",
        )
        batches = iter(loader)
        with StopRequest() as stop, self._progress_bar() as progress:
            while self.step < self.num_steps:
                started = time.monotonic()
                num_micro_batches = len(self.order.micro_batches(self.step))
                micro_batches = [self._to_device(self._checked(next(batches))) for _ in range(num_micro_batches)]
                clips += self.order.clips_in_step(self.step)
                self._train_step(micro_batches, started, stop, progress)
                progress.update()
        del batches  # ends the worker processes
        seconds = time.monotonic() - start_time
        metrics = {"steps": self.step, "train_seconds": round(seconds, 3)}
        if self.step > start_step:
            metrics.update(loss=self.last_record["loss"], clips_per_second=round(clips / max(seconds, 1e-9), 2))
        return self._finish(metrics)

    def _train_step(
        self, micro_batches: list[dict[str, Tensor]], started: float, stop: StopRequest, progress: tqdm
    ) -> None:
        """One optimizer step with what belongs to it: log line, validation, checkpoint, request to stop."""
        args = self.args
        learning_rate = learning_rate_at(self.step, self.num_steps, args.learning_rate, args.warmup_ratio)
        set_learning_rate(self.optimizer, learning_rate)
        loss, parts = self._backward(micro_batches)
        loss, parts, signal_number = self._agree(loss, parts, stop.signal_number)
        self._check_finite(loss, "loss")
        grad_norm = self._optimizer_step()
        self.step += 1
        temperature = self._temperature()
        self.last_record = {
            "step": self.step,
            "epoch": round(self.step / self.order.steps_per_epoch, 4),
            "loss": loss,
            **{f"loss_{name}": value for name, value in parts.items()},
            "logit_scale": temperature,
            "learning_rate": learning_rate,
            "grad_norm": grad_norm,
            "clips_per_second": round(self.order.clips_in_step(self.step - 1) / (time.monotonic() - started), 2),
        }
        is_last = self.step == self.num_steps
        if self.step % args.logging_steps == 0 or is_last:
            self._log(self.last_record)
        progress.set_postfix(
            loss=f"{loss:.4f}",
            scale=f"{math.exp(temperature):.1f}",
            lr=f"{learning_rate:.1e}",
            clips_s=f"{self.last_record['clips_per_second']:.0f}",
            refresh=False,
        )
        if self.evaluate is not None and args.eval_steps and self.step % args.eval_steps == 0 and not is_last:
            self._evaluate()
        if args.save_steps and (self.step % args.save_steps == 0 or is_last or signal_number):
            self._save_checkpoint()
        if signal_number and not is_last:
            self._leave(signal_number)

    def _backward(self, micro_batches: list[dict[str, Tensor]]) -> tuple[Tensor, dict[str, Tensor]]:
        """Leaves the gradient of the global batch in the parameters; gives the loss and its parts."""
        self.optimizer.zero_grad(set_to_none=True)
        if len(micro_batches) == 1 and self.args.gradient_accumulation_steps == 1:
            self._seed(0)
            loss, parts = self.objective(micro_batches[0])
            self.accelerator.backward(loss)
            return loss.detach(), parts
        return self._backward_cached(micro_batches)

    def _backward_cached(self, micro_batches: list[dict[str, Tensor]]) -> tuple[Tensor, dict[str, Tensor]]:
        """The same by gradient caching, see `objective`."""
        embedded = []
        for number, batch in enumerate(micro_batches):
            self._seed(number)
            with torch.no_grad():
                embedded.append(self.objective(batch, embed_only=True))
        embeddings = concatenate(embedded)
        leaves = [x.detach().requires_grad_() for x in embedding_tensors(embeddings)]
        # Copies: a gradient that reached the parameters here, outside a forward, would escape synchronisation.
        scalars = [x.detach().clone().requires_grad_() for x in self._loss_scalars()]
        loss, parts = self.bare_objective.loss(with_embedding_tensors(embeddings, leaves), *scalars)
        gradients = torch.autograd.grad(loss, [*leaves, *scalars])
        sizes = [part.skeleton.shape[0] for part in embedded]
        by_batch = list(zip(*(gradient.split(sizes) for gradient in gradients[: len(leaves)]), strict=True))
        for number, batch in enumerate(micro_batches):
            is_last = number == len(micro_batches) - 1
            given = EmbeddingGradients(by_batch[number], gradients[len(leaves) :] if is_last else ())
            with nullcontext() if is_last else self.accelerator.no_sync(self.objective):
                self._seed(number)
                self.accelerator.backward(self.objective(batch, gradients=given))
        return loss.detach(), parts

    def _loss_scalars(self) -> tuple[Tensor, ...]:
        """Temperature and bias as whole tensors; FSDP keeps parts of them on each process."""
        scalars = self.bare_objective.scalars()
        return tuple(x.full_tensor() if hasattr(x, "full_tensor") else x for x in scalars)

    def _optimizer_step(self) -> float:
        """Clips, checks, steps and clamps; gives the norm of the gradient before clipping."""
        limit = self.args.max_grad_norm or math.inf
        norm = float(self.accelerator.clip_grad_norm_(self.objective.parameters(), limit))
        # In fp16 an overflow is no accident: the scaler skips the step and lowers its scale.
        if self.accelerator.scaler is None:
            self._check_finite(norm, "gradient")
        self.optimizer.step()
        largest = getattr(self.model.config, "logit_scale_max", None)
        if largest is not None:
            with torch.no_grad():
                self.bare_objective.scalars()[0].clamp_(max=largest)
        return norm

    def _agree(self, loss: Tensor, parts: dict[str, Tensor], signal_number: int) -> tuple[float, dict, int]:
        """Mean loss over processes and the signal that any of them got: one exchange, one wait for the device."""
        flag = torch.tensor(float(signal_number), device=loss.device)
        values = torch.stack([loss.float(), *(part.float() for part in parts.values()), flag])
        values = sum_over_processes(values).tolist()
        count = self.accelerator.num_processes
        means = [value / count for value in values[:-1]]
        # SIGTERM if the processes got different signals; their number does not fit any one signal then.
        total = int(values[-1])
        number = signal_number or (15 if total else 0)
        return means[0], dict(zip(parts, means[1:], strict=True)), number

    def _check_finite(self, value: float, what: str) -> None:
        if not math.isfinite(value):
            resume = f"the last checkpoint is {self.last_checkpoint}" if self.last_checkpoint else "no checkpoint yet"
            raise FloatingPointError(
                f"expected a finite {what} in step {self.step + 1}, got {value}; {resume}. Lower learning_rate, raise "
                "warmup_ratio, or use bf16 in place of fp16, and look for broken clips in the batch"
            )

    def _seed(self, micro_batch: int) -> None:
        """Sets torch's generators for one forward; doing it again replays the same dropout."""
        entropy = [self.args.seed, self.step, self.accelerator.process_index, micro_batch]
        torch.manual_seed(int(np.random.SeedSequence(entropy).generate_state(1, np.uint64)[0] >> 1))

    def _temperature(self) -> float:
        return float(self._loss_scalars()[0].detach())

    def _checked(self, batch: Mapping[str, Any]) -> Mapping[str, Any]:
        """Notes what was found damaged when a batch was read."""
        if batch.get(DAMAGE):
            self._note_damage(batch[DAMAGE])
        return batch

    def _note_damage(self, damage: list[tuple[str, int, str]]) -> None:
        for shard, row, reason in damage:
            if self.args.strict_data:
                raise ValueError(f"{shard}, row {row}: {reason}; repair the data, or train without strict_data")
            self.damage[shard, row] = reason

    def _count_damage(self) -> dict[str, float]:
        """Metrics of what could not be read, if there was anything; each process counts what it met."""
        shards = sum(row < 0 for _, row in self.damage)
        counts = torch.tensor([len(self.damage) - shards, float(shards)], device=self.accelerator.device)
        rows, shards = sum_over_processes(counts).tolist()
        if not rows + shards:
            return {}
        logger.warning("left out as damaged: %d rows and %d whole shards, counted by each process", rows, shards)
        return {"damaged_rows": int(rows), "damaged_shards": int(shards)}

    def _to_device(self, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        device = self.accelerator.device
        return {k: v.to(device, non_blocking=True) for k, v in batch.items() if isinstance(v, Tensor)}

    def _find_checkpoint(self) -> Path | None:
        """The checkpoint to resume from, after checks that it belongs to this run."""
        if self.accelerator.is_main_process:
            self.output_dir.mkdir(parents=True, exist_ok=True)
            if self.args.overwrite and self.args.resume_from is None:
                ckpt.delete_checkpoints(self.output_dir)
            ckpt.delete_partial_checkpoints(self.output_dir)
        self.accelerator.wait_for_everyone()
        checkpoint = ckpt.find_checkpoint(self.args.resume_from, self.output_dir)
        if checkpoint is None:
            if self.args.resume_from == "last":
                logger.warning("no checkpoint in %s yet: training starts anew", self.output_dir)
            return None
        state = {"order": DEFAULT_ORDER, **ckpt.read_state(checkpoint)}
        for name, value in self.order.position().items():
            if state[name] != value:
                raise ValueError(
                    f"expected {name}={state[name]} as in {checkpoint}, got {value}; resume with the same "
                    "seed, data, order of the data and batch_size x gradient_accumulation_steps x processes"
                )
        return checkpoint

    def _prepare(self, checkpoint: Path | None) -> None:
        """Loads the checkpoint, then builds objective and optimizer and hands them to accelerate."""
        args = self.args
        if checkpoint is not None:
            # Before accelerate wraps the model: then DDP and FSDP distribute the loaded weights themselves.
            self.model.load_state_dict(type(self.model).from_pretrained(checkpoint).state_dict())
            self.step, self.last_checkpoint = ckpt.read_state(checkpoint)["step"], checkpoint
        lock_towers(self.model, args)
        set_train_mode(self.model, args)
        if args.gradient_checkpointing:
            # transformers 5.23 renames the method.
            enable = getattr(self.model, "activation_checkpointing_enable", self.model.gradient_checkpointing_enable)
            enable({"use_reentrant": False})
        if args.torch_compile:
            if args.gradient_accumulation_steps > 1:
                # Eager random numbers: compiled ones differ between the passes of gradient caching.
                torch._inductor.config.fallback_random = True
            self.model.compile()
        weights = LossWeights(args.skeleton_text_weight, args.skeleton_video_weight, args.video_text_weight)
        objective = ContrastiveObjective(
            self.model, weights, args.same_caption, args.near_duplicate_threshold, always_run_towers=self.is_fsdp
        )
        if self.is_fsdp:
            _scalars_to_vectors(objective)
            # accelerate shards by these classes, and stops at one that the towers name but do not contain.
            present = {type(module).__name__ for module in self.model.modules()}
            objective._no_split_modules = sorted(present.intersection(self.model._no_split_modules or ()))
        optimizer = build_optimizer(self.model, args, self.accelerator.device)
        self.bare_objective = objective
        with warnings.catch_warnings():
            # torch 2.13 announces another name for broadcast_buffers, which older releases do not know.
            warnings.filterwarnings("ignore", "`broadcast_buffers` is deprecated", FutureWarning)
            self.objective, self.optimizer = self.accelerator.prepare(objective, optimizer)
        if self.is_fsdp:
            self.bare_objective = self.accelerator.unwrap_model(self.objective)
        if checkpoint is not None:
            self._load_optimizer(checkpoint)

    def _start_logs(self) -> None:
        """Saves the arguments, opens the log at the step reached, starts the trackers."""
        args = self.args
        if self.accelerator.is_main_process:
            args.save(self.output_dir)
            self.log = ckpt.TrainingLog(self.output_dir / LOG_NAME, self.step)
        if args.trackers:
            config = {k: v for k, v in vars(args).items() if isinstance(v, (int, float, str, bool))}
            self.accelerator.init_trackers("tmor_hf", config=config)

    def _progress_bar(self) -> tqdm:
        is_hidden = not (self.args.progress_bar and self.accelerator.is_main_process)
        return tqdm(total=self.num_steps, initial=self.step, desc="training", unit="step", disable=is_hidden)

    def _log(self, record: dict[str, float]) -> None:
        if self.log is not None:
            self.log.write(record)
        if self.args.trackers:
            self.accelerator.log({k: v for k, v in record.items() if k != "step"}, step=record["step"])

    def _evaluate(self) -> dict[str, float]:
        """Runs the validation and logs its numbers as `eval_...`."""
        metrics: dict[str, float] = {}
        if self.accelerator.is_main_process or self.is_fsdp:
            if hasattr(self.objective, "unshard"):
                self.objective.unshard()
            self.model.eval()
            with torch.no_grad(), self.accelerator.autocast():
                metrics = {f"eval_{name}": float(value) for name, value in self.evaluate(self.model).items()}
            set_train_mode(self.model, self.args)
            if hasattr(self.objective, "reshard"):
                self.objective.reshard()
            self._log({"step": self.step, **metrics})
        if self.accelerator.is_main_process and self.args.progress_bar:
            tqdm.write(f"step {self.step}: " + "  ".join(f"{k[5:]} {v:.3f}" for k, v in metrics.items()))
        self.accelerator.wait_for_everyone()
        return metrics

    def _save_checkpoint(self) -> None:
        """Writes `checkpoint-<step>`; all processes take part, the main one writes."""
        weights, optimizer = self._model_state(), self._optimizer_state()

        def write_files(folder: Path) -> None:
            self._save_model(folder, weights)
            self.args.save(folder)
            ckpt.save_tensors(folder / ckpt.OPTIMIZER_NAME, optimizer)

        target = self.output_dir / f"checkpoint-{self.step}"
        if self.accelerator.is_main_process:
            ckpt.write_checkpoint(
                self.output_dir, self.step, write_files, self.order.position(), keep=self.args.save_total_limit
            )
        self.accelerator.wait_for_everyone()
        self.last_checkpoint = target

    def _save_model(self, folder: Path, weights: dict[str, Tensor] | None) -> None:
        with ckpt.no_bars_over_files():
            self.model.save_pretrained(folder, state_dict=weights)
        if self.processor is not None:
            self.processor.save_pretrained(folder)

    def _model_state(self) -> dict[str, Tensor] | None:
        """Whole weights gathered from the processes of FSDP; None where the model itself is whole."""
        if not self.is_fsdp:
            return None
        weights = self.accelerator.get_state_dict(self.objective)
        names = ("logit_scale", "logit_bias")
        weights = {name.removeprefix("model."): value for name, value in weights.items()}
        return {name: value.reshape(()) if name in names else value for name, value in weights.items()}

    def _optimizer_state(self) -> dict[str, Any]:
        state: dict[str, Any] = {}
        if self.is_fsdp:
            from torch.distributed.checkpoint.state_dict import StateDictOptions, get_optimizer_state_dict

            options = StateDictOptions(full_state_dict=True, cpu_offload=True)
            state["optimizer"] = get_optimizer_state_dict(self.objective, self.optimizer.optimizer, options=options)
        else:
            state["optimizer"] = self.optimizer.state_dict()
        if self.accelerator.scaler is not None:
            state["scaler"] = self.accelerator.scaler.state_dict()
        return state

    def _load_optimizer(self, checkpoint: Path) -> None:
        state = ckpt.load_tensors(checkpoint / ckpt.OPTIMIZER_NAME)
        if self.is_fsdp:
            from torch.distributed.checkpoint.state_dict import StateDictOptions, set_optimizer_state_dict

            options = StateDictOptions(full_state_dict=True)
            set_optimizer_state_dict(self.objective, self.optimizer.optimizer, state["optimizer"], options=options)
        else:
            # Moments from the checkpoint, hyper-parameters from the arguments of this run.
            groups = self.optimizer.state_dict()["param_groups"]
            self.optimizer.load_state_dict({"state": state["optimizer"]["state"], "param_groups": groups})
        if self.accelerator.scaler is not None and "scaler" in state:
            self.accelerator.scaler.load_state_dict(state["scaler"])

    def _leave(self, signal_number: int) -> None:
        saved = str(self.last_checkpoint) if self.args.save_steps else None
        if self.accelerator.is_main_process:
            how = f"resume with --resume-from last ({saved})" if saved else "nothing is saved, for save_steps is 0"
            tqdm.write(f"stopped by signal {signal_number} after step {self.step}: {how}", file=sys.stderr)
        if self.args.trackers:
            self.accelerator.end_training()
        raise TrainingInterrupted(signal_number, self.step, saved)

    def _finish(self, metrics: dict[str, float]) -> dict[str, float]:
        """Last validation; final model, processor and metrics."""
        metrics.update(self._count_damage())
        if self.evaluate is not None:
            metrics.update(self._evaluate())
        weights = self._model_state()
        if self.accelerator.is_main_process:
            self._save_model(self.output_dir, weights)
            ckpt.write_json(self.output_dir / METRICS_NAME, metrics)
        if self.args.trackers:
            self.accelerator.end_training()
        self.accelerator.wait_for_everyone()
        return metrics


def _scalars_to_vectors(objective: ContrastiveObjective) -> None:
    """FSDP cannot shard 0-d parameters: temperature and bias get one dimension; saving takes it off again."""
    for name in ("logit_scale", "logit_bias"):
        scalar = getattr(objective.model, name, None)
        if scalar is not None:
            setattr(objective.model, name, torch.nn.Parameter(scalar.detach().reshape(1)))
