"""A reader that queries without a pause: `python -m tests.lake.reading SUBJECT` until its input ends.

Prints, as JSON, each answer that differs from the one before, and the errors met.
"""

from __future__ import annotations

import json
import sys
import threading
from uuid import UUID

from lake.storage.connection import reader, reading

QUESTIONS = (
    "select count(*), count(sealed), sum(x)::bigint from captures where subject = $subject",
    "select sum(events)::bigint, sum(events)::bigint, 10 * sum(events)::bigint from capture_rollup"
    " where subject = $subject",
)


class Reading:
    """Both questions in turn, until `done` is set; `answers` has one list per question."""

    def __init__(self, subject: UUID) -> None:
        self.subject = subject
        self.done = threading.Event()
        self.started = threading.Event()
        self.answers: tuple[list[tuple[int, ...]], ...] = ([], [])
        self.errors: list[str] = []

    def run(self) -> None:
        connection = reader()
        while not self.done.is_set():
            for question, answers in zip(QUESTIONS, self.answers, strict=True):
                try:
                    with reading():
                        [answer] = connection.execute(question, {"subject": self.subject}).fetchall()
                except Exception as error:
                    self.errors.append(f"{type(error).__name__}: {error}")
                    continue
                if not answers or answers[-1] != answer:
                    answers.append(answer)
            self.started.set()
        connection.close()


def main() -> None:
    reading = Reading(UUID(sys.argv[1]))
    thread = threading.Thread(target=reading.run)
    thread.start()
    reading.started.wait()
    print("reading", flush=True)
    sys.stdin.read()
    reading.done.set()
    thread.join()
    print(json.dumps({"answers": reading.answers, "errors": reading.errors}))


if __name__ == "__main__":
    main()
