"""Reads the text on a picture: rapidocr's PP-OCR models on onnxruntime, which come in its package.

Nothing is downloaded: the models are named by path. They are loaded at the first picture and stay loaded; a picture
then takes seconds and some 700 MB of memory (docs/benchmarks.md). A larger one than `TILE` is read in parts of that
size, because scaled down its small text could be read by people and not by OCR. The parts overlap: what the edge of one
cuts is whole in the next.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from PIL import Image

from lake.pictures.decoding import PictureRefused

DETECTION = "PP-OCRv6_det_small.onnx"
RECOGNITION = "PP-OCRv6_rec_small.onnx"
MOST_LINES = 1_500
"""Of a part. More text than any screen has: reading it would take minutes."""
TILE, OVERLAP_X, OVERLAP_Y = 2560, 640, 96
SAME = 0.8
"""So much of a line's place is in that of another: both are the same text, which two parts have."""

Box = tuple[int, int, int, int]
"""Left, top, right, bottom, in pixels; right and bottom are outside."""

_one_at_a_time = Lock()


@dataclass(frozen=True)
class Word:
    """A word at `start` to `end` (exclusive) of its line's text."""

    start: int
    end: int
    box: Box

    def moved(self, x: int, y: int) -> Word:
        return replace(self, box=_moved(self.box, x, y))


@dataclass(frozen=True)
class Line:
    """A line as read. `words`: where its words are; empty if that isn't known. `score`: 0 to 1."""

    text: str
    box: Box
    score: float
    words: tuple[Word, ...] = ()

    def moved(self, x: int, y: int) -> Line:
        return replace(self, box=_moved(self.box, x, y), words=tuple(word.moved(x, y) for word in self.words))


def read_lines(image: Image.Image) -> list[Line]:
    """Every place with text, read or not. Raises PictureRefused."""
    found: list[Line] = []
    for top in _starts(image.height, OVERLAP_Y):
        for left in _starts(image.width, OVERLAP_X):
            part = image.crop((left, top, min(left + TILE, image.width), min(top + TILE, image.height)))
            found = _merged(found, [line.moved(left, top) for line in _read_part(part)])
    return found


def _starts(length: int, overlap: int) -> range:
    return range(0, max(1, length - overlap), TILE - overlap)


def _merged(known: list[Line], new: list[Line]) -> list[Line]:
    """Without the pieces of what is whole in the other, or the same."""
    new = [line for line in new if not any(_is_within(line.box, other.box) for other in known)]
    return [line for line in known if not any(_is_within(line.box, other.box) for other in new)] + new


def _is_within(box: Box, other: Box) -> bool:
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    return width > 0 and height > 0 and width * height >= SAME * (box[2] - box[0]) * (box[3] - box[1])


def _read_part(image: Image.Image) -> list[Line]:
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
            "Global.max_side_len": TILE,
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


def _moved(box: Box, x: int, y: int) -> Box:
    return box[0] + x, box[1] + y, box[2] + x, box[3] + y


def _around(corners: Any) -> Box:
    xs, ys = [float(x) for x, _ in corners], [float(y) for _, y in corners]
    return int(min(xs)), int(min(ys)), int(max(xs)) + 1, int(max(ys)) + 1
