# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""A compact text tower that reproduces the sentence embeddings of a large one, and its way into a `TMorModel`.

Axes: N sentences, B of a batch, V words of a vocabulary, H hidden size of the student, E size of the teacher's
embeddings.
"""

from __future__ import annotations

import copy
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional
from tqdm.auto import tqdm
from transformers import AutoTokenizer, BertConfig, BertModel, PreTrainedModel, PreTrainedTokenizerBase

from ..arguments import Arguments, option
from ..data.tokenization import build_tokenizer
from ..modeling.modeling_tmor import TMorModel, mean_of_tokens
from . import checkpointing as ckpt
from .optimization import learning_rate_at, set_learning_rate, undecayed_parameters

HEAD_NAME = "head.safetensors"
_CACHED_AT_ONCE = 1024  # sentences of a file of the cache
_POOL = 20  # batches among which sentences are sorted by length
_HEAD_SENTENCES = 8000  # to which the head is fitted before training


@dataclass
class DistillationArguments(Arguments):
    """Arguments of `distill`; the text of each field is also its `--help`.

    Raises:
        ValueError: a value is out of its range.
    """

    title: ClassVar[str] = "distillation"

    output_dir: str = option(text="folder for checkpoints and the student", metavar="DIR")
    seed: int = option(0, "seed of weights and order")
    num_epochs: int = option(30, "passes over the sentences")
    max_steps: int = option(0, "steps at most; 0: by epochs")
    batch_size: int = option(128, "sentences of a step")
    learning_rate: float = option(1e-3, "peak learning rate")
    warmup_ratio: float = option(0.05, "part of the steps with a rising learning rate; a cosine to 0 follows")
    weight_decay: float = option(0.01, "AdamW decay of matrices (not norms, biases, embeddings)")
    similarity_weight: float = option(5.0, "weight of the similarities within a batch; the cosine has 1")
    max_grad_norm: float = option(1.0, "norm to which gradients are clipped")
    eval_steps: int = option(500, "steps between validations; 0: only at the end")
    save_steps: int = option(500, "steps between checkpoints; 0: none")
    progress_bar: bool = option(True, "show a progress bar")

    def __post_init__(self) -> None:
        for name in ("num_epochs", "batch_size"):
            self._check(name, getattr(self, name) >= 1, "at least 1")
        for name in ("max_steps", "weight_decay", "similarity_weight", "eval_steps", "save_steps"):
            self._check(name, getattr(self, name) >= 0, "0 or more")
        for name in ("learning_rate", "max_grad_norm"):
            self._check(name, getattr(self, name) > 0, "positive")
        self._check("warmup_ratio", 0 <= self.warmup_ratio < 1, "in [0, 1)")


class Student(NamedTuple):
    """A text tower with what belongs to it.

    Args:
        model: BERT of hidden size H; its tokens are averaged.
        tokenizer: Its tokenizer.
        head: Linear layer without bias from H to E, to the teacher's embedding.
    """

    model: BertModel
    tokenizer: PreTrainedTokenizerBase
    head: nn.Linear


@torch.no_grad()
def embed_sentences(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    sentences: Sequence[str],
    head: nn.Module | None = None,
    batch_size: int = 128,
) -> Tensor:
    """(N, E) float32: the mean of the tokens of each sentence, through the head if there is one."""
    was_training = model.training
    model.eval()
    order = sorted(range(len(sentences)), key=lambda index: len(sentences[index]))
    rows: list[Tensor] = []
    for start in range(0, len(order), batch_size):
        texts = [sentences[index] for index in order[start : start + batch_size]]
        tokens = tokenizer(texts, padding=True, truncation=True, return_tensors="pt").to(model.device)
        pooled = mean_of_tokens(model(**tokens).last_hidden_state, tokens["attention_mask"])
        rows.append((pooled if head is None else head(pooled)).float().cpu())
    model.train(was_training)
    embeds = torch.cat(rows)
    return torch.empty_like(embeds).index_copy_(0, torch.tensor(order), embeds)


def teacher_embeddings(
    teacher: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    sentences: Sequence[str],
    folder: str | Path,
    progress_bar: bool = True,
) -> Tensor:
    """(N, E): `embed_sentences` of the teacher, kept in a folder, so that a second run only reads them.

    Files are named by what they hold the embeddings of: sentences and teacher.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    weights = teacher.get_input_embeddings().weight.detach().float().cpu().numpy().tobytes()
    identity = blake2b(weights + teacher.config.to_json_string(use_diff=False).encode()).digest()
    rows = []
    starts = range(0, len(sentences), _CACHED_AT_ONCE)
    for start in tqdm(starts, desc="teacher", unit="file", disable=not progress_bar):
        chunk = sentences[start : start + _CACHED_AT_ONCE]
        name = blake2b(identity + "\0".join(chunk).encode(), digest_size=16).hexdigest()
        path = folder / f"{name}.safetensors"
        if not path.is_file():
            partial = path.with_suffix(".partial")
            save_file({"embeddings": embed_sentences(teacher, tokenizer, chunk)}, partial)
            partial.replace(path)
        rows.append(load_file(path)["embeddings"])
    return torch.cat(rows)


def build_student_tokenizer(
    sentences: Sequence[str], teacher_tokenizer: PreTrainedTokenizerBase, vocab_size: int = 8000
) -> PreTrainedTokenizerBase:
    """A tokenizer whose vocabulary are the words of the sentences, and then the first entries of the teacher's.

    WordPiece vocabularies are sorted by frequency, so these are the most frequent English words; one in six places
    goes to word parts, by which unknown words are split.
    """
    words, parts = plain_words(teacher_tokenizer), _frequent_entries(teacher_tokenizer, r"##[a-z]{2,}")
    mixed = [item for index, part in enumerate(parts) for item in (*words[5 * index : 5 * index + 5], part)]
    more = mixed + words[5 * len(parts) :]
    return build_tokenizer(sentences, vocab_size, more=more)


def plain_words(tokenizer: PreTrainedTokenizerBase) -> list[str]:
    """Whole words of a WordPiece vocabulary, the most frequent first."""
    return _frequent_entries(tokenizer, r"[a-z]{2,}")


def _frequent_entries(tokenizer: PreTrainedTokenizerBase, pattern: str) -> list[str]:
    vocabulary = tokenizer.get_vocab()
    return [entry for entry in sorted(vocabulary, key=vocabulary.get) if re.fullmatch(pattern, entry)]


def build_student(
    tokenizer: PreTrainedTokenizerBase,
    teacher_size: int,
    hidden_size: int = 192,
    num_hidden_layers: int = 4,
    seed: int = 0,
) -> Student:
    """A student with random weights; it has no dropout, for so small a tower rather underfits than overfits."""
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=hidden_size,
        num_hidden_layers=num_hidden_layers,
        num_attention_heads=max(1, hidden_size // 32),
        intermediate_size=4 * hidden_size,
        max_position_embeddings=tokenizer.model_max_length,
        type_vocab_size=1,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        pad_token_id=tokenizer.pad_token_id,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Student(
            BertModel(config, add_pooling_layer=False), tokenizer, nn.Linear(hidden_size, teacher_size, bias=False)
        )


def vocabulary_texts(tokenizer: PreTrainedTokenizerBase) -> list[str]:
    """(V,) what each entry of a WordPiece vocabulary says by itself: the word, or the part without its mark."""
    return [word.removeprefix("##") for word in tokenizer.convert_ids_to_tokens(range(len(tokenizer)))]


@torch.no_grad()
def start_from_words(student: Student, vectors: Tensor, sentences: Sequence[str], targets: Tensor) -> None:
    """Gives the student the teacher's embeddings of single words, so that it begins as a bag of words that works.

    The word vectors are the teacher's in their H principal directions, scaled to a standard deviation of one; the
    head is fitted to the sentences by least squares.

    Args:
        student: Changed in place.
        vectors: (V, E) the teacher's embeddings of `vocabulary_texts`.
        sentences: N texts.
        targets: (N, E) the teacher's embeddings of them.
    """
    embedding = student.model.get_input_embeddings().weight
    directions = torch.linalg.svd(vectors, full_matrices=False).Vh[: embedding.shape[1]]
    words = vectors @ directions.T
    embedding[:, : words.shape[1]] = words / words.std()
    embedding[student.tokenizer.all_special_ids] = 0.0
    some = slice(0, _HEAD_SENTENCES)
    pooled = embed_sentences(student.model, student.tokenizer, sentences[some]).double()
    goal = functional.normalize(targets[some].double(), dim=-1)
    gram = pooled.T @ pooled
    gram += 1e-3 * gram.diagonal().mean() * torch.eye(len(gram), dtype=gram.dtype)
    student.head.weight.copy_(torch.linalg.solve(gram, pooled.T @ goal).T)


def distillation_loss(embeds: Tensor, targets: Tensor, similarity_weight: float) -> Tensor:
    """One minus the cosine to the teacher's embedding, and how far the similarities within the batch are off.

    Args:
        embeds: (B, E) of the student.
        targets: (B, E) of the teacher; lengths do not matter.
        similarity_weight: Weight of the mean squared difference between the two (B, B) matrices of cosines.
    """
    embeds, targets = functional.normalize(embeds, dim=-1), functional.normalize(targets, dim=-1)
    cosine = (embeds * targets).sum(dim=-1).mean()
    difference = functional.mse_loss(embeds @ embeds.T, targets @ targets.T)
    return 1 - cosine + similarity_weight * difference


def agreement(embeds: Tensor, targets: Tensor) -> dict[str, float]:
    """How well embeddings (N, E) of a student stand for those of the teacher.

    Returns:
        "cosine", the mean between the two embeddings of a sentence, and "spearman", the rank correlation of the
        similarities of all pairs of sentences.
    """
    embeds, targets = functional.normalize(embeds, dim=-1), functional.normalize(targets, dim=-1)
    above = torch.triu_indices(len(embeds), len(embeds), offset=1).unbind()
    ranks = torch.stack([(x @ x.T)[above].argsort().argsort().double() for x in (embeds, targets)])
    return {
        "cosine": float((embeds * targets).sum(dim=-1).mean()),
        "spearman": float(torch.corrcoef(ranks)[0, 1]),
    }


def distill(
    student: Student,
    sentences: Sequence[str],
    targets: Tensor,
    args: DistillationArguments,
    evaluate: Callable[[Student], Mapping[str, float]] | None = None,
) -> dict[str, float]:
    """Trains a student in place, going on from the last checkpoint of the output folder, and saves it there.

    Order and weights follow from the seed and the step alone: a run that was stopped ends as one that was not.

    Args:
        student: With weights to start from.
        sentences: N texts.
        targets: (N, E) the teacher's embeddings of them.
        args: See `DistillationArguments`.
        evaluate: Gives numbers by name, every `eval_steps` and at the end.

    Returns:
        "steps", "loss" of the last step, "train_seconds" of this call, and the last numbers of `evaluate`.

    Raises:
        ValueError: The folder has a checkpoint of a run with other arguments.
        FloatingPointError: The loss is not finite.
    """
    tokens = [torch.tensor(ids) for ids in student.tokenizer(list(sentences), truncation=True)["input_ids"]]
    per_epoch = -(-len(tokens) // args.batch_size)
    num_steps = args.max_steps or args.num_epochs * per_epoch
    network = nn.ModuleDict({"model": student.model, "head": student.head})
    optimizer = _optimizer(network, args)
    step = _resume(network, optimizer, args)
    log = ckpt.TrainingLog(Path(args.output_dir) / "train_log.jsonl", step)
    batches = _batches([len(ids) for ids in tokens], args, step, per_epoch)
    started, loss, numbers = time.monotonic(), float("nan"), {}
    network.train()
    with tqdm(total=num_steps, initial=step, unit="step", disable=not args.progress_bar) as progress:
        for rows in islice(batches, max(0, num_steps - step)):
            set_learning_rate(optimizer, learning_rate_at(step, num_steps, args.learning_rate, args.warmup_ratio))
            ids = nn.utils.rnn.pad_sequence([tokens[row] for row in rows], True, student.tokenizer.pad_token_id)
            mask = (ids != student.tokenizer.pad_token_id).long()
            states = student.model(input_ids=ids, attention_mask=mask).last_hidden_state
            embeds = student.head(mean_of_tokens(states, mask))
            loss = _train_step(
                network, optimizer, distillation_loss(embeds, targets[rows], args.similarity_weight), args
            )
            step += 1
            progress.update()
            progress.set_postfix(loss=f"{loss:.4f}", refresh=False)
            is_last = step == num_steps
            if evaluate is not None and (is_last or (args.eval_steps and step % args.eval_steps == 0)):
                numbers = dict(evaluate(student))
                log.write({"step": step, "loss": loss, **numbers})
                network.train()
            if args.save_steps and (is_last or step % args.save_steps == 0):
                _save_checkpoint(network, optimizer, args, step)
    network.eval()
    save_student(student, args.output_dir)
    return {"steps": step, "loss": loss, "train_seconds": round(time.monotonic() - started, 1), **numbers}


def _optimizer(network: nn.Module, args: DistillationArguments) -> torch.optim.AdamW:
    undecayed = undecayed_parameters(network)
    groups: dict[bool, list[nn.Parameter]] = {True: [], False: []}
    for name, parameter in network.named_parameters():
        groups[name not in undecayed].append(parameter)
    return torch.optim.AdamW(
        [
            {"params": parameters, "weight_decay": args.weight_decay * is_decayed, "lr_scale": 1.0}
            for is_decayed, parameters in groups.items()
        ],
        lr=args.learning_rate,
    )


def _train_step(
    network: nn.Module, optimizer: torch.optim.Optimizer, loss: Tensor, args: DistillationArguments
) -> float:
    if not torch.isfinite(loss):
        raise FloatingPointError(f"expected a finite loss, got {float(loss)}; lower the learning rate")
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), args.max_grad_norm)
    optimizer.step()
    return loss.item()


def _batches(lengths: Sequence[int], args: DistillationArguments, step: int, per_epoch: int) -> Iterator[list[int]]:
    """Rows of each batch from a step on: every epoch in a new order, with sentences of like length together."""
    for epoch in range(step // per_epoch, 10**9):
        rng = random.Random(f"{args.seed} {epoch}")
        order = rng.sample(range(len(lengths)), len(lengths))
        pool = _POOL * args.batch_size
        pools = [sorted(order[start : start + pool], key=lengths.__getitem__) for start in range(0, len(order), pool)]
        batches = [
            some[start : start + args.batch_size] for some in pools for start in range(0, len(some), args.batch_size)
        ]
        rng.shuffle(batches)
        yield from batches[step % per_epoch if epoch == step // per_epoch else 0 :]


def _run_identity(args: DistillationArguments) -> dict[str, Any]:
    """The arguments on which the result depends."""
    free = ("output_dir", "eval_steps", "save_steps", "progress_bar")
    return {name: value for name, value in asdict(args).items() if name not in free}


def _save_checkpoint(
    network: nn.Module, optimizer: torch.optim.Optimizer, args: DistillationArguments, step: int
) -> None:
    def write_files(folder: Path) -> None:
        save_file(network.state_dict(), folder / "model.safetensors")
        ckpt.save_tensors(folder / ckpt.OPTIMIZER_NAME, optimizer.state_dict())

    ckpt.write_checkpoint(args.output_dir, step, write_files, {"arguments": _run_identity(args)}, keep=1)


def _resume(network: nn.Module, optimizer: torch.optim.Optimizer, args: DistillationArguments) -> int:
    """Loads the last checkpoint, if there is one, and gives its step."""
    Path(args.output_dir).mkdir(parents=True, exist_ok=True)
    checkpoint = ckpt.find_checkpoint("last", args.output_dir)
    if checkpoint is None:
        return 0
    state = ckpt.read_state(checkpoint)
    if state["arguments"] != _run_identity(args):
        raise ValueError(
            f"expected the arguments of {checkpoint}, {state['arguments']}, got {_run_identity(args)}; "
            "choose another output_dir, or delete its checkpoints"
        )
    network.load_state_dict(load_file(checkpoint / "model.safetensors"))
    optimizer.load_state_dict(ckpt.load_tensors(checkpoint / ckpt.OPTIMIZER_NAME))
    return state["step"]


def save_student(student: Student, folder: str | Path) -> None:
    """Writes a folder from which `AutoModel` and `AutoTokenizer` load, with the head beside them."""
    with ckpt.no_bars_over_files():
        student.model.save_pretrained(folder)
    student.tokenizer.save_pretrained(folder)
    save_file({"weight": student.head.weight.detach().contiguous()}, Path(folder) / HEAD_NAME)


def load_student(folder: str | Path) -> Student:
    """What `save_student` wrote.

    Raises:
        FileNotFoundError: The folder has no head.
    """
    path = Path(folder) / HEAD_NAME
    if not path.is_file():
        raise FileNotFoundError(
            f"expected a folder that examples/distill_text.py wrote, with {HEAD_NAME}, got {folder}"
        )
    weight = load_file(path)["weight"]
    head = nn.Linear(weight.shape[1], weight.shape[0], bias=False)
    head.load_state_dict({"weight": weight})
    model = BertModel.from_pretrained(folder, add_pooling_layer=False).eval()
    return Student(model, AutoTokenizer.from_pretrained(folder), head)


def replace_text_tower(model: TMorModel, student: PreTrainedModel, head: nn.Linear) -> TMorModel:
    """A model with the student in place of its teacher: the same towers else, and text embeddings like the old ones.

    The student's head and the projection, both linear, become one: `text_projection @ head`.

    Args:
        model: Trained with the teacher as its text tower; it stays as it is.
        student: Text tower of hidden size H.
        head: From H to the teacher's E, without bias.

    Returns:
        A new model in evaluation mode.

    Raises:
        ValueError: The model does not average tokens, or the head does not fit between student and projection.
    """
    old = model.text_projection.weight
    if model.config.text_pooling != "mean":
        raise ValueError(f"expected a model of text_pooling 'mean', got {model.config.text_pooling!r}")
    if head.bias is not None or head.weight.shape != (old.shape[1], student.config.hidden_size):
        raise ValueError(
            f"expected a head without bias from {student.config.hidden_size} to {old.shape[1]}, the input of "
            f"text_projection, got {head}; distil from the text tower of this model"
        )
    config = copy.deepcopy(model.config)
    config.text_config = copy.deepcopy(student.config)
    new = TMorModel(config).to(old.dtype)
    kept = {name: value for name, value in model.state_dict().items() if not name.startswith("text_")}
    kept |= {f"text_model.{name}": value for name, value in student.state_dict().items() if "pooler." not in name}
    new.load_state_dict({**kept, "text_projection.weight": old.detach() @ head.weight.detach().to(old)})
    return new.eval()


__all__ = [
    "DistillationArguments",
    "Student",
    "agreement",
    "build_student",
    "build_student_tokenizer",
    "distill",
    "distillation_loss",
    "embed_sentences",
    "load_student",
    "plain_words",
    "replace_text_tower",
    "save_student",
    "start_from_words",
    "teacher_embeddings",
    "vocabulary_texts",
]
