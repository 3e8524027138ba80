"""The documents as they are shipped, and a folder of copies that a test may break."""

import shutil
from pathlib import Path

import pytest

from policies.access import AccessPolicy
from policies.documents import POLICY_FOLDER
from policies.parameters import Parameters, load_parameters


@pytest.fixture(scope="session")
def access() -> AccessPolicy:
    return AccessPolicy.load()


@pytest.fixture(scope="session")
def parameters() -> Parameters:
    return load_parameters()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for pattern in ("*.cedar", "*.cedarschema", "*.toml"):
        for document in POLICY_FOLDER.glob(pattern):
            shutil.copy(document, tmp_path)
    return tmp_path
