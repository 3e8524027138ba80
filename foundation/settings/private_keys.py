"""What the CA's keys are, where they live, and who signs with them."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

KeyBackend = Literal["files", "pkcs11"]
# ML-DSA is experimental and for the authorities only.
KeyAlgorithmName = Literal[
    "ecdsa-p256", "ecdsa-p384", "rsa-3072", "rsa-4096", "ed25519", "ml-dsa-65"
]


class PrivateKeySettings(BaseModel):
    """Keys in files or in a token, and the process that holds them when it is another."""

    key_backend: KeyBackend = "files"
    key_algorithm: KeyAlgorithmName = "ecdsa-p256"
    key_passphrase_file: Path | None = None
    pkcs11_module: Path | None = None
    pkcs11_token: Annotated[str, Field(min_length=1, max_length=32)] | None = None
    pkcs11_pin_file: Path | None = None
    # Of a gateway: where its signer is. Of a signer: where it listens.
    signer: Annotated[str, Field(pattern=r"^(unix:/.+|tls:.+:[0-9]{1,5})$")] | None = None
    signer_credentials: Path | None = None
    signer_users: str = ""
    # Nodes share the secret in this file: it seals the keys that sign tokens.
    token_key_file: Path | None = None

    @model_validator(mode="after")
    def _token_is_whole(self) -> Self:
        if self.key_backend == "pkcs11":
            if None in (self.pkcs11_module, self.pkcs11_token, self.pkcs11_pin_file):
                raise ValueError(
                    "key_backend pkcs11 needs pkcs11_module, pkcs11_token and pkcs11_pin_file"
                )
            if self.key_algorithm == "ml-dsa-65":
                raise ValueError("no token makes ml-dsa-65 keys yet: key_backend files")
        return self
