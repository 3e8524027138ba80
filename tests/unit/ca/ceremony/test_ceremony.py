"""The root from one document, and its records (issue 3, part 3)."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.ceremony import make_request, parse_document, read_request, write_transcript
from ca.ceremony.errors import (
    CeremonyFolderInUse,
    CeremonyMissing,
    RecordBroken,
    RequestRefused,
)
from ca.ceremony.folder import CeremonyFolder
from ca.ceremony.records import read_records, sign_record
from ca.ceremony.request import IssuingRequest
from ca.errors import CertificateAlreadyRevoked, KeyUnavailable
from ca.keys import EncryptedFileKeys, KeyAlgorithm, generate_key
from ca.keys.algorithms import accept_authority_key
from ca.keys.memory import MemoryKeys
from ca.rollover import RolloverRefused
from ca.rollover.errors import AuthorityUnknown
from foundation.i18n import LANGUAGES
from foundation.randomness import SystemRandomness
from tests.support.ceremony import (
    ROOT_PASSPHRASE,
    Ceremony,
    document_text,
    hold_ceremony,
    translator,
)

ALGORITHMS: list[KeyAlgorithm] = [
    "ecdsa-p256",
    "ecdsa-p384",
    "rsa-3072",
    "ed25519",
    "ml-dsa-65",
]


@pytest.fixture
def ceremony(tmp_path: Path) -> Ceremony:
    return hold_ceremony(tmp_path / "root")


def request_of(path: Path, algorithm: KeyAlgorithm = "ecdsa-p256") -> IssuingRequest:
    _, pem = make_request("issuing", MemoryKeys(), algorithm, SystemRandomness())
    path.write_bytes(pem)
    return read_request(path)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_root_and_its_issuing_ca_are_of_the_documents_algorithm(
    algorithm: KeyAlgorithm, tmp_path: Path
) -> None:
    ceremony = hold_ceremony(tmp_path / "root", algorithm=algorithm, issuing_key="here")
    history = ceremony.history()
    root = history.certificate
    (certified,) = history.issuing
    issuing = x509.load_pem_x509_certificate(certified.certificate.encode())
    root.verify_directly_issued_by(root)
    issuing.verify_directly_issued_by(root)
    crl = x509.load_pem_x509_crl(history.newest_crl.crl.encode())
    assert crl.is_signature_valid(accept_authority_key(root.public_key()))
    assert len(crl) == 0
    assert ceremony.keys.get(history.key_name).public_key() == root.public_key()
    assert ceremony.server_keys.get(certified.key_name).public_key() == issuing.public_key()


def test_the_key_of_the_issuing_ca_is_not_made_where_the_document_says_server(
    ceremony: Ceremony,
) -> None:
    assert ceremony.history().issuing == []
    assert not ceremony.folder.server_keys.exists()


def test_lifetimes_are_the_documents(tmp_path: Path) -> None:
    extra = "[days]\nroot = 3650\nissuing = 730\nroot_crl = 90\n"
    document = parse_document(document_text(issuing_key="here", extra=extra).encode())
    history = hold_ceremony(tmp_path / "root", document=document).history()
    root = history.certificate
    issuing = x509.load_pem_x509_certificate(history.issuing[0].certificate.encode())
    second = timedelta(seconds=1)
    assert root.not_valid_after_utc - root.not_valid_before_utc == timedelta(days=3650) - second
    assert issuing.not_valid_before_utc == root.not_valid_before_utc
    assert (
        issuing.not_valid_after_utc - issuing.not_valid_before_utc == timedelta(days=730) - second
    )
    crl = history.newest_crl
    assert crl.next_update - crl.this_update == timedelta(days=90)


def test_a_ceremony_never_writes_over_anything(ceremony: Ceremony, tmp_path: Path) -> None:
    with pytest.raises(CeremonyFolderInUse):
        ceremony.folder.begin()
    file = tmp_path / "file"
    file.write_text("something")
    with pytest.raises(CeremonyFolderInUse):
        CeremonyFolder(file).begin()
    assert file.read_text() == "something"


def test_everything_in_the_folder_is_for_its_owner(ceremony: Ceremony) -> None:
    for path in (ceremony.folder.path, *ceremony.folder.path.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_transcript_tells_every_step_and_leaves_room_for_signatures(
    language: str, tmp_path: Path
) -> None:
    ceremony = hold_ceremony(tmp_path / "root", issuing_key="here")
    text = write_transcript(translator(language), ceremony.signed)
    record = ceremony.signed.record
    for number in range(1, len(record.steps) + 1):
        assert f"\n{number}. 2027-01-04T09:00:00Z " in text
    assert text.replace(" ", "").count(ceremony.signed.sha256) == 1
    assert record.document_sha256 in text.replace(" ", "")
    assert ceremony.history().fingerprint_sha256 in text.replace(" ", "")
    for person in ("周明", "李伟"):
        assert f"{person} (" in text


def test_a_request_is_certified_and_the_key_of_another_is_not(
    ceremony: Ceremony, tmp_path: Path
) -> None:
    request = request_of(tmp_path / "request.pem")
    signed = ceremony.keep(ceremony.root().sign_issuing(request))
    (certified,) = signed.record.issuing
    issuing = x509.load_pem_x509_certificate(certified.certificate.encode())
    assert issuing.public_key() == request.public_key
    assert (certified.name, certified.key_name) == ("issuing", request.key_name)
    assert "Issuing CA" in issuing.subject.rfc4514_string()
    with pytest.raises(RequestRefused):
        ceremony.root().sign_issuing(request)


def test_each_issuing_ca_has_a_name_of_its_own(ceremony: Ceremony, tmp_path: Path) -> None:
    names = []
    for number in range(3):
        request = request_of(tmp_path / f"{number}.pem")
        ceremony.clock.advance(days=1)
        ceremony.keep(ceremony.root().sign_issuing(request))
        names.append(ceremony.history().issuing[-1])
    assert [each.name for each in names] == ["issuing", "issuing-2", "issuing-3"]
    certificates = [x509.load_pem_x509_certificate(each.certificate.encode()) for each in names]
    assert len({each.subject for each in certificates}) == 3
    assert certificates[1].subject.rfc4514_string().startswith("CN=CertGate Issuing CA 2,")


def test_the_request_decides_nothing_but_the_key(ceremony: Ceremony, tmp_path: Path) -> None:
    """A request may ask for another name and for extensions: nobody listens."""
    key = generate_key("ecdsa-p256")
    builder = x509.CertificateSigningRequestBuilder(
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "evil-root")])
    ).add_extension(x509.BasicConstraints(ca=True, path_length=5), critical=True)
    algorithm = x509.load_pem_x509_certificate(
        ceremony.signed.record.root_certificate.encode()
    ).signature_hash_algorithm
    assert algorithm is not None
    file = tmp_path / "request.pem"
    file.write_bytes(builder.sign(key, algorithm).public_bytes(Encoding.PEM))  # type: ignore[arg-type]
    signed = ceremony.root().sign_issuing(read_request(file))
    issuing = x509.load_pem_x509_certificate(signed.record.issuing[0].certificate.encode())
    constraints = issuing.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert constraints.path_length == 0
    assert "evil" not in issuing.subject.rfc4514_string()


@pytest.mark.parametrize("damage", [b"", b"not a request", b"-----BEGIN CERTIFICATE REQUEST-----"])
def test_what_is_no_request_is_refused(damage: bytes, tmp_path: Path) -> None:
    file = tmp_path / "request.pem"
    file.write_bytes(damage)
    with pytest.raises(RequestRefused):
        read_request(file)


def test_a_request_signed_with_another_key_is_refused(tmp_path: Path) -> None:
    _, pem = make_request("issuing", MemoryKeys(), "ecdsa-p256", SystemRandomness())
    der = bytearray(x509.load_pem_x509_csr(pem).public_bytes(Encoding.DER))
    der[-1] ^= 1
    file = tmp_path / "request.pem"
    file.write_bytes(x509.load_der_x509_csr(bytes(der)).public_bytes(Encoding.PEM))
    with pytest.raises(RequestRefused):
        read_request(file)


def test_a_revocation_stays_on_every_later_crl(ceremony: Ceremony, tmp_path: Path) -> None:
    ceremony.keep(ceremony.root().sign_issuing(request_of(tmp_path / "1.pem")))
    ceremony.keep(ceremony.root().sign_issuing(request_of(tmp_path / "2.pem")))
    ceremony.clock.advance(days=1)
    ceremony.keep(ceremony.root().sign_crl("issuing", "cACompromise"))
    first = ceremony.history().newest_crl
    ceremony.clock.advance(days=1)
    ceremony.keep(ceremony.root().sign_crl())
    ceremony.keep(ceremony.root().sign_crl("issuing-2", "superseded"))
    second = ceremony.history().newest_crl
    assert [each.reason for each in second.entries] == ["cACompromise", "superseded"]
    assert second.crl_number > first.crl_number
    crl = x509.load_pem_x509_crl(second.crl.encode())
    listed = crl.get_revoked_certificate_by_serial_number(int(first.entries[0].serial_number, 16))
    assert listed is not None
    reason = listed.extensions.get_extension_for_class(x509.CRLReason).value.reason
    assert reason is x509.ReasonFlags.ca_compromise


def test_only_what_the_root_certified_is_revoked_and_only_once(
    ceremony: Ceremony, tmp_path: Path
) -> None:
    ceremony.keep(ceremony.root().sign_issuing(request_of(tmp_path / "1.pem")))
    with pytest.raises(AuthorityUnknown):
        ceremony.root().sign_crl("issuing-2", "superseded")
    with pytest.raises(RolloverRefused):
        ceremony.root().sign_crl("issuing", "certificateHold")
    ceremony.keep(ceremony.root().sign_crl("issuing", "superseded"))
    with pytest.raises(CertificateAlreadyRevoked):
        ceremony.root().sign_crl("issuing", "superseded")


def test_crl_numbers_grow_when_the_clock_goes_back(ceremony: Ceremony) -> None:
    before = ceremony.history().newest_crl.crl_number
    ceremony.clock.advance(days=-30)
    ceremony.keep(ceremony.root().sign_crl())
    assert ceremony.history().newest_crl.crl_number == before + 1


def test_another_passphrase_opens_nothing(ceremony: Ceremony) -> None:
    ceremony.keys = EncryptedFileKeys(ceremony.folder.keys, b"not this sentence")
    with pytest.raises(KeyUnavailable):
        ceremony.root()


def test_a_key_that_is_not_the_roots_is_refused(ceremony: Ceremony) -> None:
    name = ceremony.history().key_name
    ceremony.keys.discard(name)
    EncryptedFileKeys(ceremony.folder.keys, ROOT_PASSPHRASE).keep(name, generate_key("ecdsa-p256"))
    with pytest.raises(KeyUnavailable):
        ceremony.root()


def test_an_empty_folder_has_no_history(tmp_path: Path) -> None:
    with pytest.raises(CeremonyMissing):
        read_records(tmp_path)


class TestARecordThatWasTouched:
    """Each of these is what somebody with the folder, and without the key, could do."""

    @pytest.fixture
    def records(self, ceremony: Ceremony, tmp_path: Path) -> Path:
        ceremony.keep(ceremony.root().sign_issuing(request_of(tmp_path / "1.pem")))
        ceremony.keep(ceremony.root().sign_crl("issuing", "superseded"))
        assert len(read_records(ceremony.folder.records)) == 3
        return ceremony.folder.records

    def test_a_changed_fact(self, records: Path) -> None:
        file = records / "0002-sign-issuing.json"
        content = file.read_text().replace('"name":"issuing"', '"name":"issuinG"', 1)
        file.write_text(content)
        with pytest.raises(RecordBroken):
            read_records(records)

    def test_another_spelling_of_the_same(self, records: Path) -> None:
        file = records / "0001-ceremony.json"
        file.write_text(json.dumps(json.loads(file.read_text())))
        with pytest.raises(RecordBroken):
            read_records(records)

    def test_one_left_out(self, records: Path) -> None:
        (records / "0002-sign-issuing.json").unlink()
        with pytest.raises(RecordBroken):
            read_records(records)

    def test_two_exchanged(self, records: Path) -> None:
        (records / "0002-sign-issuing.json").rename(records / "spare")
        (records / "0003-root-crl.json").rename(records / "0002-root-crl.json")
        (records / "spare").rename(records / "0003-sign-issuing.json")
        with pytest.raises(RecordBroken):
            read_records(records)

    def test_another_act_in_its_name(self, records: Path) -> None:
        (records / "0003-root-crl.json").rename(records / "0003-export.json")
        with pytest.raises(RecordBroken):
            read_records(records)

    def test_one_signed_by_another_root(self, records: Path, tmp_path: Path) -> None:
        file = records / "0003-root-crl.json"
        record = read_records(records)[2].record
        forged = sign_record(record, generate_key("ecdsa-p256"))
        file.write_bytes(forged.octets())
        with pytest.raises(RecordBroken):
            read_records(records)

    def test_the_history_of_another_root_continued(self, records: Path, tmp_path: Path) -> None:
        other = hold_ceremony(tmp_path / "other")
        other.keep(other.root().sign_crl())
        (records / "0003-root-crl.json").unlink()
        (records / "0002-sign-issuing.json").unlink()
        foreign = other.folder.records / "0002-root-crl.json"
        (records / "0002-root-crl.json").write_bytes(foreign.read_bytes())
        with pytest.raises(RecordBroken):
            read_records(records)


def test_two_sessions_at_once_leave_one_record(ceremony: Ceremony) -> None:
    first, second = ceremony.root().sign_crl(), ceremony.root().sign_crl()
    ceremony.keep(first)
    with pytest.raises(CeremonyFolderInUse):
        ceremony.keep(second)
    assert len(ceremony.history().records) == 2
