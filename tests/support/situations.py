"""Certificates that are good, or whose standing has changed."""

from cryptography import x509

from tests.support.revocation import RevocableCa


def good(revocable: RevocableCa) -> x509.Certificate:
    return revocable.issue().certificate


def of_an_officer(revocable: RevocableCa) -> x509.Certificate:
    return revocable.ca.issue(profile="officer").certificate


def released(revocable: RevocableCa) -> x509.Certificate:
    issued = revocable.issue()
    revocable.hold(issued.serial_number)
    revocable.release(issued.serial_number)
    return issued.certificate


def revoked(revocable: RevocableCa) -> x509.Certificate:
    issued = revocable.issue()
    revocable.revoke(issued.serial_number, "cessationOfOperation")
    return issued.certificate


def on_hold(revocable: RevocableCa) -> x509.Certificate:
    issued = revocable.issue()
    revocable.hold(issued.serial_number)
    return issued.certificate
