"""`python -m demo.identity_provider`: the demo's OpenID Connect provider, canaille, in one process on localhost.

It keeps people and sessions in memory and its keys in `$OPENBOOK_HOME/demo`, so tokens stay valid after a restart and
people sign in again only when theirs has expired. It knows one client, the dashboard, and trusts it: there is no
consent page. Access tokens are RS256 JWTs valid for one hour, with `aud` = that client and `sub` = the login.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from datetime import UTC, datetime

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from demo import secrets
from demo.company.branches import signing_in
from demo.company.people import PASSWORD, Person
from file_modes import keep_private
from settings import settings

ACCESS_TOKEN_SECONDS = 3600


def identity_provider(people: Iterable[Person]) -> Flask:
    """The provider's WSGI application, including its client and these people."""
    app: Flask = create_app(_configuration())
    with app.app_context():
        _register_dashboard()
        for person in people:
            _register_person(person)
    return app


def _configuration() -> dict[str, object]:
    return {
        "SECRET_KEY": secrets.session_secret(),
        "SERVER_NAME": settings().issuer_url.removeprefix("http://"),
        "PREFERRED_URL_SCHEME": "http",
        "SESSION_COOKIE_SECURE": False,
        "OAUTH2_TOKEN_EXPIRES_IN": {"authorization_code": ACCESS_TOKEN_SECONDS},
        "CANAILLE": {
            "NAME": "Tessel",
            "DATABASE": "memory",
            "ENABLE_PASSWORD_RECOVERY": False,
            "SMTP": None,
            "LOGO": None,
            "HTMX": False,  # it exchanges the form under the hands of whoever types quickly: the password is lost
            "LOGGING": {
                "version": 1,
                "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(message)s"}},
                "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
                "root": {"level": "WARNING", "handlers": ["stderr"]},
            },
            # People can see but not change their account here: the company's directory is the source.
            "ACL": {"DEFAULT": {"PERMISSIONS": ["use_oidc"], "READ": ["user_name"], "WRITE": []}},
        },
        "CANAILLE_OIDC": {"ACTIVE_JWKS": [secrets.signing_key()], "TRUSTED_DOMAINS": ["localhost"]},
        "CANAILLE_SCIM": None,
    }


def _register_dashboard() -> None:
    dashboard = settings().dashboard_base_url
    client = models.Client(
        client_id=settings().client,
        client_secret=secrets.client_secret(),
        client_id_issued_at=datetime.now(UTC),
        client_name="Open Book",
        client_uri=dashboard,
        redirect_uris=[f"{dashboard}/oauth2callback"],
        post_logout_redirect_uris=[f"{dashboard}/oauth2callback"],  # where Streamlit asks to be sent
        grant_types=["authorization_code"],
        response_types=["code"],
        id_token_signed_response_alg="RS256",  # noqa: S106 (otherwise canaille picks the largest hash the key supports)
        scope=["openid", "profile", "email"],
        token_endpoint_auth_method="client_secret_basic",  # noqa: S106 (the name of a method)
    )
    Backend.instance.save(client)
    client.audience = [client]
    Backend.instance.save(client)


def _register_person(person: Person) -> None:
    given_name, _, family_name = person.name.partition(" ")
    user = models.User(
        user_name=person.login,
        formatted_name=person.name,
        display_name=person.name,
        given_name=given_name,
        family_name=family_name,
        emails=[person.email],
        password=PASSWORD,
    )
    Backend.instance.save(user)


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Logs nothing: a request line contains authorization codes."""


def serve(people: Iterable[Person]) -> None:
    """Serve these people until the process is stopped."""
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    keep_private(settings().home)
    port = settings().idp_port
    make_server("localhost", port, identity_provider(people), threaded=True, request_handler=_Quiet).serve_forever()


if __name__ == "__main__":
    serve(signing_in())
