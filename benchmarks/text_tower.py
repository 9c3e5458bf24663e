# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What a distilled text tower keeps of its teacher, on sentences that it did not learn from.

    python benchmarks/text_tower.py outputs/text
    python benchmarks/text_tower.py outputs/text --checkpoint outputs/real --data-dir DATA

The first line compares embeddings on held-out sentences and on sentences with verbs that training left out: the mean
cosine between student and teacher, and the rank correlation of the similarities of all pairs of sentences. With a
checkpoint that was trained with the teacher, clips are classified by text with the teacher and with the student in its
place: on validation parts, and on the test part of NW-UCLA without copies of training clips, to be reported and never
to choose by. The last line is one JSON object.
"""

import argparse
import json
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, AutoProcessor, AutoTokenizer

from tmor_hf import TMorModel
from tmor_hf.data import class_texts, generate_sentences, load_benchmark, package_sentences, split_sentences
from tmor_hf.evaluation import PROMPT_TEMPLATES, class_embeddings, embed_clips, embed_texts, zero_shot_metrics
from tmor_hf.training import agreement, embed_sentences, load_student, replace_text_tower

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))
from pretrain import get_minilm  # noqa: E402

PARTS = (
    "bandai_namco_2:validation", "penn_action:validation", "hdm05_11:validation", "utkinect_untrimmed:validation",
    "nw_ucla:test",
)  # fmt: skip
COMPARED = 1000  # sentences of each kind
FREE_TEXTS = (
    "a man slips into his coat", "she takes a seat", "greeting a friend with a wave", "having a sip of coffee",
    "he collapses on the ground", "hurling a stone far away", "looking something up on a mobile", "a goalkeeper kicks",
    "lifting a crate off the ground", "tennis player hits the ball",
)  # fmt: skip


def get_arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("student", help="folder that examples/distill_text.py wrote")
    parser.add_argument("--teacher", default="minilm", metavar="NAME", help="minilm, or a checkpoint (%(default)s)")
    parser.add_argument("--checkpoint", metavar="DIR", help="contrastive checkpoint with the teacher as text tower")
    parser.add_argument("--data-dir", metavar="DIR", help="folder of the motion sets")
    parser.add_argument("--parts", nargs="+", default=PARTS, metavar="NAME:PART", help="clips to classify")
    parser.add_argument("--seed", type=int, default=0, help="of the sentences (%(default)s)")
    args = parser.parse_args(argv)
    if args.checkpoint and not args.data_dir:
        parser.error("--checkpoint needs --data-dir, for the clips")
    return args


def compare_sentences(student, teacher, teacher_tokenizer, seed):
    """Agreement on held-out sentences and on those with unseen verbs, and sentences per second of each tower."""
    split = split_sentences(
        package_sentences(seed, PROMPT_TEMPLATES) + generate_sentences(20_000, seed, PROMPT_TEMPLATES)
    )
    report = {}
    for name, texts in (("held_out", split.held_out), ("unseen_verbs", split.unseen_verbs)):
        texts = texts[:: len(texts) // COMPARED + 1]
        start = time.process_time()
        targets = embed_sentences(teacher, teacher_tokenizer, texts)
        middle = time.process_time()
        embeds = embed_sentences(student.model, student.tokenizer, texts, student.head)
        report[name] = {
            **agreement(embeds, targets),
            "sentences": len(texts),
            "teacher_per_second": round(len(texts) / (middle - start)),
            "student_per_second": round(len(texts) / (time.process_time() - middle)),
        }
    return report


def nearest_phrases(student, teacher, teacher_tokenizer):
    """Free text -> the class phrase that each tower finds nearest, among those of NTU RGB+D 120 and Penn Action."""
    phrases = sorted({text.phrase for name in ("ntu120", "penn_action") for text in class_texts(name).values()})
    towers = {
        "teacher": partial(embed_sentences, teacher, teacher_tokenizer),
        "student": partial(embed_sentences, student.model, student.tokenizer, head=student.head),
    }
    answers = {text: {} for text in FREE_TEXTS}
    for tower, embed in towers.items():
        queries, keys = (torch.nn.functional.normalize(embed(texts), dim=-1) for texts in (FREE_TEXTS, phrases))
        for text, column in zip(FREE_TEXTS, (queries @ keys.T).argmax(dim=1).tolist(), strict=True):
            answers[text][tower] = phrases[column]
    return answers


def zero_shot_with_each_tower(student, checkpoint, data_dir, parts):
    """Part -> tower -> top-1 and mean class accuracy by class phrases in the prompt templates."""
    processor = AutoProcessor.from_pretrained(checkpoint)
    model = TMorModel.from_pretrained(checkpoint).eval()
    towers = {
        "teacher": (model, processor.tokenizer),
        "student": (replace_text_tower(model, student.model, student.head), student.tokenizer),
    }
    report = {}
    for choice in parts:
        name, _, part = choice.partition(":")
        clips = load_benchmark(name, data_dir, part or None)
        embeds = embed_clips(model, processor.feature_extractor, clips, features="projected")
        report[choice] = {"clips": len(clips), "classes": len(clips.class_names)}
        for tower, (with_tower, tokenizer) in towers.items():
            classes = class_embeddings(partial(embed_texts, with_tower, tokenizer), clips.class_names)
            metrics = zero_shot_metrics(embeds, classes, np.array(clips.labels), clips.class_names)
            report[choice][tower] = {key: metrics[key] for key in ("top1", "mean_class")}
        print(choice, json.dumps(report[choice]))
    return report


@torch.no_grad()
def main(args):
    """All measurements, printed as they come."""
    student = load_student(args.student)
    path = get_minilm() if args.teacher == "minilm" else args.teacher
    teacher, teacher_tokenizer = AutoModel.from_pretrained(path).eval(), AutoTokenizer.from_pretrained(path)
    report = {
        "parameters": {
            name: sum(parameter.numel() for parameter in model.parameters())
            for name, model in (("student", student.model), ("teacher", teacher))
        },
        "sentences": compare_sentences(student, teacher, teacher_tokenizer, args.seed),
        "nearest": nearest_phrases(student, teacher, teacher_tokenizer),
    }
    print(json.dumps(report["sentences"]))
    for text, answer in report["nearest"].items():
        print(f"{text:36} teacher: {answer['teacher']:36} student: {answer['student']}")
    if args.checkpoint:
        report["zero_shot"] = zero_shot_with_each_tower(student, args.checkpoint, args.data_dir, args.parts)
    return report


if __name__ == "__main__":
    print(json.dumps(main(get_arguments())))
