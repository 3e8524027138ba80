"""Baseline: django-ca, behind gunicorn, by its REST API.

One root that issues, its P-256 key in a file, SQLite in the mode that ours has
(WAL, synchronous FULL). Without Celery it issues within the request. Its answer
names an order; that the certificate itself takes two more requests is not held
against it.
"""

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives.serialization import Encoding

from benchmarks.client import Connection
from benchmarks.peers.installing import PeerMissing, django_ca_python
from benchmarks.peers.requests import NAME, http_post, new_requests
from benchmarks.peers.serving import free_port, serving

Hasher = Literal["PBKDF2PasswordHasher", "MD5PasswordHasher"]

_SETTINGS = """
from pathlib import Path
HERE = Path(__file__).parent
SECRET_KEY = "benchmark"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django_ca"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.{hasher}"]
DATABASES = {{"default": {{
    "ENGINE": "django.db.backends.sqlite3", "NAME": HERE / "db.sqlite3", "CONN_MAX_AGE": None,
    "OPTIONS": {{
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        "transaction_mode": "IMMEDIATE",
    }},
}}}}
_FILES = "django.core.files.storage.FileSystemStorage"
STORAGES = {{
    "default": {{"BACKEND": _FILES}},
    "staticfiles": {{"BACKEND": _FILES}},
    "django-ca": {{"BACKEND": _FILES, "OPTIONS": {{"location": str(HERE / "keys")}}}},
}}
CA_DEFAULT_HOSTNAME = "localhost"
CA_ENABLE_REST_API = True
CA_ENABLE_ACME = False
CA_USE_CELERY = False
"""
_URLS = """
from django.urls import include, path
urlpatterns = [path("django_ca/", include("django_ca.urls"))]
"""
_MAKE_CA = (
    "init_ca", "--key-type", "EC", "--elliptic-curve", "secp256r1", "--api-enable",
    "--output-format", "serial", "Benchmark", "CN=Benchmark CA",
)  # fmt: skip
_USER, _PASSWORD = "benchmark", "a quiet river in spring"
_MAKE_USER = (
    "from django.contrib.auth import get_user_model as g; "
    f"g().objects.create_superuser({_USER!r}, 'a@example.org', {_PASSWORD!r})"
)
_COUNT = "from django_ca.models import Certificate as c; print('issued', c.objects.count())"


@dataclass(frozen=True)
class DjangoCa:
    """A running django-ca."""

    folder: Path
    python: Path
    port: int
    serial_number: str

    def sign_requests(self) -> Iterator[bytes]:
        """Yield requests without end to certify another key each."""
        login = base64.b64encode(f"{_USER}:{_PASSWORD}".encode()).decode()
        headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json"}
        path = f"/django_ca/api/ca/{self.serial_number}/sign/"
        for request in new_requests():
            document = {
                "csr": request.public_bytes(Encoding.PEM).decode(),
                "subject": [{"oid": "2.5.4.3", "value": NAME}],
                "profile": "client",
            }
            yield http_post("localhost", path, headers, json.dumps(document).encode())

    def issued(self) -> int:
        """Return how many certificates there are: the answers only promise them."""
        said = _manage(self.folder, self.python, "shell", "-v", "0", "-c", _COUNT)
        return int(said.rpartition("issued ")[2])

    def connect(self) -> Connection:
        """Open a connection."""
        return Connection(self.port)


@contextmanager
def running_django_ca(folder: Path, hasher: Hasher) -> Iterator[DjangoCa]:
    """Make a CA in `folder` and serve it while the block runs; raises `PeerMissing`."""
    python = django_ca_python()
    folder.mkdir(parents=True)
    (folder / "settings.py").write_text(_SETTINGS.format(hasher=hasher))
    (folder / "urls.py").write_text(_URLS)
    _manage(folder, python, "migrate", "-v", "0")
    serial_number = _manage(folder, python, *_MAKE_CA).split()[-1].replace(":", "")
    _manage(folder, python, "shell", "-v", "0", "-c", _MAKE_USER)
    port = free_port()
    command = [
        str(python), "-m", "gunicorn", "--worker-class", "gthread", "--threads", "4",
        "--keep-alive", "120", "--bind", f"127.0.0.1:{port}", "--no-control-socket",
        "django.core.wsgi:get_wsgi_application()",
    ]  # fmt: skip
    with serving(command, folder, port, _environment(folder)):
        yield DjangoCa(folder, python, port, serial_number)


def _manage(folder: Path, python: Path, *arguments: str) -> str:
    try:
        return subprocess.run(
            [str(python), "-m", "django", *arguments], cwd=folder, env=_environment(folder),
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
    except subprocess.CalledProcessError as failed:
        raise PeerMissing(f"django-ca: {failed.stderr[-500:]}") from failed


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": str(folder)}
