"""The roles that a person may have in the directory."""

from __future__ import annotations

EMPLOYEE = "employee"
MANAGER = "manager"
OFFICER = "privacy_officer"
ROLES = (EMPLOYEE, MANAGER, OFFICER)
