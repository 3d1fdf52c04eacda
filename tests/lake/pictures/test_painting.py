from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image
from PIL.Image import Resampling

from lake.pictures import reading
from lake.pictures.decoding import PictureRefused
from lake.pictures.painting import SafePicture, made_safe
from lake.pictures.reading import TILE, read_lines
from lake.pictures.sizes import thumbnail
from lake.safeguards.patterns import find
from tests.support.screens import FONTS, encoded, screen

PLANTED = [
    "Paid with card 4111 1111 1111 1111 today",
    "Write to ada.lovelace@example.com before noon",
    "Call her at +44 20 7946 0958 about it",
    "Password: Tr0ub4dor&3x",
    "IBAN DE89 3704 0044 0532 0130 00 of the firm",
    "PIN\tHunter2!x",
]
SECRET = ["4111", "1111", "lovelace", "example.com", "7946", "0958", "Tr0ub4", "3704", "0532", "Hunter2"]
ORDINARY = [
    "Quarterly report of the northern region",
    "Meeting notes and open questions",
    "Order 20418 was shipped on 12 March 2026",
    "Save as draft",
]


def safe(image: Image.Image, kind: str = "PNG") -> SafePicture:
    return made_safe(encoded(image, kind), [], find)


def text_on(picture: SafePicture) -> str:
    return "\n".join(line.text for line in read_lines(Image.open(io.BytesIO(picture.data))))


def plain(text: str) -> str:
    """Without what OCR reads one way or the other."""
    return text.replace(" ", "").replace("rn", "m")


@pytest.mark.parametrize("font", FONTS)
@pytest.mark.parametrize(("size", "dark"), [(12, False), (15, True)])
def test_nothing_planted_is_readable(font: str, size: int, dark: bool) -> None:
    picture = safe(screen([*ORDINARY, *PLANTED], size=size, dark=dark, font=font))
    text = text_on(picture)
    assert [secret for secret in SECRET if secret in text] == []
    assert [line for line in ORDINARY if plain(line) not in plain(text)] == []
    assert {"email_address", "phone_number", "password", "iban"} <= picture.redactions.keys()


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_other_formats_are_painted_too(kind: str) -> None:
    text = text_on(safe(screen([*ORDINARY, *PLANTED]), kind))
    assert [secret for secret in SECRET if secret in text] == []
    assert "Quarterly report" in text


def test_a_value_below_its_label_is_hidden() -> None:
    picture = safe(screen(["Sign in", "Password", "correct-horse-battery", "Remember me on this device"]))
    assert "horse" not in text_on(picture)
    assert "Remember me" in text_on(picture)


def test_a_column_of_a_table_is_hidden_below_its_head() -> None:
    rows = [
        "User\tPassword\tRole",
        "ada\tcorrect-horse\tadmin",
        "bob\tbattery-staple\teditor",
        "eve\tvelvet-mango\treader",
    ]
    text = text_on(safe(screen(["Accounts of the wiki", "", *rows, "", "Last changed in March"])))
    assert [part for part in ("horse", "staple", "mango") if part in text] == []
    assert [part for part in ("editor", "Last changed") if part not in text] == []


def test_small_text_on_a_large_screen_is_hidden() -> None:
    large = Image.new("RGB", (7680, 2160), "white")
    planted = screen([*ORDINARY, *PLANTED], size=20)
    places = [(20, 20), (TILE - 200, 900), (7680 - planted.width, 2160 - planted.height)]
    for place in places:
        large.paste(planted, place)
    picture = safe(large)
    assert (picture.width, picture.height) == (2560, 720)
    stored = Image.open(io.BytesIO(picture.data))
    for left, top in places:
        box = left // 3, top // 3, (left + planted.width) // 3 + 1, (top + planted.height) // 3 + 1
        part = stored.crop(box)
        text = " ".join(
            line.text for line in read_lines(part.resize((part.width * 3, part.height * 3), Resampling.BICUBIC))
        )
        assert [secret for secret in SECRET if secret in text] == []
    assert picture.redactions["iban"] == len(places)


def test_a_value_that_goes_on_below_is_hidden() -> None:
    key = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"
    text = text_on(safe(screen([f"token {key[:22]}", key[22:], "", "That was all"])))
    assert key[:22] not in text
    assert key[24:] not in text
    assert "That was all" in text


def test_windows_of_refused_applications_are_painted() -> None:
    picture = made_safe(encoded(screen(["Allowed words", "", "Refused words"])), [(0, 70, 900, 120)], find)
    text = text_on(picture)
    assert "Refused" not in text
    assert "Allowed words" in text
    assert picture.redactions == {"window": 1}


def test_windows_are_painted_on_large_screens_too() -> None:
    large = screen(["Allowed words", "", "Refused words"], size=60, width=3840)
    text = text_on(made_safe(encoded(large), [(0, 250, 3840, 400)], find))
    assert "Refused" not in text
    assert "Allowed words" in text


def test_only_pixels_are_kept() -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret description"
    exif.get_ifd(0x8825)[1] = "N"
    data = encoded(screen(["Hello there"]), "JPEG", exif=exif, comment=b"secret comment")
    picture = made_safe(data, [], find)
    assert b"secret" in data
    assert b"secret" not in picture.data
    with Image.open(io.BytesIO(picture.data)) as image:
        assert (image.format, image.mode, image.size) == ("WEBP", "RGB", (picture.width, picture.height))
        assert not image.getexif()
        assert "icc_profile" not in image.info


def test_large_screens_are_scaled_down() -> None:
    picture = safe(screen(["One line", "Another"], size=60, width=5120))
    assert picture.width == 2560
    assert Image.open(io.BytesIO(thumbnail(picture.data, 320))).width == 320


def _animated() -> bytes:
    frames = [screen(["one"]), screen(["two"])]
    return encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:])


def _bomb() -> bytes:
    return encoded(Image.new("1", (30_000, 30_000)))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: b"GIF89a not one of ours", "must be PNG, JPEG or WebP"),
        (lambda: encoded(screen(["cut"]))[:400], "must be PNG, JPEG or WebP"),
        (lambda: b"\x89PNG" + bytes(17 << 20), "more than 16 MB"),
        (_bomb, "more than 40 million pixels"),
        (_animated, "is animated"),
        (lambda: encoded(Image.new("RGB", (2000, 20))), "too narrow"),
        (lambda: encoded(Image.new("RGB", (8, 8))), "smaller than 16 pixels"),
        (lambda: encoded(screen(["x"]), "BMP"), "must be PNG, JPEG or WebP"),
    ],
    ids=["GIF", "cut off", "large file", "bomb", "animated", "narrow", "tiny", "BMP"],
)
def test_what_is_no_screenshot_is_refused(make: Callable[[], bytes], reason: str) -> None:
    with pytest.raises(PictureRefused, match=reason):
        made_safe(make(), [], find)


def test_a_picture_without_text_is_kept() -> None:
    assert safe(Image.new("RGB", (200, 100), "#3366aa")).redactions == {}


def test_what_cannot_be_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> object:
        raise RuntimeError("no model")

    monkeypatch.setattr(reading, "_engine", broken)
    with pytest.raises(PictureRefused, match="can't be read"):
        safe(screen(["Hello"]))
