"""From the DataFrames of `queries` to answers."""

from __future__ import annotations

from typing import Any, TypeVar

import pandas as pd
from pydantic import BaseModel

Model = TypeVar("Model", bound=BaseModel)


def rows(frame: pd.DataFrame, model: type[Model]) -> list[Model]:
    """One answer per row; columns that the answer doesn't have are dropped, missing values are null."""
    wanted = [column for column in frame.columns if column in model.model_fields]
    return [
        model.model_validate({name: plain(value) for name, value in zip(wanted, row, strict=True)})
        for row in frame[wanted].itertuples(index=False, name=None)
    ]


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as mappings of Python values, missing ones None."""
    return [{str(name): plain(value) for name, value in row.items()} for row in frame.to_dict(orient="records")]


def plain(value: Any) -> Any:
    """The Python value of a cell: no NaN, no NaT, no numpy."""
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    if hasattr(value, "tolist"):
        return value.tolist()
    return None if not isinstance(value, list) and pd.isna(value) else value
