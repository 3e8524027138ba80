"""All checks in the order in which an operator would ask."""

from collections.abc import Iterator

from foundation.database.schema import schema_is_current
from gateway.composition.house import House
from gateway.doctor.audit_checks import check_audit
from gateway.doctor.authority_checks import check_authorities
from gateway.doctor.certification_checks import check_crls, check_keys, check_service_certificates
from gateway.doctor.edge_checks import check_edges
from gateway.doctor.finding import Finding
from gateway.doctor.ground_checks import check_clock, check_parameters, check_permissions
from gateway.doctor.journal_checks import check_revocations
from gateway.doctor.listener_checks import check_listeners


def examine(house: House) -> Iterator[Finding]:
    """Yield the findings one by one, as they are made; changes nothing."""
    yield from check_permissions(house)
    yield _check_schema(house)
    yield check_clock(house)
    yield from check_keys(house)
    yield from check_authorities(house)
    yield from check_service_certificates(house)
    yield from check_crls(house)
    yield from check_revocations(house)
    yield from check_audit(house)
    yield check_parameters(house)
    yield from check_edges(house)
    yield from check_listeners(house)


def _check_schema(house: House) -> Finding:
    if schema_is_current(house.database):
        return Finding("schema", "good", "current")
    return Finding("schema", "wrong", "outdated")
