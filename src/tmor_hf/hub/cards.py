# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Cards of the checkpoints, rendered from templates and from what was measured.

    python -m tmor_hf.hub.cards                # hub_cards/NAME/README.template.md -> checkpoints/NAME/README.md

A template is a card as on the Hub, metadata on top, with places such as `{{ percent("accuracy.nw_ucla.names.top1") }}`
that the methods of `CardNumbers` fill. No number of a result is typed: they stand in `hub_cards/results/NAME.json`, as
`benchmarks/bundled_weights.py` wrote it, and the card has them in its `model-index` too.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import EvalResult, ModelCard

TEMPLATE_NAME, CARD_NAME = "README.template.md", "README.md"
WEIGHTS_NAME, RECORD_NAME = "model.safetensors", "training_record.json"
_CHECKPOINTS = Path(__file__).parents[1] / "checkpoints"
_REMARK = "<!-- Rendered by `python -m tmor_hf.hub.cards`: change the template in hub_cards/, not this file. -->"
# What the answers of a checkpoint are chosen from -> its words in tables.
_CHOICES = {
    "phrases": "our phrases",
    "names": "names of the set",
    "own_labels": "labels of the set",
    "all_labels": "all labels",
}
_CORRUPTIONS = {
    "clean": "as they are",
    "coco17_3d": "17 joints of COCO, 3D",
    "coco17_2d": "17 joints of COCO, filmed to 2D from a random side",
    "clip_joints_10": "10% of the joints missing",
    "clip_joints_30": "30% of the joints missing",
    "frame_joints_30": "30% of the joints missing, others in each frame",
    "no_right_arm": "right forearm and hand missing",
    "no_left_leg": "left lower leg and foot missing",
    "noise_3": "every joint off by 3% of the body's size",
    "rate_1/2": "every second frame",
}


@dataclass(frozen=True)
class CardNumbers:
    """What the places of a template can ask for.

    Args:
        results: What the benchmark wrote about the checkpoint.
        training: What the training wrote about itself.
    """

    results: Mapping[str, Any]
    training: Mapping[str, Any]

    def value(self, path: str) -> Any:
        """A value of the results, such as ``value("environment.cpu")``; whole numbers with commas."""
        found = _find(self.results, path)
        return f"{found:,}" if isinstance(found, int) else found

    def percent(self, path: str) -> str:
        """A share of the results, in percent."""
        return _percent(_find(self.results, path))

    def megabytes(self, path: str) -> str:
        """A number of bytes of the results, in megabytes."""
        return f"{_find(self.results, path) / 1e6:.1f}"

    def millions(self, path: str) -> str:
        """A number of the results, in millions."""
        return f"{_find(self.results, path) / 1e6:.1f}"

    def accuracy_table(self) -> str:
        """Top-1 and the mean over the classes, for each part and choice of labels."""
        rows = [
            (entry["title"], f"{entry['clips']:,}", _CHOICES[choice], entry[choice]["classes"],
             _percent(entry[choice]["top1"]), _percent(entry[choice]["mean_class"]), _percent(entry[choice]["chance"]))
            for entry in self.results["accuracy"].values() for choice in _CHOICES if choice in entry
        ]  # fmt: skip
        return _table(("clips of", "clips", "chosen from", "classes", "top-1", "mean class", "chance"), rows)

    def class_table(self, part: str, choice: str) -> str:
        """Share of the clips of each class that is named right, best first."""
        accuracies = _find(self.results, f"accuracy.{part}.{choice}.per_class")
        ordered = sorted(accuracies.items(), key=lambda item: -item[1])
        return _table(("class", "right"), [(name, _percent(share)) for name, share in ordered])

    def robustness_table(self) -> str:
        """Top-1 on clips that are worse, or other, than they were."""
        found = self.results["robustness"]
        clean = found["top1"]["clean"]
        rows = [(_CORRUPTIONS[name], _percent(top1), f"{100 * (top1 - clean):+.1f}")
                for name, top1 in found["top1"].items()]  # fmt: skip
        return _table((f"{found['title']}, {found['clips']:,} clips", "top-1", "difference"), rows)

    def confusion_pictures(self) -> str:
        """The pictures of which class is taken for which."""
        titles = {key: entry["title"] for key, entry in self.results["accuracy"].items()}
        return "\n\n".join(f"![Confusion: {titles[key]}]({name})" for key, name in self.results["confusion"].items())

    def cases(self) -> str:
        """The most confident wrong answers, each with its picture."""
        return "\n\n".join(
            f"{number}. {case['title']}, clip `{case['clip']}`: **{case['truth']}** taken for **{case['answer']}**, "
            f"score {case['score']:.2f}.\n\n   ![{case['truth']}, taken for {case['answer']}]({case['picture']})"
            for number, case in enumerate(self.results["cases"], start=1)
        )

    def label_list(self) -> str:
        """All labels of a classifier."""
        return ", ".join(sorted(_find(self.results, "weights.labels")))

    def source(self) -> str:
        """How, when and on what the numbers were measured."""
        machine = self.results["environment"]
        threads = f"{machine['threads']} thread" + "s" * (machine["threads"] > 1)
        versions = ", ".join(f"{name} {machine[name]}" for name in ("python", "torch", "transformers"))
        return (
            f"`{self.results['command']}`, {machine['date']}, {self.results['cpu_seconds']:.0f} s of CPU time on "
            f"{threads} of an {machine['cpu']} with {machine['cores']} cores, {versions}; weights with SHA-256 "
            f"`{self.results['weights']['sha256']}`"
        )

    def carbon(self, watts: float, gpu_watts: float, grams_per_kwh: float) -> str:
        """The energy and carbon of the training, from its measured hours and what is assumed of the machines."""
        steps = self.training["steps"]
        energy = sum(step["hours"] * (gpu_watts if step["gpu"] else watts) for step in steps.values()) / 1000
        stages = "; ".join(f"{name} {step['hours']:.2f} hours on {_machine(step)}" for name, step in steps.items())
        return (
            f"Measured: {stages}. Assumed, not measured: {watts:g} W for that share of a CPU, {gpu_watts:g} W for a "
            f"GPU and its machine, and {grams_per_kwh:g} g of CO2 per kWh. That makes {energy:.3f} kWh and "
            f"{energy * grams_per_kwh:.0f} g of CO2 for these weights; experiments before them took more."
        )


def render_card(template: str | Path, results: Mapping[str, Any], training: Mapping[str, Any]) -> str:
    """The card of a checkpoint.

    Args:
        template: File of the template.
        results: What the benchmark wrote about the checkpoint.
        training: What the training wrote about itself.

    Raises:
        KeyError: If the template asks for a number that is not there.
    """
    card = ModelCard(Path(template).read_text(encoding="utf-8"))
    card.data.model_name = results["checkpoint"]
    card.data.eval_results = eval_results(results, card.data.pipeline_tag)
    numbers = CardNumbers(results, training)
    places = {name: getattr(numbers, name) for name in vars(CardNumbers) if not name.startswith("_")}
    text = f"---\n{{{{ card_data }}}}\n---\n{_REMARK}\n{card.text.rstrip()}\n\n"  # Jinja takes one end of line off
    return str(ModelCard.from_template(card.data, template_str=text, **places))


def eval_results(results: Mapping[str, Any], task: str) -> list[EvalResult]:
    """The accuracies of a checkpoint, for the `model-index` of its card."""
    machine = results["environment"]
    return [
        EvalResult(
            task_type=task,
            dataset_type=key,
            dataset_name=entry["title"],
            dataset_config=choice,
            dataset_split=entry["split"],
            metric_type="accuracy",
            metric_name=name,
            metric_value=round(100 * entry[choice][metric], 1),
            metric_args={"clips": entry["clips"], "classes": entry[choice]["classes"], "date": machine["date"]},
        )
        for key, entry in results["accuracy"].items()
        for choice in _CHOICES
        if choice in entry
        for metric, name in (("top1", "top-1 accuracy, %"), ("mean_class", "mean accuracy of the classes, %"))
    ]


def render_folder(cards: Path, name: str, checkpoint: Path) -> Path:
    """Renders the card of a checkpoint into its folder, with the pictures that it shows.

    Args:
        cards: Folder of templates, pictures and results.
        name: Name of the checkpoint.
        checkpoint: Its folder.

    Returns:
        The card.

    Raises:
        FileNotFoundError: If results, weights, their training record or a picture are missing.
        ValueError: If the results are those of other weights.
    """
    results = read_results(cards, name)
    _check_weights(checkpoint / WEIGHTS_NAME, results["weights"]["sha256"])
    training = json.loads((checkpoint / RECORD_NAME).read_text(encoding="utf-8"))
    card = checkpoint / CARD_NAME
    card.write_text(render_card(cards / name / TEMPLATE_NAME, results, training), encoding="utf-8")
    for picture in pictures(results):
        shutil.copyfile(cards / name / picture, checkpoint / picture)
    return card


def pictures(results: Mapping[str, Any]) -> list[str]:
    """Names of the pictures that belong to results."""
    return [*results["confusion"].values(), *(case["picture"] for case in results["cases"])]


def read_results(cards: Path, name: str) -> dict[str, Any]:
    """What the benchmark wrote about a checkpoint.

    Raises:
        FileNotFoundError: If it was not run.
    """
    path = cards / "results" / f"{name}.json"
    if not path.is_file():
        raise FileNotFoundError(f"expected results in {path}, got none; run python benchmarks/bundled_weights.py")
    return json.loads(path.read_text(encoding="utf-8"))


def _check_weights(path: Path, expected: str) -> None:
    if not path.is_file():
        raise FileNotFoundError(f"expected the weights that were measured in {path}, got none")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != expected:
        raise ValueError(
            f"expected results of the weights {path} (SHA-256 {found[:16]}...), got those of {expected[:16]}...; run "
            "python benchmarks/bundled_weights.py again"
        )


def _find(content: Mapping[str, Any], path: str) -> Any:
    found: Any = content
    for name in path.split("."):
        if not isinstance(found, Mapping) or name not in found:
            there = ", ".join(found) if isinstance(found, Mapping) else type(found).__name__
            raise KeyError(f"expected {path!r} in the results, got no {name!r} among {there}")
        found = found[name]
    return found


def _machine(step: Mapping[str, Any]) -> str:
    """What a step of training ran on, in words."""
    if step["gpu"]:
        return f"an {step['gpu']}"
    return f"{step['threads']} of {step['cores']} cores of an {step['cpu']}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _table(titles: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Renders all cards of which there is a template; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tmor_hf.hub.cards", description="Render the checkpoints' cards.")
    parser.add_argument("cards", nargs="?", type=Path, default=Path("hub_cards"), help="templates (%(default)s)")
    parser.add_argument("--checkpoints", type=Path, default=_CHECKPOINTS, help="where they lie (the bundled ones)")
    arguments = parser.parse_args(argv)
    templates = sorted(arguments.cards.glob(f"*/{TEMPLATE_NAME}"))
    if not templates:
        parser.error(f"no */{TEMPLATE_NAME} in {arguments.cards}")
    for template in templates:
        name = template.parent.name
        try:
            print(render_folder(arguments.cards, name, arguments.checkpoints / name))
        except (OSError, ValueError, KeyError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            return 1
    return 0


__all__ = ["CardNumbers", "eval_results", "pictures", "read_results", "render_card", "render_folder"]

if __name__ == "__main__":
    sys.exit(main())
