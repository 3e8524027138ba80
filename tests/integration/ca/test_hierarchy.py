"""The hierarchy is made once, found again, and renewed where it serves itself."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from sqlalchemy import select

from ca.authorities import Hierarchy, RootWithoutKey
from ca.errors import HierarchyExists, HierarchyMissing, KeyUnavailable, LintRefused
from ca.keys import EncryptedFileKeys, KeyAlgorithm
from ca.keys.pkcs11 import Pkcs11Keys
from ca.models import AuthorityRecord, CertificateRecord, RevocationEpoch
from ca.signing import LocalSigners
from foundation.audit import verify_chain
from foundation.database import Database
from tests.support.certification import (
    OPERATOR,
    SERVER_NAMES,
    make_certification,
    make_profiles,
    make_store,
)
from tests.support.clock import FakeClock
from tests.support.softhsm import new_token


def certificates_of(hierarchy: Hierarchy) -> list[x509.Certificate]:
    return [
        hierarchy.root.certificate,
        hierarchy.issuing.certificate,
        hierarchy.ocsp_signers["issuing"].certificate,
        hierarchy.server.certificate,
    ]


def test_a_new_hierarchy_is_recorded_whole(database: Database, tmp_path: Path) -> None:
    hierarchy = make_store(database, tmp_path).create(SERVER_NAMES, OPERATOR)
    with database.reading() as session:
        records = {record.profile: record for record in session.scalars(select(CertificateRecord))}
        assert set(records) == {"root", "issuing", "ocsp", "server"}
        for certificate, profile in zip(
            certificates_of(hierarchy), ("root", "issuing", "ocsp", "server"), strict=True
        ):
            record = records[profile]
            assert record.state == "good"
            assert int(record.serial_number, 16) == certificate.serial_number
            assert record.tbs == certificate.tbs_certificate_bytes
            assert record.key_name is not None
        assert set(session.scalars(select(AuthorityRecord.name))) == {"root", "issuing"}
        assert session.get_one(RevocationEpoch, 1).value == 0
        assert verify_chain(session) == 2 + 3 + 3


def test_it_is_never_made_over(database: Database, tmp_path: Path) -> None:
    store = make_store(database, tmp_path)
    assert not store.exists()
    made = store.create(SERVER_NAMES, OPERATOR)
    with pytest.raises(HierarchyExists):
        store.create(SERVER_NAMES, OPERATOR)
    assert store.exists()
    loaded = make_store(database, tmp_path).load(SERVER_NAMES, OPERATOR)
    assert certificates_of(loaded) == certificates_of(made)


def test_two_that_make_it_at_once_make_one(database: Database, tmp_path: Path) -> None:
    def create(_: int) -> Hierarchy | None:
        try:
            return make_store(database, tmp_path).create(SERVER_NAMES, OPERATOR)
        except HierarchyExists:
            return None

    with ThreadPoolExecutor(2) as pool:
        made = [hierarchy for hierarchy in pool.map(create, range(2)) if hierarchy is not None]
    assert len(made) == 1
    authorities = make_store(database, tmp_path).load_authorities()
    assert authorities.root.certificate == made[0].root.certificate


def test_nothing_is_there_before_it_is_made(database: Database, tmp_path: Path) -> None:
    with pytest.raises(HierarchyMissing):
        make_store(database, tmp_path).load(SERVER_NAMES, OPERATOR)


def test_the_roots_key_may_be_elsewhere(database: Database, tmp_path: Path) -> None:
    made = make_store(database, tmp_path).create(SERVER_NAMES, OPERATOR)
    (key_file,) = (tmp_path / "keys").glob("root-*.pem")
    key_file.rename(tmp_path / "offline.pem")
    loaded = make_store(database, tmp_path).load(SERVER_NAMES, OPERATOR)
    assert loaded.root == RootWithoutKey("root", made.root.certificate)
    assert loaded.issuing.certificate == made.issuing.certificate


def test_the_issuing_key_may_not(database: Database, tmp_path: Path) -> None:
    make_store(database, tmp_path).create(SERVER_NAMES, OPERATOR)
    (key_file,) = (tmp_path / "keys").glob("issuing-*.pem")
    key_file.unlink()
    with pytest.raises(KeyUnavailable):
        make_store(database, tmp_path).load(SERVER_NAMES, OPERATOR)


def test_service_credentials_are_renewed_before_they_end(
    database: Database, tmp_path: Path
) -> None:
    clock = FakeClock()
    store = make_store(database, tmp_path, clock=clock)
    hierarchy = store.create(SERVER_NAMES, OPERATOR)
    first = certificates_of(hierarchy)
    clock.advance(timedelta(days=15))
    store.renew_services(hierarchy, SERVER_NAMES, OPERATOR)
    assert certificates_of(hierarchy) == first
    clock.advance(timedelta(days=10))
    store.renew_services(hierarchy, SERVER_NAMES, OPERATOR)
    assert hierarchy.ocsp_signers["issuing"].certificate not in first
    assert hierarchy.server.certificate in first
    assert certificates_of(store.load(SERVER_NAMES, OPERATOR)) == certificates_of(hierarchy)


def test_a_server_of_other_names_gets_another_certificate(
    database: Database, tmp_path: Path
) -> None:
    store = make_store(database, tmp_path)
    first = store.create(SERVER_NAMES, OPERATOR).server
    names = ("a.portal.example.org", "10.1.2.3")
    second = store.load(names, OPERATOR).server
    assert second.certificate != first.certificate
    assert store.load(names, OPERATOR).server.certificate == second.certificate
    assert store.load(SERVER_NAMES, OPERATOR).server.certificate == first.certificate


def test_a_server_cannot_take_a_name_that_is_not_the_installations(
    database: Database, tmp_path: Path
) -> None:
    store = make_store(database, tmp_path)
    store.create(SERVER_NAMES, OPERATOR)
    with pytest.raises(LintRefused) as refused:
        store.load(["bank.example.com"], OPERATOR)
    assert refused.value.params["rule"] == "server_names_are_permitted"


def test_a_refused_start_leaves_nothing_behind(database: Database, tmp_path: Path) -> None:
    """A host name outside the constraints, tried at every restart, must not fill the folder."""
    store = make_store(database, tmp_path)
    store.create(SERVER_NAMES, OPERATOR)
    before = sorted((tmp_path / "keys").iterdir())
    for _ in range(2):
        with pytest.raises(LintRefused):
            store.load(["bank.example.com"], OPERATOR)
    assert sorted((tmp_path / "keys").iterdir()) == before
    with database.reading() as session:
        states = session.scalars(
            select(CertificateRecord.state).where(CertificateRecord.profile == "server")
        ).all()
    assert sorted(states) == ["abandoned", "abandoned", "good"]


def test_a_service_key_on_another_node_is_replaced(database: Database, tmp_path: Path) -> None:
    store = make_store(database, tmp_path)
    first = store.create(SERVER_NAMES, OPERATOR).server
    EncryptedFileKeys(tmp_path / "keys", b"").path_of(first.key_name).unlink()
    assert store.load(SERVER_NAMES, OPERATOR).server.certificate != first.certificate


def test_an_interrupted_start_is_finished_by_the_next(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make_store(database, tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr("ca.hierarchy.service_credentials.ServiceCredentials.ensure_server", _crash)
        with pytest.raises(Crash):
            store.create(SERVER_NAMES, OPERATOR)
    assert store.exists()
    hierarchy = store.load(SERVER_NAMES, OPERATOR)
    assert hierarchy.server.certificate.issuer == hierarchy.issuing.certificate.subject


def test_an_interrupted_creation_leaves_nothing(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make_store(database, tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr("ca.authorities.certificates.AuthorityCertificates.make_issuing", _crash)
        with pytest.raises(Crash):
            store.create(SERVER_NAMES, OPERATOR)
    assert not store.exists()
    store.create(SERVER_NAMES, OPERATOR)


@pytest.mark.parametrize("algorithm", ["ecdsa-p384", "rsa-3072", "ed25519", "ml-dsa-65"])
def test_a_hierarchy_of_each_algorithm_issues(
    algorithm: KeyAlgorithm, database: Database, tmp_path: Path
) -> None:
    ca = make_certification(database, tmp_path, algorithm=algorithm)
    issued = ca.issue()
    issued.certificate.verify_directly_issued_by(ca.hierarchy.issuing.certificate)
    ca.hierarchy.issuing.certificate.verify_directly_issued_by(ca.hierarchy.root.certificate)


def test_the_keys_of_the_ca_may_be_on_a_token_and_the_servers_is_not(
    database: Database, tmp_path: Path
) -> None:
    token = Pkcs11Keys(new_token().access)
    store = make_store(database, tmp_path, signers=LocalSigners(token))
    made = store.create(SERVER_NAMES, OPERATOR)
    (file,) = (tmp_path / "keys").iterdir()
    assert file.name == f"{made.server.key_name}.pem"
    loaded = store.load(SERVER_NAMES, OPERATOR)
    assert certificates_of(loaded) == certificates_of(made)
    made.issuing.certificate.verify_directly_issued_by(made.root.certificate)
    token.close()


def test_the_chain_that_the_server_presents(database: Database, tmp_path: Path) -> None:
    hierarchy = make_store(database, tmp_path).create(SERVER_NAMES, OPERATOR)
    chain = x509.load_pem_x509_certificates(hierarchy.server.pem_chain())
    assert chain == [hierarchy.server.certificate, hierarchy.issuing.certificate]


def test_profiles_and_hierarchy_agree_on_the_names() -> None:
    assert make_profiles().get("issuing").name_defaults != make_profiles().get("root").name_defaults


class Crash(BaseException):
    """Stands for a process that was killed."""


def _crash(*_: object, **__: object) -> None:
    raise Crash
