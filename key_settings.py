"""Settings of the keys that open what was captured of people: the master key, and the key service.

`settings` imports this module; it imports nothing else of Open Book.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo
from pydantic_settings import BaseSettings


def _needed(value: str, info: ValidationInfo) -> str:
    """Raises ValueError if a key service is named and this isn't given."""
    if not value and info.data.get("key_service_module"):
        raise ValueError("It is needed beside OPENBOOK_KEY_SERVICE_MODULE")
    return value


class KeySettings(BaseSettings):
    """A part of `settings.Settings`."""

    master_key: str = Field(
        default="", description="Base64 of the 32-byte key that wraps content keys; empty: a file in home."
    )
    master_key_previous: str = Field(
        default="", description="The same of the key before it, while it is replaced or a backup made with it restored."
    )
    key_service_module: str = Field(
        default="", pattern=r"^(/[^\x00-\x1f]+)?$", description="PKCS#11 library of the key service; empty: none."
    )
    key_service_token: Annotated[str, AfterValidator(_needed)] = Field(
        default="", validate_default=True, pattern=r"^[^\x00-\x1f]{0,32}$", description="Label of the token in it."
    )
    key_service_pin: Annotated[str, AfterValidator(_needed)] = Field(
        default="", validate_default=True, description="PIN of the token's user."
    )
