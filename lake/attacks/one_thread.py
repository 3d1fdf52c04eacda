"""Linear algebra of small matrices on one thread.

OpenBLAS, which NumPy and SciPy bring, would distribute each over all processors, and on a busy machine wait longer for
them than the work takes. Only the library itself can turn that off.
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
    """One thread while the block runs; no effect with another library."""
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
