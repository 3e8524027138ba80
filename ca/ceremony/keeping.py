"""Writing down what a session made: the record first, since it holds all the rest.

Whoever is killed in between has the record, and in it all the rest in PEM.
"""

from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.ceremony.bundle import make_bundle
from ca.ceremony.document import parse_document
from ca.ceremony.errors import CeremonyFolderInUse
from ca.ceremony.folder import CeremonyFolder
from ca.ceremony.records import SignedRecord, write_record
from ca.ceremony.transcript import write_transcript
from foundation.i18n import Translator


def keep(folder: CeremonyFolder, signed: SignedRecord, t: Translator) -> Sequence[Path]:
    """Write record, transcript, certificates, CRL and bundles; return the files.

    Raises `CeremonyFolderInUse` when another session was faster.
    """
    try:
        record = write_record(folder.records, signed)
    except FileExistsError as taken:
        raise CeremonyFolderInUse(str(folder.records)) from taken
    transcript = folder.keep_transcript(signed, write_transcript(t, signed))
    return [record, transcript, *_publish(folder, signed)]


def _publish(folder: CeremonyFolder, signed: SignedRecord) -> list[Path]:
    record = signed.record
    root = x509.load_pem_x509_certificate(record.root_certificate.encode())
    files = [
        folder.publish("root.pem", record.root_certificate.encode()),
        folder.publish("root.cer", root.public_bytes(Encoding.DER)),
    ]
    files.extend(
        folder.publish(f"{each.name}.pem", each.certificate.encode()) for each in record.issuing
    )
    newest = record.root_crl
    if newest is None:
        return files
    crl = x509.load_pem_x509_crl(newest.crl.encode()).public_bytes(Encoding.DER)
    files.append(folder.publish(f"root-{newest.crl_number}.crl", crl))
    content = parse_document(record.document.encode()).content
    if record.act != "export":
        for each in record.issuing:
            bundle = make_bundle(
                signed,
                each,
                pki_url=content.pki_url,
                crl_shards=content.crl_shards,
                crl=newest.crl,
            )
            files.append(folder.publish(f"bundle-{each.name}.json", bundle.octets()))
    return files
