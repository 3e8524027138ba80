"""From the security officer's click until nothing opens any more."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from benchmarks.client import Connection, ConnectionOver, get, post, post_octets
from benchmarks.installation import Installation
from benchmarks.openssl_ca import OpenSslCa, openssl_program
from benchmarks.table import Row, time_row
from benchmarks.visitors import SESSION_PATH, Visitor, expect

_BASELINE = "`openssl ca -revoke` and `-gencrl`"
_WORDS = {
    "receipt": "receipt in the officer's hands",
    "refused": "request on an open connection refused",
    "closed": "idle connection closed",
    "crl": "CRL fetched that says so",
    "ocsp": "OCSP answer that says so",
}


@dataclass(frozen=True)
class _Victim:
    """A unit that is inside, with a busy and an idle connection."""

    visitor: Visitor
    busy: Connection
    idle: Connection

    @property
    def serial_number(self) -> str:
        return self.visitor.slip.serial_number


class _Watch:
    """Takes the time from the moment the officer sends the revocation."""

    def __init__(self, installation: Installation, officer: Visitor, desk: Connection) -> None:
        self._installation = installation
        self._officer = officer
        self._desk = desk
        self._pki = Connection(installation.ports.pki)

    def revoke(self, victim: _Victim) -> dict[str, float]:
        """Revoke, and return the seconds until each sign of it."""
        request = post(
            self._officer.port,
            f"/api/v1/certificates/{victim.serial_number}/revoke",
            {"reason": "keyCompromise"},
            self._officer.cookie,
        )
        question = _ocsp_question(self._installation, victim.visitor.certificate)
        with ThreadPoolExecutor(2) as pool:
            refused = pool.submit(_until_refused, victim)
            closed = pool.submit(_until_closed, victim)
            started = perf_counter()
            expect(200, self._desk.exchange(request))
            receipt = perf_counter()
            crl = self._until(lambda: self._crl_says(victim.serial_number))
            ocsp = self._until(lambda: self._ocsp_says(question))
            return {
                "receipt": receipt - started,
                "refused": _since(started, refused),
                "closed": _since(started, closed),
                "crl": crl - started,
                "ocsp": ocsp - started,
            }

    def close(self) -> None:
        """Close the connection to the PKI door."""
        self._pki.close()

    @staticmethod
    def _until(is_true: Callable[[], bool]) -> float:
        while not is_true():
            pass
        return perf_counter()

    def _crl_says(self, serial_number: str) -> bool:
        answer = self._pki.exchange(get(self._installation.ports.pki, "/crl/issuing.crl"))
        crl = x509.load_der_x509_crl(expect(200, answer).body)
        found = crl.get_revoked_certificate_by_serial_number(int(serial_number, 16))
        return found is not None

    def _ocsp_says(self, question: bytes) -> bool:
        answer = expect(200, self._pki.exchange(question))
        status = ocsp.load_der_ocsp_response(answer.body).certificate_status
        return status is ocsp.OCSPCertStatus.REVOKED


def measure(installation: Installation, revocations: int) -> list[Row]:
    """Return the rows of the subject; figures are seconds of single revocations."""
    officer = installation.pick_up(installation.register_officer("security", "security_officer"))
    officer.enter()
    seconds: dict[str, list[float]] = {name: [] for name in _WORDS}
    baseline = _Baseline(installation, revocations)
    victims = [_victim(installation) for _ in range(revocations)]
    with officer.connect() as desk:
        watch = _Watch(installation, officer, desk)
        try:
            for victim in victims:
                for name, taken in watch.revoke(victim).items():
                    seconds[name].append(taken)
                baseline.revoke_next()
        finally:
            watch.close()
    for victim in victims:
        victim.busy.close()
        victim.idle.close()
    if not baseline.seconds:
        return []
    return [
        time_row(f"revoke: {words}", seconds[name], _BASELINE, baseline.seconds)
        for name, words in _WORDS.items()
    ]


class _Baseline:
    """The same number of certificates in an `openssl ca` folder."""

    def __init__(self, installation: Installation, revocations: int) -> None:
        self.seconds: list[float] = []
        program = openssl_program()
        if program is None:
            return
        authority = installation.house.certification.hierarchy.issuing
        self._ca = OpenSslCa(program, installation.folder / "openssl-revoking", authority)
        self._certificates = iter(self._ca.issue(revocations))

    def revoke_next(self) -> None:
        """Revoke one and take the time."""
        if openssl_program() is None:
            return
        certificate = next(self._certificates)
        started = perf_counter()
        self._ca.revoke(certificate)
        self.seconds.append(perf_counter() - started)


def _victim(installation: Installation) -> _Victim:
    visitor = installation.pick_up(installation.register_unit())
    visitor.enter_before_reset()
    return _Victim(visitor, visitor.connect(), visitor.connect())


def _until_refused(victim: _Victim) -> float:
    request = get(victim.visitor.port, SESSION_PATH, victim.visitor.cookie)
    try:
        while victim.busy.exchange(request).status == 200:
            pass
    except ConnectionOver:
        pass
    return perf_counter()


def _until_closed(victim: _Victim) -> float:
    victim.idle.wait_until_closed()
    return perf_counter()


def _since(started: float, ended: Future[float]) -> float:
    return ended.result() - started


def _ocsp_question(installation: Installation, leaf: x509.Certificate) -> bytes:
    issuing = installation.house.certification.hierarchy.issuing.certificate
    # SHA-1 names the issuer, as in every client's question (RFC 6960 4.3); it protects nothing.
    question = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuing, SHA1()).build()  # noqa: S303
    octets = question.public_bytes(Encoding.DER)
    return post_octets(installation.ports.pki, "/ocsp", octets, "application/ocsp-request")
