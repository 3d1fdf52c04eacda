"""`python -m languages`: brings the files of translations up to date with the texts in the code."""

from __future__ import annotations

from languages import DEFAULT, NAMES, catalogs


def main() -> None:
    for code in NAMES:
        if code != DEFAULT:
            texts, missing = catalogs.update(code)
            print(f"{code}: {texts} texts, {missing} without a translation")


if __name__ == "__main__":
    main()
