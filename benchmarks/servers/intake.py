"""`python -m benchmarks.servers.intake`: records of many people, sent by many senders at once to a real API, until a
real worker has stored the last of them.

Each sender has a token of its own and posts bodies of JSON Lines with gzip, one after the other; a body has records of
fifty people. It obeys Retry-After, and sends every twentieth body twice, as a sender does that got no answer. The
bodies are made before the clock starts. The lake must have each record exactly once.

The senders run in this process, on the same machine. The home is in a temporary folder and deleted afterwards.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from benchmarks.company import fill_directory
from benchmarks.servers.processes import memory, processor_seconds, running, serving
from governance.api import service_tokens
from governance.api.service_tokens import Scope
from governance.db.database import reading
from governance.intake.tables import STORED, IntakeBatchRow
from governance.operations import first_start
from lake.rules.policies import apply_policies
from lake.storage.connection import reader, writer
from settings import settings
from tests.support.issuer import serving_issuer
from tests.support.lake import POLICY

PEOPLE = 200
PEOPLE_EACH = 50
"""Of whom a body has records."""
SENT_TWICE = 20
"""One in so many bodies."""
LOOK_SECONDS = 0.5
GIVE_UP_SECONDS = 3600.0
TEXTS = (
    "Total of the third quarter", "Could you call the customer back?", "Der Bericht ist fertig", "invoice {n}, page 2",
    "write to person{n}@example.com", "=SUM(B2:B{n})", "Merci, à demain", "meeting at 14:30 in room {n}",
)  # fmt: skip


@dataclass
class Sent:
    """What one sender saw."""

    seconds: list[float] = field(default_factory=list)
    """Of each POST that was accepted, from its first byte until the answer."""
    answers: Counter[str] = field(default_factory=Counter)
    """By status, and what was wrong."""
    done_at: float = 0.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.servers.intake", description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000, help="in all (default: %(default)s)")
    parser.add_argument("--senders", type=int, default=20, help="at once (default: %(default)s)")
    parser.add_argument("--body", type=int, default=2_500, help="records of a body (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=1, help="processes that store (default: %(default)s)")
    arguments = parser.parse_args()
    sizes = [min(arguments.body, arguments.records - at) for at in range(0, arguments.records, arguments.body)]
    bodies = [_body(number, size) for number, size in enumerate(sizes)]
    of_senders = [bodies[number :: arguments.senders] for number in range(arguments.senders)]
    with tempfile.TemporaryDirectory(prefix="open-book-intake-") as folder:
        os.environ["OPENBOOK_HOME"] = str(Path(folder) / "home")
        first_start.init()
        fill_directory(PEOPLE, Path(folder) / "directory.csv")
        with writer() as connection:
            apply_policies(connection, [replace(POLICY, safeguards=["mask", "drop_passwords"])])
        return _measure(of_senders, arguments.records, arguments.workers)


def _measure(of_senders: Sequence[Sequence[tuple[str, bytes]]], records: int, workers: int) -> int:
    made = [service_tokens.make(f"recorder-{number}", [Scope.CAPTURES_WRITE]) for number in range(len(of_senders))]
    bodies = sum(map(len, of_senders))
    with serving_issuer() as issuer, ExitStack() as processes:
        environment = {"OPENBOOK_ISSUER": issuer.url, "OPENBOOK_SERVICE_TOKENS": ",".join(line for _, line in made)}
        port, api = processes.enter_context(serving(["-m", "governance", "serve"], environment))
        storing = [processes.enter_context(running(["-m", "governance", "work"], environment)) for _ in range(workers)]
        pool = processes.enter_context(ThreadPoolExecutor(len(of_senders)))
        started = time.monotonic()
        sending = [pool.submit(_send, port, token, mine) for (token, _), mine in zip(made, of_senders, strict=True)]
        sent = [one.result() for one in sending]
        _wait_for(bodies)
        stored_after = time.monotonic() - started
        used = {"API": [api.pid], "workers": [worker.pid for worker in storing]}
        table = Table("what", f"{records:,} records by {len(of_senders)} senders")
        _report(table, sent, started, stored_after, records)
        for name, ids in used.items():
            table.add_row(
                f"{name}: memory at most, processor time",
                f"{max(memory('VmHWM', one) for one in ids):,.0f} MB, {sum(map(processor_seconds, ids)):,.0f} s",
            )
    in_lake, different, files = _lake()
    table.add_row("files of the lake", f"{files:,}")
    table.add_row("load of the machine (1 and 5 minutes)", "{:.1f}, {:.1f}".format(*os.getloadavg()[:2]))
    Console().print(table)
    exact = in_lake == different == _counted() == records
    print(f"{in_lake:,} records in the lake, {different:,} different ones, of {records:,} that were sent.")
    return int(not exact)


def _report(table: Table, sent: Sequence[Sent], started: float, stored_after: float, records: int) -> None:
    times = sorted(second for one in sent for second in one.seconds)
    answers = sum((one.answers for one in sent), Counter[str]())
    accepted_after = max(one.done_at for one in sent) - started
    table.add_row("accepted", f"after {accepted_after:,.0f} s: {records / accepted_after:,.0f} records a second")
    table.add_row("stored", f"after {stored_after:,.0f} s: {records / stored_after:,.0f} records a second")
    for part in (50, 95, 99):
        table.add_row(f"a POST, {part}th percentile", f"{times[len(times) * part // 100] * 1000:,.0f} ms")
    table.add_row("answers", "\n".join(f"{number:,} x {said}" for said, number in sorted(answers.items())))


def _body(number: int, records: int) -> tuple[str, bytes]:
    """The `Idempotency-Key`, and what is posted."""
    return f"benchmark-body-{number:08}", gzip.compress(lines_of(number, records), 6)


def lines_of(number: int, records: int) -> bytes:
    """The body with this number, as JSON Lines: records of `PEOPLE_EACH` of `PEOPLE`."""
    made = random.Random(number)  # noqa: S311 (made-up records)
    people = made.sample(range(PEOPLE), PEOPLE_EACH)
    lines = (json.dumps(_record(made, number, place, people[place % PEOPLE_EACH])) for place in range(records))
    return "\n".join(lines).encode()


def _record(made: random.Random, body: int, place: int, person: int) -> dict[str, object]:
    minutes, second = divmod(body * 60 + place // PEOPLE_EACH, 60)
    day, minute = divmod(minutes, 480)
    content = {"title": "Budget.xlsx", "element": "Cell"}
    signal = ("form_edit", "mouse_click", "window_focus", "navigation")[place // PEOPLE_EACH % 4]
    if signal == "form_edit":
        content["text"] = made.choice(TEXTS).format(n=made.randint(1, 9_999))
    elif signal == "navigation":
        content["url"] = f"https://intranet.example.com/orders/{made.randint(1, 99_999)}?page=2"
    return {
        "email": f"person{person}@example.com",
        "time": f"2026-03-{1 + day % 28:02}T{8 + minute // 60:02}:{minute % 60:02}:{second:02}Z",
        "signal": signal,
        "application": "Excel" if signal != "navigation" else "Chrome",
        "session": f"{day}",
        "content": content,
        "x": made.randint(0, 1919),
        "y": made.randint(0, 1079),
        "id": f"{body}-{place}",
    }


def _send(port: int, token: str, bodies: Sequence[tuple[str, bytes]]) -> Sent:
    sent = Sent()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=200)
    for number, (key, body) in enumerate(bodies):
        for _ in range(2 if number % SENT_TWICE == 0 else 1):
            _post(connection, token, key, body, sent)
    connection.close()
    sent.done_at = time.monotonic()
    return sent


def _post(connection: http.client.HTTPConnection, token: str, key: str, body: bytes, sent: Sent) -> None:
    headers = {
        "Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson", "Content-Encoding": "gzip",
        "Idempotency-Key": key,
    }  # fmt: skip
    while True:
        began = time.monotonic()
        connection.request("POST", "/v1/captures", body, headers)
        answer = connection.getresponse()
        said = answer.read()
        if answer.status == 202:
            sent.answers["202"] += 1
            sent.seconds.append(time.monotonic() - began)
            return
        sent.answers[f"{answer.status} {json.loads(said).get('detail')}"] += 1
        if answer.status not in (429, 503):
            raise AssertionError(f"{answer.status}: {said[:500]!r}")
        time.sleep(int(answer.headers["Retry-After"]))


def _wait_for(bodies: int) -> None:
    """Until all of them are stored."""
    give_up_at = time.monotonic() + GIVE_UP_SECONDS
    is_stored = IntakeBatchRow.state == STORED
    while time.monotonic() < give_up_at:
        with reading() as session:
            if session.scalar(select(func.count()).select_from(IntakeBatchRow).where(is_stored)) == bodies:
                return
        time.sleep(LOOK_SECONDS)
    raise AssertionError("Not everything was stored.")


def _counted() -> int:
    """How many the batches say were stored."""
    with reading() as session:
        return sum(counts.get("stored", 0) for counts in session.scalars(select(IntakeBatchRow.counts)))


def _lake() -> tuple[int, int, int]:
    """Records of the lake, different ones, and the files that they are in."""
    connection = reader()
    try:
        found = connection.execute("select count(*), count(distinct capture_id) from captures").fetchall()
    finally:
        connection.close()
    files = sum(1 for _ in settings().home.rglob("*.parquet"))
    return *found[0], files


if __name__ == "__main__":
    sys.exit(main())
