"""Facts of an entry, as the table keeps them: one line of JSON."""

import json
from collections.abc import Mapping
from json.encoder import encode_basestring
from typing import Final

from foundation.audit.draft import Fact

_JSON: Final = json.JSONEncoder(sort_keys=True, ensure_ascii=False)


def write_facts(facts: Mapping[str, Fact]) -> str:
    """Return facts with their names sorted; raises `TypeError` for what is none."""
    if len(facts) == 1:
        # As thousands of entries in a row have it: an encoder costs more than all else.
        ((name, value),) = facts.items()
        if type(value) is str:
            return f"{{{encode_basestring(name)}: {encode_basestring(value)}}}"
    return _JSON.encode(dict(facts))
