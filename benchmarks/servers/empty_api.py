"""A FastAPI application with one route that answers nothing, and knows its caller as the API does."""

from __future__ import annotations

import logging
import sys

import uvicorn
from fastapi import FastAPI

from governance.api.authentication import Person
from governance.api.error_handlers import handle_errors
from settings import settings

app = FastAPI()
handle_errors(app)


@app.get("/empty")
def empty(_: Person) -> dict[str, bool]:
    return {}


if __name__ == "__main__":
    logging.disable()
    uvicorn.run(app, host="127.0.0.1", port=settings().api_port, log_config=None, access_log=False)
    sys.exit(0)
