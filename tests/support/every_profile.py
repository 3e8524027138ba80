"""One certificate of every profile."""

from cryptography import x509

from ca.models import ProfileName
from ca.names.subject import Subject
from tests.support.certification import UNIT, Certification

PERSON = Subject.of_person(username="li.wei", name="李伟")


def certificate_of(ca: Certification, profile: ProfileName) -> x509.Certificate:
    """Return a certificate of `profile`: the hierarchy's own one or a new one."""
    match profile:
        case "root":
            return ca.hierarchy.root.certificate
        case "issuing":
            return ca.hierarchy.issuing.certificate
        case "server":
            return ca.hierarchy.server.certificate
        case "ocsp":
            return ca.hierarchy.ocsp_signers["issuing"].certificate
        case "edge":
            return ca.issue(profile="edge", subject=Subject("edge-1"), subscriber=None).certificate
        case _:
            subject = UNIT if profile == "unit" else PERSON
            return ca.issue(profile=profile, subject=subject).certificate
