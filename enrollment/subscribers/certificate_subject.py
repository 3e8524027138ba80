"""What a certificate says of its subscriber."""

from ca.names.subject import Subject


def certificate_subject(username: str, display_name: str, credit_code: str | None) -> Subject:
    """Return the subject; whoever has a credit code is a unit. Nothing comes from a request."""
    if credit_code is None:
        return Subject.of_person(username=username, name=display_name)
    return Subject.of_unit(username=username, name=display_name, credit_code=credit_code)
