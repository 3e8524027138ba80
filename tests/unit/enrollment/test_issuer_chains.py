"""What goes with a certificate is the CA that issued it, not the one that issues today."""

import pytest

from enrollment.issuer_chains import IssuerChains
from foundation.errors import Unavailable
from tests.support.tls_credentials import make_root

OLD, NEW, ROOT = (make_root(name).certificate for name in ("Issuing CA", "Issuing CA 2", "Root CA"))


def test_after_a_rollover_the_old_certificates_keep_their_chain() -> None:
    chains = IssuerChains(ROOT, lambda: [NEW, OLD])
    # A self-signed certificate names itself as its issuer, which is all that counts here.
    assert chains.above(OLD) == (OLD,)
    assert chains.above(NEW) == (NEW,)


def test_the_issuing_cas_are_read_at_each_use() -> None:
    issuers = [OLD]
    chains = IssuerChains(ROOT, lambda: issuers)
    with pytest.raises(Unavailable, match="issuing-ca-unknown"):
        chains.above(NEW)
    issuers.insert(0, NEW)
    assert chains.above(NEW) == (NEW,)


def test_everything_ends_with_the_root() -> None:
    assert IssuerChains(ROOT, lambda: [NEW, OLD]).everything() == (NEW, OLD, ROOT)
