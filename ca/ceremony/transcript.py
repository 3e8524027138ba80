"""The transcript: a record as people read it, with room for their signatures.

Markdown, for paper. It proves nothing by itself: the record beside it does, by
the root's signature, and the transcript names the record's digest.
"""

from collections.abc import Iterator

from ca.ceremony.document import CeremonyDocument, parse_document
from ca.ceremony.records import Record, SignedRecord, Step, spell_time
from foundation.i18n import Translator

_SIGNATURE = "_" * 32


def write_transcript(t: Translator, signed: SignedRecord) -> str:
    """Return the transcript of a record in the translator's language."""
    record = signed.record
    document = parse_document(record.document.encode()).content
    parts = (
        _heading(t, signed, document),
        _software(t, record),
        _steps(t, record),
        _signatures(t, document),
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def _heading(t: Translator, signed: SignedRecord, document: CeremonyDocument) -> Iterator[str]:
    record = signed.record
    yield f"# {_plain(document.title)}"
    yield ""
    yield t(f"ceremony.act.{record.act}")
    yield ""
    yield f"- {t('ceremony.record')}: {signed.name}.json"
    yield f"- {t('ceremony.record_sha256')}: {_groups(signed.sha256)}"
    previous = record.previous_sha256
    yield f"- {t('ceremony.previous_sha256')}: {_groups(previous) if previous else '-'}"
    yield f"- {t('ceremony.document_sha256')}: {_groups(record.document_sha256)}"
    yield ""


def _software(t: Translator, record: Record) -> Iterator[str]:
    yield f"## {t('ceremony.software')}"
    yield ""
    for name, version in sorted(record.program.items()):
        yield f"- {name}: {_plain(version)}"
    yield ""


def _steps(t: Translator, record: Record) -> Iterator[str]:
    yield f"## {t('ceremony.steps')}"
    for number, step in enumerate(record.steps, start=1):
        yield ""
        yield f"{number}. {spell_time(step.at)} {t(f'ceremony.step.{step.what}')}"
        yield from _facts(t, step)
    yield ""


def _facts(t: Translator, step: Step) -> Iterator[str]:
    for name, value in step.facts.items():
        shown = _groups(str(value)) if name.endswith("sha256") else _plain(str(value))
        yield f"   - {t(f'ceremony.fact.{name}')}: {shown}"


def _signatures(t: Translator, document: CeremonyDocument) -> Iterator[str]:
    yield f"## {t('ceremony.signatures')}"
    yield ""
    yield t("ceremony.signatures_text")
    for person in document.participants:
        yield ""
        yield f"{_plain(person.name)} ({_plain(person.role)}): {_SIGNATURE}  {t('ceremony.date')}: "


def _groups(digest: str) -> str:
    """Return hex in groups of four, as people read it to one another."""
    return " ".join(digest[start : start + 4] for start in range(0, len(digest), 4))


def _plain(text: str) -> str:
    """Return text that cannot begin a line or a mark of its own in Markdown."""
    return " ".join(text.split()).replace("`", "'").replace("<", "(").replace(">", ")")
