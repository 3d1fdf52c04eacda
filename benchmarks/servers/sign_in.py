"""The demo's identity provider, which knows only the person whose pages are measured."""

from __future__ import annotations

from demo.company.people import Person
from demo.identity_provider import serve

MEASURED = Person("person0@example.com", "All", "All", "employee", "", "gdpr")
"""As the directory has them; the name is what they sign in with."""

if __name__ == "__main__":
    serve([MEASURED])
