# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What a caption says about left and right, for clips that are mirrored."""

from __future__ import annotations

import re

_SIDE_WORD = re.compile(
    r"(?<![a-z])(?P<side>left|right)(?=(?:wards?|most|y|ies|[- ]?hand(?:ed|er|ers)?|[- ]?foot(?:ed|er)?)?(?![a-z]))"
    r"|(?<![a-z])(?P<turn>(?:(?:counter|anti)[- ]?)?clockwise)(?![a-z])",
    re.IGNORECASE,
)
# "right" as an adverb, and "left" as a verb, name no side.
_NO_SIDE_AFTER = re.compile(r"right\s+(?:away|now|after|before|angles?|there|here)(?![a-z])", re.IGNORECASE)
_NO_SIDE_BEFORE = re.compile(r"(?<![a-z])(?:all|has|have|had|he|she|they|person)\s+$", re.IGNORECASE)


def mirror_caption(text: str) -> str:
    """Swaps left and right in a caption, for a clip that was mirrored.

    "waves the left hand" becomes "waves the right hand"; so do "left-handed", "leftwards", names such as
    ``kick_left_foot``, and clockwise with counterclockwise. "right away", "upright", "she left" and the like stay. The
    rules look at one neighbour only: English has sentences in which they err.
    """

    def swap(match: re.Match[str]) -> str:
        word = match.group()
        if _NO_SIDE_AFTER.match(text, match.start()) or _NO_SIDE_BEFORE.search(text[: match.start()]):
            return word
        if match["side"]:
            other = "right" if word.lower() == "left" else "left"
        else:
            other = "counterclockwise" if word.lower() == "clockwise" else "clockwise"
        return other.upper() if word.isupper() else other.capitalize() if word[0].isupper() else other

    return _SIDE_WORD.sub(swap, text)


__all__ = ["mirror_caption"]
