# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""A small word tokenizer for text towers that are trained from scratch."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Iterable

from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing
from transformers import PreTrainedTokenizerFast

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_ENDINGS = ("s", "es", "ed", "d", "ing", "er", "ers", "ly", "ward", "wards", "ness")


def build_tokenizer(
    texts: Iterable[str], vocab_size: int = 4096, max_length: int = 64, more: Iterable[str] = ()
) -> PreTrainedTokenizerFast:
    """A lower-casing BERT-type tokenizer whose vocabulary are the words of the texts; a pure function of them.

    Words that are not in the vocabulary fall into known beginnings and endings ("shove" + "##d"), at worst into
    letters, so that no text is unknown altogether.

    Args:
        texts: The texts to take words from.
        vocab_size: Largest size of the vocabulary; the rarest words go first.
        max_length: Tokens to which texts are cut.
        more: Words and word parts (such as "##tion") that fill the places that the texts leave, the first ones first.

    Raises:
        ValueError: If the vocabulary has no place for letters and word endings.
    """
    letters = string.ascii_lowercase + string.digits + string.punctuation
    pieces = [*_SPECIAL, *letters, *(f"##{letter}" for letter in letters), *(f"##{ending}" for ending in _ENDINGS)]
    pieces = list(dict.fromkeys(pieces))
    if vocab_size < len(pieces):
        raise ValueError(f"expected a vocab_size of at least {len(pieces)}, got {vocab_size}")
    normalizer, splitter = BertNormalizer(lowercase=True), BertPreTokenizer()
    counts = Counter(word for text in texts for word, _ in splitter.pre_tokenize_str(normalizer.normalize_str(text)))
    words = sorted(counts, key=lambda word: (-counts[word], word))
    vocabulary = list(dict.fromkeys([*pieces, *words, *more]))[:vocab_size]
    index = {piece: number for number, piece in enumerate(vocabulary)}
    tokenizer = Tokenizer(WordPiece(index, unk_token="[UNK]"))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = splitter
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(token, index[token]) for token in ("[CLS]", "[SEP]")],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=max_length,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_input_names=["input_ids", "attention_mask"],
    )


__all__ = ["build_tokenizer"]
