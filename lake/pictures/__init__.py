"""Screenshots: what may be stored of a picture.

    decoding   the file becomes plain pixels, within limits; nothing else of it is kept
    reading    the text on it, with the place of each word (OCR, by a model that comes with its package)
    finding    which of that text the safeguards would mask, and where it is
    painting   those places, and windows of refused applications, become plain rectangles

It fails closed: a picture that can't be decoded or read is refused with a reason, and text that was seen but not read
is painted over. Pictures are examined under every policy, whatever safeguards it names.
"""
