"""The kinds of acts that take two officers, and the states a proposal passes through.

::

    proposed -> executed                       a release, a small bulk revocation
    proposed -> executing -> executed          a large one: chunk by chunk
    proposed -> approved -> executed           a ceremony: carried out by a command
    proposed -> refused | withdrawn | expired | overtaken
    approved -> expired

"overtaken": what the proposal was about is no longer as it was when it was
proposed, so nobody's approval can fit it any more.
"""

from typing import Literal, get_args

Kind = Literal["release", "bulk_revocation", "issuing_rollover", "root_crl_import"]
ProposalState = Literal[
    "proposed",
    "approved",
    "executing",
    "executed",
    "refused",
    "withdrawn",
    "expired",
    "overtaken",
]

KINDS: tuple[Kind, ...] = get_args(Kind)
STATES: tuple[ProposalState, ...] = get_args(ProposalState)
