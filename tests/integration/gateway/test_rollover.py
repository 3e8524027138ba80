"""A rollover as units and officers meet it: nobody notices (issue 3, part 3)."""

from cryptography import x509

from gateway.composition.ceremony import issuing_ending
from tests.support.bureau import OPERATOR, Bureau


def roll_over(bureau: Bureau) -> None:
    certification = bureau.house.certification
    certification.store.rollover().roll_over(OPERATOR)
    assert certification.take_over()


def subjects(chain: tuple[bytes, ...]) -> list[str]:
    return [x509.load_der_x509_certificate(der).subject.rfc4514_string() for der in chain[1:]]


def test_units_of_both_generations_log_in(bureau: Bureau) -> None:
    old_slip = bureau.register_unit()
    old = bureau.visitor(bureau.pick_up(old_slip))
    assert old.log_in(old_slip.username, old_slip.initial_password).status_code == 201
    waiting = bureau.register_officer("li.hong", "auditor")
    roll_over(bureau)
    # Who is inside stays inside.
    assert old.get("/api/v1/session").status_code == 200
    # A slip from before yields a certificate from before, with the chain that fits it.
    chain = bureau.pick_up(waiting)
    assert subjects(chain) == ["CN=CertGate Issuing CA,O=CertGate,C=CN"]
    visitor = bureau.visitor(chain)
    assert visitor.log_in(waiting.username, waiting.initial_password).status_code == 201
    officer = bureau.register_officer("zhao.min", "auditor")
    chain = bureau.pick_up(officer)
    assert subjects(chain) == ["CN=CertGate Issuing CA 2,O=CertGate,C=CN"]
    visitor = bureau.visitor(chain)
    assert visitor.log_in(officer.username, officer.initial_password).status_code == 201


def test_a_revoked_issuing_ca_shuts_its_units_out_and_nobody_else(bureau: Bureau) -> None:
    old_slip = bureau.register_unit()
    old = bureau.arrive(old_slip)
    roll_over(bureau)
    officer_slip = bureau.register_officer("zhao.min", "auditor")
    officer = bureau.arrive(officer_slip)
    ending = issuing_ending(bureau.house.ground)
    with bureau.house.database.writing() as session:
        ending.revoke(session, "issuing", "cACompromise", OPERATOR)
    refused = old.get("/api/v1/session")
    assert refused.status_code == 403
    assert refused.json()["type"].endswith("/certificate-untrusted")
    assert officer.get("/api/v1/session").status_code == 200
