"""Does a server take up a TLS session again? Asked with the openssl command."""

from pathlib import Path

from tests.support.openssl import openssl

REQUEST = b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"


def s_client_twice(port: int, version: str, folder: Path, *more: str | Path) -> list[str]:
    """Return what the command says of two connections, the second with the first's session."""
    file = folder / "session.pem"
    said = []
    for option in ("-sess_out", "-sess_in"):
        if option == "-sess_in" and not file.exists():
            # Nothing was handed out that a client could come back with.
            said.append("New")
            continue
        answer = openssl(
            *("s_client", "-connect", f"127.0.0.1:{port}", version, "-ign_eof"),
            *(option, file, *more),
            stdin=REQUEST,
        )
        lines = [line for line in answer.text.splitlines() if line.startswith(("New,", "Reused,"))]
        said.append(lines[0].partition(",")[0])
    return said
