"""`python -m governance.opendsr`: shows our identity and our partners, or what is wrong with the list of partners."""

from __future__ import annotations

import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes

import command_line
from file_modes import keep_private
from governance.opendsr import partners, signing
from settings import settings


def main() -> int:
    keep_private(settings().home)
    return command_line.run(_show)


def _show() -> int:
    certificate = x509.load_pem_x509_certificate(signing.own_certificate())
    listed = partners.load()
    print(f"we are      {signing.own_domain()} at {signing.own_url()}")
    print(f"            certificate {_about(certificate)}")
    print(f"list        {partners.partners_path()}")
    for processor in listed.processors.values():
        print(f"processor   {processor.domain} at {processor.url}, knows people by {processor.identity}")
        print(f"            certificate {_about(processor.certificate)}")
    for controller in listed.controllers.values():
        hosts = ", ".join(controller.callback_hosts) or "nowhere"
        print(f"controller  {controller.domain}, names people by {', '.join(controller.identities)}")
        print(f"            called back at {hosts}")
        print(f"            certificate {_about(controller.certificate)}")
    if not listed.processors and not listed.controllers:
        print("            none: no one is notified of erasures, and no one may send requests")
    return 0


def _about(certificate: x509.Certificate) -> str:
    fingerprint = certificate.fingerprint(hashes.SHA256()).hex(":")
    return f"until {certificate.not_valid_after_utc:%Y-%m-%d}, SHA-256 {fingerprint}"


if __name__ == "__main__":
    sys.exit(main())
