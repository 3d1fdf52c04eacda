"""Reads the text on a picture: rapidocr's PP-OCR models on onnxruntime, which come in its package.

Nothing is downloaded: the models are named by path. They are loaded at the first picture and stay loaded; a picture
then takes seconds and some 700 MB of memory (docs/benchmarks.md).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from PIL import Image

from lake.pictures.decoding import LONGEST_SIDE, PictureRefused

DETECTION = "PP-OCRv6_det_small.onnx"
RECOGNITION = "PP-OCRv6_rec_small.onnx"
MOST_LINES = 1_500
"""More text than any screen has: reading it would take minutes."""

Box = tuple[int, int, int, int]
"""Left, top, right, bottom, in pixels; right and bottom are outside."""

_one_at_a_time = Lock()


@dataclass(frozen=True)
class Word:
    """A word at `start` to `end` (exclusive) of its line's text."""

    start: int
    end: int
    box: Box


@dataclass(frozen=True)
class Line:
    """A line as read. `words`: where its words are; empty if that isn't known. `score`: 0 to 1."""

    text: str
    box: Box
    score: float
    words: tuple[Word, ...] = ()


def read_lines(image: Image.Image) -> list[Line]:
    """Every place with text, read or not. Raises PictureRefused."""
    try:
        with _one_at_a_time:
            found = _engine()(np.ascontiguousarray(np.asarray(image)[:, :, ::-1]))
    except Exception as error:  # of onnxruntime, OpenCV or the library: nothing of it may be stored
        raise PictureRefused("the text on the picture can't be read") from error
    if found.boxes is None:
        return []
    if len(found.boxes) > MOST_LINES:
        raise PictureRefused("the picture has more text than can be read")
    words = found.word_results if len(found.word_results or ()) == len(found.boxes) else [()] * len(found.boxes)
    return [
        Line(text, _around(box), float(score), _words(text, of_line))
        for text, box, score, of_line in zip(found.txts, found.boxes, found.scores, words, strict=True)
    ]


@lru_cache(maxsize=1)
def _engine() -> Any:
    from rapidocr import RapidOCR

    logging.getLogger("RapidOCR").addFilter(lambda _: False)
    spec = find_spec("rapidocr")
    assert spec is not None
    assert spec.origin is not None
    models = Path(spec.origin).parent / "models"
    return RapidOCR(
        params={
            "Global.use_cls": False,
            "Global.text_score": 0.0,
            "Global.max_side_len": LONGEST_SIDE,
            "Global.log_level": "critical",
            "Global.return_word_box": True,
            "Det.model_path": str(models / DETECTION),
            "Det.max_candidates": MOST_LINES + 500,
            "Rec.model_path": str(models / RECOGNITION),
            "Rec.rec_batch_num": 1,
        }
    )


def _words(text: str, of_line: Any) -> tuple[Word, ...]:
    """The words in the line's text; none if they don't add up to it."""
    words: list[Word] = []
    at = 0
    for part, _, box in of_line:
        start = text.find(part, at)
        if start < 0 or text[at:start].strip():
            return ()
        at = start + len(part)
        words.append(Word(start, at, _around(box)))
    return () if text[at:].strip() else tuple(words)


def _around(corners: Any) -> Box:
    xs, ys = [float(x) for x, _ in corners], [float(y) for _, y in corners]
    return int(min(xs)), int(min(ys)), int(max(xs)) + 1, int(max(ys)) + 1
