"""What a worker does besides requests, in its own threads: nothing waits for it, and failures never stop the worker.

`repeated` runs a part again and again while the worker lives; a `Pass` is started in each of the worker's rounds and
may take longer than one. The next run does what a killed worker left undone.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from filelock import Timeout

from governance.db.database import lock
from governance.logs import log_unexpected
from home import HomeUnavailable
from parts import PartUnavailable

logger = logging.getLogger("governance")

PATIENCE_SECONDS = 30.0


@contextmanager
def repeated(name: str, part: Callable[[], object], every: float, *, first_after: float = 0.0) -> Iterator[None]:
    """Run `part` at this interval in seconds, for as long as the block runs.

    At the end of the block, a running part has half a minute; then it ends with the process.
    """
    stop = threading.Event()

    def until_stopped() -> None:
        stop.wait(first_after)
        while not stop.is_set():
            try:
                part()
            except (PartUnavailable, HomeUnavailable) as error:
                logger.warning("%s: %s Retrying.", name, error)
            except Exception as error:
                log_unexpected(error)
            stop.wait(every)

    thread = threading.Thread(target=until_stopped, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE_SECONDS)


class Pass:
    """Work over everything that is due: one pass at a time, in one worker at a time."""

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        self._name = name
        self._work = work
        self._going_on = threading.Lock()

    def begin(self) -> None:
        """Start a pass, unless one is running; doesn't wait for it."""
        if self._going_on.acquire(blocking=False):
            try:
                threading.Thread(target=self._to_its_end, name=self._name, daemon=True).start()
            except BaseException:
                self._going_on.release()
                raise

    def make(self) -> None:
        """One pass, synchronously; does nothing if another worker is running one."""
        try:
            with self.held(0):
                self._work()
        except Timeout:
            return

    @contextmanager
    def held(self, seconds: float) -> Iterator[None]:
        """No worker makes a pass meanwhile. Raises filelock.Timeout if one doesn't end in time."""
        with lock(f"{self._name}-pass", timeout=seconds):
            yield

    def _to_its_end(self) -> None:
        try:
            self.make()
        except HomeUnavailable as error:
            logger.warning("%s: %s Retrying.", self._name, error)
        except Exception as error:
            log_unexpected(error)
        finally:
            self._going_on.release()
