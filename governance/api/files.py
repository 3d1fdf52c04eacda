"""Documents that people save, as files."""

from __future__ import annotations

import json
from typing import Any

from fastapi.responses import Response


def json_file(document: dict[str, Any], name: str) -> Response:
    """A document of the verifier as a file of this name."""
    return Response(
        json.dumps(document, indent=2, ensure_ascii=False),
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
