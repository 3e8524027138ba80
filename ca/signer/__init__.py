"""The signer: the CA's keys in a process of their own, behind three questions.

`ca.signer.desk` decides what is signed, `ca.signer.server` listens, and
`ca.signer.remote` is what the gateway holds instead of a key.
"""

from ca.signer.desk import SigningDesk
from ca.signer.remote import RemoteSigners
from ca.signer.server import SignerServer

__all__ = ["RemoteSigners", "SignerServer", "SigningDesk"]
