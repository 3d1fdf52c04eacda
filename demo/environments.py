"""The environment of each demo process: what any program needs to run, the settings, and only the secrets it uses.
Someone who reads one process's memory or environment doesn't get the secrets of the others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

SYSTEM = re.compile(
    r"PATH|HOME|USER|LOGNAME|SHELL|TERM|COLUMNS|TZ|LANG|LANGUAGE|LC_\w+|TMPDIR|TEMP|TMP|VIRTUAL_ENV|PYTHON\w+"
    r"|LD_LIBRARY_PATH|SSL_CERT_FILE|SSL_CERT_DIR|XDG_\w+"
)
PROXIES = {"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy"}
"""They may contain a password, so only processes that call other machines get them."""

KEYS = {"OPENBOOK_MASTER_KEY", "OPENBOOK_MASTER_KEY_PREVIOUS", "OPENBOOK_KEY_SERVICE_PIN"}
"""What opens content keys."""
DATABASE = "OPENBOOK_DATABASE_URL"
SIGNING_KEY = "OPENBOOK_SIGNING_KEY"
CATALOG = "OPENBOOK_LAKE_CATALOG"
OBJECTS = "OPENBOOK_OBJECTS_SECRET"
BACKUPS = "OPENBOOK_BACKUP_SECRET"
OWN: Mapping[str, set[str]] = {
    "identity provider": set(),  # its secrets are files
    "governance API": {
        *KEYS,
        DATABASE,
        SIGNING_KEY,
        CATALOG,
        OBJECTS,
        "OPENBOOK_SERVICE_TOKENS",
        "OPENBOOK_INTROSPECTION_SECRET",
        *PROXIES,
    },
    "worker": {
        *KEYS,
        DATABASE,
        SIGNING_KEY,
        CATALOG,
        OBJECTS,
        BACKUPS,
        "OPENBOOK_MLFLOW_SERVERS",
        "OPENBOOK_MLFLOW_TOKEN",
        "OPENBOOK_MAIL_PASSWORD",
        "OPENBOOK_DIGEST_WEBHOOKS",
        *PROXIES,
    },
    "dashboard": {
        *KEYS,
        DATABASE,
        CATALOG,
        OBJECTS,
        "OPENBOOK_CLIENT_SECRET",
        "OPENBOOK_COOKIE_SECRET",
        "OPENBOOK_COOKIE_SECRET_PREVIOUS",
    },
}
"""Process -> variables that only it and the other processes listed with them get."""

SECRETS = frozenset[str]().union(*OWN.values())


def environment_of(process: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The part of an environment that a process gets; a process not in OWN gets no secret."""
    own = OWN.get(process, set())
    return {name: value for name, value in environment.items() if name in own or _is_for_all(name)}


def _is_for_all(name: str) -> bool:
    is_setting = name.startswith(("OPENBOOK_", "STREAMLIT_"))
    return name not in SECRETS and (is_setting or SYSTEM.fullmatch(name) is not None)
