"""Every setting of Open Book, read from the environment (`OPENBOOK_*`); `docs/settings.md` lists them.

Everything may import this module; it imports nothing else of Open Book but `errors`, `key_settings` and
`setting_values`.
"""

from __future__ import annotations

import os
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import SettingsConfigDict

from errors import OpenBookError
from key_settings import KeySettings
from setting_values import (
    ACCESS_SYSTEM,
    ADDRESS,
    BUCKET,
    HOSTS,
    HTTP_URLS,
    LISTED,
    MLFLOW_SERVER,
    REQUEST_TYPE,
    SERVICE_TOKEN,
    URL,
    backup_place,
    days,
    listed,
    time_zone,
    weekly_hours,
)


def metadata_url(issuer: str) -> str:
    """Where an OpenID Connect issuer describes itself; the name of some ends with a slash."""
    return f"{issuer.rstrip('/')}/.well-known/openid-configuration"


class Settings(KeySettings):
    """The settings in force; build one with `settings()`, never at import time."""

    model_config = SettingsConfigDict(env_prefix="OPENBOOK_", frozen=True, hide_input_in_errors=True)

    home: Annotated[Path, AfterValidator(Path.absolute)] = Field(
        default=Path(".openbook"), validate_default=True, description="Folder that holds all state; absolute when read."
    )
    database_url: str = Field(
        default="", pattern=r"^(postgres(ql)?://[^\s]+)?$", description="PostgreSQL of the state; empty: files in home."
    )
    dashboard_port: int = Field(default=8501, description="Port of the dashboard.")
    dashboard_host: str = Field(default="localhost", description="Interface that the dashboard listens on.")
    api_port: int = Field(default=8601, description="Port of the governance API.")
    api_host: str = Field(default="localhost", description="Interface that the governance API listens on.")
    idp_port: int = Field(default=9400, description="Port of the demo's identity provider.")
    issuer: str = Field(default="", description="OIDC issuer URL; empty: the demo's identity provider.")
    client_id: str = Field(default="", description="OIDC client id of the dashboard; empty: the first audience.")
    client_secret: str = Field(default="", description="OIDC client secret of the dashboard.")
    scopes: str = Field(default="openid email profile", description="Scopes that the dashboard asks for at sign-in.")
    authorization_parameters: str = Field(
        default="",
        pattern=r"^([A-Za-z0-9_.-]+=[^&\s]*(&[A-Za-z0-9_.-]+=[^&\s]*)*)?$",
        description="Further parameters of the authorization request, as in a URL: `audience=https://open-book`.",
    )
    audience: str = Field(
        default="",
        pattern=LISTED,
        description="Comma-separated audiences of access tokens; empty: the client id, or `open-book`.",
    )
    token_issuer: str = Field(default="", description="`iss` of access tokens; empty: the issuer.")
    token_clients: str = Field(
        default="",
        pattern=LISTED,
        description="Comma-separated client ids whose access tokens are accepted; empty: any client's.",
    )
    introspection_url: str = Field(default="", pattern=URL, description="Where opaque access tokens are checked.")
    introspection_kind: Literal["rfc7662", "tokeninfo"] = Field(
        default="rfc7662", description="What answers there: RFC 7662, or Google's tokeninfo."
    )
    introspection_client_id: str = Field(default="", description="Client id for that; empty: the dashboard's.")
    introspection_secret: str = Field(default="", description="Client secret for that; empty: the dashboard's.")
    introspection_secret_file: str = Field(default="", description="File with that secret, instead.")
    step_up_minutes: int = Field(
        default=0,
        ge=0,
        le=24 * 60,
        description="Minutes for which a sign-in is enough for erasures and downloads of copies; 0: always.",
    )
    step_up_acr: str = Field(
        default="",
        pattern=r"^([^\s,\"\\]+(,[^\s,\"\\]+)*)?$",
        description="Comma-separated `acr` values, of which these need one; empty: any.",
    )
    cookie_secret: str = Field(default="", description="Secret that signs the dashboard's cookies.")
    cookie_secret_previous: str = Field(default="", description="Another secret whose sessions are still accepted.")
    event_issuer: str = Field(default="", description="`iss` of security event tokens; empty: the issuer.")
    event_metadata_url: str = Field(
        default="", pattern=URL, description="Where that issuer says where its keys are; empty: its OpenID metadata."
    )
    event_audience: str = Field(default="", description="`aud` of them; empty: the client id or an audience.")
    dashboard_url: str = Field(default="", description="Public URL of the dashboard; empty: localhost and its port.")
    api_url: str = Field(default="", description="URL of the governance API; empty: localhost and its port.")
    lake_catalog: str = Field(
        default="",
        pattern=r"^(postgres(ql)?://[^\s]+)?$",
        description="URL of the PostgreSQL database with the lake's catalog; empty: a file in home.",
    )
    lake_schema: str = Field(
        default="open_book_lake", pattern=r"^[a-z_][a-z0-9_]{0,62}$", description="The schema of the catalog in it."
    )
    lake_data: str = Field(
        default="", pattern=r"^(/[^\x00-\x1f]+|bucket)?$", description="Folder of the lake's data files, or `bucket`."
    )
    objects_url: str = Field(default="", pattern=BUCKET, description="Bucket and prefix of sealed files, or empty.")
    objects_endpoint: str = Field(default="", pattern=URL, description="URL of the S3-compatible service; empty: AWS.")
    objects_region: str = Field(default="", pattern=r"^[a-z0-9-]*$", description="Region of the bucket.")
    objects_key_id: str = Field(default="", description="Access key id for it; empty: the machine's role.")
    objects_secret: str = Field(default="", description="Secret access key for it.")
    opendsr_partners: str = Field(
        default="", description="TOML file of OpenDSR partners; empty: governance/partners.toml in home."
    )
    opendsr_domain: str = Field(default="", description="Name that we sign OpenDSR messages as; empty: the API's host.")
    opendsr_key: str = Field(
        default="", description="PEM file of the RSA key that signs OpenDSR messages; empty: made in home."
    )
    opendsr_certificate: str = Field(
        default="", description="PEM file of the certificate of that key; empty: a self-signed one, made in home."
    )
    decided_types: str = Field(
        default="",
        pattern=rf"^({REQUEST_TYPE}(,{REQUEST_TYPE})*)?$",
        description="Comma-separated request types that wait for a privacy officer; rectification and masking always "
        "do.",
    )
    scim_leaving_hours: int = Field(
        default=24, ge=1, le=24 * 31, description="Hours within which at most 10 % of the people may leave by SCIM."
    )
    service_tokens: str = Field(
        default="",
        pattern=rf"^({SERVICE_TOKEN}(,{SERVICE_TOKEN})*)?$",
        description="Which programs may use the routes for pipelines, and what each may do: comma-separated, one entry "
        "per token.",
    )
    service_events_minute: int = Field(default=600, ge=1, description="Events and calls of a service per minute.")
    service_events_day: int = Field(default=100_000, ge=1, description="The same per UTC day.")
    service_megabytes_day: int = Field(default=200, ge=1, description="Megabytes of events of a service per UTC day.")
    service_runs_day: int = Field(default=10_000, ge=1, description="New runs that a service may name per UTC day.")
    service_datasets: int = Field(default=50_000, ge=1, description="Datasets that a service may name first.")
    service_models: int = Field(default=5_000, ge=1, description="Model versions that a service may name first.")
    intake_megabytes: int = Field(
        default=1024, ge=1, description="Megabytes that may wait to be stored; more of it is refused until then."
    )
    intake_seconds: int = Field(default=20, ge=0, le=600, description="Seconds for which records wait for others.")
    access_systems: str = Field(
        default="",
        max_length=20_000,
        pattern=rf"^({ACCESS_SYSTEM}(;{ACCESS_SYSTEM})*)?$",
        description="Your other systems that can read people's data, and what: `NAME=TEXT`, separated by semicolons.",
    )
    access_silent_hours: int = Field(
        default=24, ge=1, description="Hours without a word from such a system until it counts as silent."
    )
    pause_hours: int = Field(default=24, ge=0, le=8760, description="Hours of the longest pause; 0: no pauses.")
    pause_set_hours: int = Field(default=0, ge=0, le=12, description="Hours a day to pause every week; 0: none.")
    working_hours: Annotated[str, AfterValidator(weekly_hours)] = Field(
        default="", description="Outside them nothing is stored: `mon-fri 08:00-18:00 Europe/Berlin`; empty: always."
    )
    notice_days: int = Field(default=0, ge=0, le=3650, description="Days from a policy's notice to its first record.")
    training_approval_hours: int = Field(
        default=0, ge=0, le=8760, description="Hours for which an officer approves a training export; 0: without."
    )
    training_lease_hours: int = Field(default=0, ge=0, le=8760, description="Hours of the longest lease; 0: no leases.")
    disclosure_delay_days: int = Field(
        default=0, ge=0, le=366, description="Most days for which such an access may be shown later, by law; 0: none."
    )
    mlflow_servers: str = Field(
        default="",
        pattern=rf"^({MLFLOW_SERVER}(,{MLFLOW_SERVER})*)?$",
        description="Comma-separated MLflow tracking servers that workers import from: `URL` or `NAME=URL`.",
    )
    mlflow_minutes: int = Field(default=15, ge=1, description="MLflow import interval in minutes.")
    mlflow_token: str = Field(default="", description="Bearer token for MLflow servers without user and password.")
    activitywatch_keys: str = Field(
        default="", description="CSV file with the API keys of ActivityWatch servers: columns `server` and `key`."
    )
    appeal_contact: str = Field(
        default="your company's data protection officer", description="Whom a person can ask about a denial."
    )
    supervisory_authority: str = Field(
        default="", description="The authority to complain to; empty: described by the regime of the person."
    )

    mail_server: str = Field(
        default="",
        pattern=r"^((smtps?|starttls)://[^\s/:@]+(:[0-9]{1,5})?)?$",
        description="Mail server; empty: no mail.",
    )
    mail_user: str = Field(default="", description="User at the mail server; empty: no sign-in.")
    mail_password: str = Field(default="", description="Password for it.")
    mail_from: str = Field(
        default="", pattern=rf"^({ADDRESS})?$", description="Sender of e-mail; empty: `open-book@` and the API's host."
    )
    digest_address: str = Field(
        default="", pattern=rf"^({ADDRESS})?$", description="Who gets the weekly digest besides privacy officers."
    )
    digest_webhooks: str = Field(
        default="", pattern=HTTP_URLS, description="Incoming webhooks of Slack or Teams that get it, too."
    )
    chat_hosts: str = Field(default="", pattern=HOSTS, description="Hosts of people's own webhooks; empty: none.")

    workplace_zone: Annotated[str, AfterValidator(time_zone)] = Field(
        default="UTC", description="IANA time zone of people whose workplace zone the directory file leaves empty."
    )
    next_working_day: bool = Field(
        default=False, description="Whether GDPR deadlines on weekends and holidays move to the next working day."
    )
    holidays: Annotated[str, AfterValidator(days)] = Field(
        default="",
        pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2}(,[0-9]{4}-[0-9]{2}-[0-9]{2})*)?$",
        description="Comma-separated public holidays, for that.",
    )

    transfers: str = Field(
        default="",
        max_length=2000,
        description="What the employer tells people about transfers to third countries, and their safeguards.",
    )
    automated_decisions: str = Field(
        default="", max_length=2000, description="The same about automated decisions and profiling."
    )
    manifests_kept: str = Field(default="", max_length=500, description="The same about how long manifests are kept.")
    logs_kept: str = Field(default="", max_length=500, description="The same about how long logs are kept.")

    traces_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s@]+)?$",
        description="Where traces without content are sent, in OTLP over HTTP; empty: nowhere.",
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="How processes write their logs: lines for people, or a JSON object per line."
    )
    time_source: str = Field(
        default="",
        pattern=r"^(none|https?://[^\s]+)?$",
        description="URL whose answers have a `Date`, to compare the clock with; empty: the issuer; `none`: no source.",
    )
    backup_folder: Annotated[str, AfterValidator(backup_place)] = Field(
        default="", description="Folder or bucket of the backups; empty: workers look after none."
    )
    backup_endpoint: str = Field(default="", pattern=URL, description="URL of that bucket's service; empty: AWS.")
    backup_region: str = Field(default="", pattern=r"^[a-z0-9-]*$", description="Region of that bucket.")
    backup_key_id: str = Field(default="", description="Access key id for it; empty, with the secret: as for objects.")
    backup_secret: str = Field(default="", description="Secret access key for it.")
    backup_key_parts: int = Field(default=3, ge=1, description="Number of key parts of backups that are kept.")
    backup_key_days: int = Field(default=30, ge=1, description="Days that the key part of a backup is kept at most.")
    signing_key: str = Field(default="", description="Base64 of the 32-byte Ed25519 key of the ledger; empty: a file.")
    ledger_origin: str = Field(default="open-book", description="Name of the ledger and of its signing key.")
    security_contact: str = Field(
        default="",
        pattern=r"^((mailto:|https://|tel:)[!-~]+)?$",
        description="Whom to tell about a vulnerability, as a mailto:, https: or tel: address, in security.txt.",
    )
    security_events: str = Field(
        default="",
        pattern=r"^(/[^\x00-\x1f]+|syslog://[^\s/:@]+(:[0-9]{1,5})?)?$",
        description="Where sign-ins and refused accesses are recorded as OCSF events: a file, or a syslog server.",
    )
    ledger_batch_seconds: int = Field(
        default=900, ge=0, le=86_400, description="Seconds between batches of the ledger; 0: at once."
    )
    ledger_batch_size: int = Field(default=32, ge=2, le=4096, description="Leaves in a batch, with those that pad it.")
    witness_keys: str = Field(default="", description="Comma-separated keys (C2SP vkeys) that may co-sign the ledger.")
    receipt_days: int = Field(default=1095, ge=1, description="Days that a receipt is kept.")

    release_months: Annotated[Literal[3, 6, 12], BeforeValidator(int)] = Field(
        default=12, description="Months between two releases for managers; each gets that share of the year's budget."
    )
    release_epsilon: float = Field(
        default=3.0, gt=0, le=3, description="Most that all releases of a year may reveal about one person."
    )

    @property
    def holiday_days(self) -> frozenset[date]:
        return frozenset(map(date.fromisoformat, self.holidays.split(","))) if self.holidays else frozenset()

    @property
    def issuer_url(self) -> str:
        return self.issuer or f"http://localhost:{self.idp_port}"

    @property
    def client(self) -> str:
        """The dashboard's client id."""
        return self.client_id or self.audience.partition(",")[0] or "open-book"

    @property
    def audiences(self) -> frozenset[str]:
        return listed(self.audience) or frozenset({self.client})

    @property
    def clients(self) -> frozenset[str]:
        """Clients whose access tokens are accepted; empty: any."""
        return listed(self.token_clients)

    @property
    def step_up_acrs(self) -> tuple[str, ...]:
        """In the order of preference."""
        return tuple(filter(None, self.step_up_acr.split(",")))

    @property
    def token_issuer_url(self) -> str:
        return self.token_issuer or self.issuer_url

    @property
    def dashboard_base_url(self) -> str:
        return self.dashboard_url or f"http://localhost:{self.dashboard_port}"

    @property
    def api_base_url(self) -> str:
        return self.api_url or f"http://localhost:{self.api_port}"


class InvalidSettings(OpenBookError, ValueError):
    """Settings that can't be used, each with the reason, and none with its value."""

    def __init__(self, error: ValidationError) -> None:
        faults = [
            f"OPENBOOK_{'_'.join(map(str, each['loc'])).upper()}: {each['msg'].removeprefix('Value error, ')}."
            for each in error.errors(include_url=False, include_input=False)
        ]
        super().__init__("\n".join(["These settings can't be used (docs/settings.md). Nothing was done.", *faults]))


def settings() -> Settings:
    """The settings in the current environment. Raises InvalidSettings, which names each invalid variable."""
    ours = frozenset((name, os.environb[name]) for name in os.environb if name.upper().startswith(b"OPENBOOK_"))
    return _read(ours, os.getcwd())  # noqa: PTH109 (Path.cwd() takes five times as long)


@lru_cache(maxsize=4)
def _read(_environment: frozenset[tuple[bytes, bytes]], _folder: str) -> Settings:
    """Cached by environment and current folder (a relative home is in it): settings are read many times per page."""
    try:
        return Settings()
    except ValidationError as error:
        raise InvalidSettings(error) from None  # its cause would quote values, which may be secret
