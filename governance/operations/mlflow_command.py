"""`python -m governance mlflow URL` imports from an MLflow server (docs/lineage.md)."""

from __future__ import annotations

import argparse
from typing import Any

from command_line import Answer, Ended


def add_command(commands: Any) -> None:
    """Add `mlflow` to the subcommands of a parser; it sets `answer`."""
    parser = commands.add_parser("mlflow", help="import runs and models from an MLflow tracking server")
    parser.add_argument(
        "url", help="URL of the tracking server, such as https://mlflow.example.com; credentials only in the settings"
    )
    parser.add_argument(
        "--name", default="", help="prefix for the names of its models, if several servers use the same names"
    )
    parser.set_defaults(answer=_answer)


def _answer(arguments: argparse.Namespace) -> Answer:
    from governance.lineage.folding import fold  # these take a second to load, which other commands would spend
    from governance.lineage.mlflow_import import import_from, server_from_command_line
    from governance.lineage.mlflow_server import MlflowUnavailable
    from governance.lineage.quotas import QuotaUsed

    try:
        imported = import_from(server_from_command_line(arguments.url), arguments.name)
    except (MlflowUnavailable, QuotaUsed, ValueError) as error:
        raise Ended(f"{error} What was read before that is saved; run this again.", 1) from error
    while fold(patience=None):
        pass
    words = (
        f"{imported.runs} runs and {imported.model_versions} model versions were read; {imported.new} facts about "
        "them were new."
    )
    return Answer({"runs": imported.runs, "model_versions": imported.model_versions, "new": imported.new}, [words])
