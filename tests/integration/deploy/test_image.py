"""The image (Dockerfile) is built from what `.dockerignore` lets through: nothing is missing.

No container engine is asked for: the wheel that the build stage makes is made
here, from a folder with the same content, and compared with the repository.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[3]


def admitted() -> list[str]:
    """Return the top-level names that `.dockerignore` lets into the build."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    return [line.removeprefix("!") for line in lines if line.startswith("!")]


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds what `COPY . .` would copy."""
    folder = tmp_path_factory.mktemp("context")
    for name in admitted():
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return folder


@pytest.fixture(scope="module")
def wheel(context: Path) -> ZipFile:
    """Return the wheel of that folder, built as pip builds it."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel"],
        cwd=context,
        check=True,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": ""},
    )
    (built,) = (context / "dist").glob("*.whl")
    return ZipFile(built)


def test_it_holds_every_file_of_every_package(context: Path, wheel: ZipFile) -> None:
    packages = [name for name in admitted() if (ROOT / name / "__init__.py").exists()]
    assert len(packages) == 6
    wanted = {
        str(file.relative_to(context))
        for package in packages
        for file in (context / package).rglob("*")
        if file.is_file()
    }
    assert wanted <= set(wheel.namelist())


def test_it_holds_the_certificate_profiles(wheel: ZipFile) -> None:
    assert wheel.read("ca/openssl.cnf") == (ROOT / "openssl.cnf").read_bytes()


def test_what_it_holds_starts(wheel: ZipFile, tmp_path: Path) -> None:
    for member in wheel.namelist():
        wheel.extract(member, tmp_path / "installed")
    data = tmp_path / "data"
    told = subprocess.run(
        [sys.executable, "-P", "-m", "gateway.cli.main", "init", "--data", data],
        cwd=tmp_path,  # not the checkout, whose packages would be found
        env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert str(data) in told
    assert (data / "certgate.db").exists()
