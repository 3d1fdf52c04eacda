"""Reading an MLflow tracking server over its REST API: all pages, including deleted runs; nothing is written.

    MlflowUnavailable   it can't be reached, refuses us, or doesn't answer like MLflow; the message says which

Credentials come from the URL in `OPENBOOK_MLFLOW_SERVERS` (`https://user:password@host`) or the bearer token in
`OPENBOOK_MLFLOW_TOKEN`. They never appear in an error, a log, the database or a list of processes.
"""

from __future__ import annotations

import base64
import json
import urllib.parse
from collections.abc import Iterator, Sequence
from typing import Any

import outgoing
from errors import OpenBookError
from settings import settings

TIMEOUT_SECONDS = 30
LONGEST_ANSWER_SECONDS = 300
LARGEST_ANSWER = 64 * 1024 * 1024
RUNS_A_PAGE = 200
OTHERS_A_PAGE = 1000
EXPERIMENTS_A_QUESTION = 100

Json = dict[str, Any]


class MlflowUnavailable(OpenBookError):
    """The server could not be read; the message says why. What was read before is saved."""


class MlflowServer:
    """`url` has no credentials, so it may be shown."""

    def __init__(self, url: str) -> None:
        """Raises ValueError for anything but an http(s) URL."""
        parts = urllib.parse.urlsplit(url.strip())
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("Name an MLflow server by its http or https URL, such as https://mlflow.example.com.")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        self.url = f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}{parts.path.rstrip('/')}"
        self._headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if parts.username is not None:
            pair = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
            self._headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        elif token := settings().mlflow_token:
            self._headers["Authorization"] = f"Bearer {token}"

    def experiments(self) -> list[Json]:
        question = {"view_type": "ALL", "max_results": OTHERS_A_PAGE}
        return list(self._pages("POST", "experiments/search", question, "experiments"))

    def runs(self, experiments: Sequence[str], condition: str = "") -> Iterator[Json]:
        """The runs of experiments, including deleted ones, that match a condition in MLflow's syntax."""
        for start in range(0, len(experiments), EXPERIMENTS_A_QUESTION):
            question = {
                "experiment_ids": list(experiments[start : start + EXPERIMENTS_A_QUESTION]),
                "filter": condition,
                "run_view_type": "ALL",
                "max_results": RUNS_A_PAGE,
            }
            yield from self._pages("POST", "runs/search", question, "runs")

    def run(self, run_id: str) -> Json:
        """One run in full: a search leaves out the logged models that it read."""
        run = self._call("GET", "runs/get", {"run_id": run_id}).get("run")
        if not isinstance(run, dict):
            raise self._unlike_mlflow()
        return run

    def registered_models(self) -> Iterator[Json]:
        return self._pages("GET", "registered-models/search", {"max_results": OTHERS_A_PAGE}, "registered_models")

    def model_versions(self) -> Iterator[Json]:
        return self._pages("GET", "model-versions/search", {"max_results": OTHERS_A_PAGE}, "model_versions")

    def _pages(self, method: str, path: str, question: Json, name: str) -> Iterator[Json]:
        seen: set[str] = set()
        token = ""
        while token not in seen:
            seen.add(token)
            answer = self._call(method, path, {**question, "page_token": token} if token else question)
            found = answer.get(name, [])
            if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
                raise self._unlike_mlflow()
            yield from found
            token = answer.get("next_page_token") or ""
            if not token:
                return
        raise self._unlike_mlflow()

    def _call(self, method: str, path: str, question: Json) -> Json:
        url = f"{self.url}/api/2.0/mlflow/{path}"
        data = json.dumps(question).encode() if method == "POST" else None
        if method == "GET":
            url += "?" + urllib.parse.urlencode(question)
        try:
            with outgoing.call(
                method, url, self._headers, data,
                largest=LARGEST_ANSWER, silence=TIMEOUT_SECONDS, seconds=LONGEST_ANSWER_SECONDS,
            ) as response:  # fmt: skip
                if response.status != 200:
                    raise MlflowUnavailable(_refused(self.url, response.status))
                body = response.read()
        except outgoing.TooLong:
            raise MlflowUnavailable(f"The MLflow server {self.url} gave an answer of more than 64 MiB.") from None
        except outgoing.CallFailed as error:
            raise MlflowUnavailable(f"The MLflow server {self.url} {error}.") from None
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            raise self._unlike_mlflow() from None
        if not isinstance(answer, dict):
            raise self._unlike_mlflow()
        return answer

    def _unlike_mlflow(self) -> MlflowUnavailable:
        return MlflowUnavailable(f"{self.url} does not answer like an MLflow tracking server. Is it one?")


def _refused(url: str, status: int) -> str:
    match status:
        case 401 | 403:
            return (
                f"The MLflow server {url} refuses access ({status}). Put user and password into its URL in "
                "OPENBOOK_MLFLOW_SERVERS, or set OPENBOOK_MLFLOW_TOKEN; a 403 may also mean that it does not expect "
                "this host name."
            )
        case 404:
            return f"There is no MLflow REST API at {url} (404). Is it the URL of the tracking server?"
        case _ if 300 <= status < 400:
            return f"The MLflow server {url} redirects ({status}). Use the URL that it redirects to."
    return f"The MLflow server {url} answered {status}."
