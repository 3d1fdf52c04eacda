"""Linear algebra of small matrices on one thread.

OpenBLAS, which NumPy and SciPy bring, would share each out among all processors, and on a busy machine wait longer for
them than the work takes. There is no switch for that but the library's own.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

EXTENSIONS = ("numpy._core._multiarray_umath", "scipy.linalg._fblas")
NAMES = (
    ("scipy_openblas_get_num_threads", "scipy_openblas_set_num_threads"),
    ("scipy_openblas_get_num_threads64_", "scipy_openblas_set_num_threads64_"),
)


@contextmanager
def one_thread() -> Iterator[None]:
    """As long as the block runs; where another library is used, nothing changes."""
    before = []
    for extension in EXTENSIONS:
        library = ctypes.CDLL(import_module(extension).__file__)
        for asked, put in NAMES:
            if hasattr(library, asked) and hasattr(library, put):
                before.append((getattr(library, put), getattr(library, asked)()))
                getattr(library, put)(1)
    try:
        yield
    finally:
        for put_back, threads in before:
            put_back(threads)
