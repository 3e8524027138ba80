"""The folder of an edge, made ready for HAProxy to start."""

from collections.abc import Mapping

from gateway.edge.files import MAPS, EdgeFiles


def prepare_state(files: EdgeFiles, answers: Mapping[str, str]) -> None:
    """Make the folder, its answers and its maps; what is there is written anew.

    The maps are **empty**: an edge that starts lets nobody in before its agent
    has loaded it. They are emptied again at every call, so that nothing stale
    is believed at the next start.
    """
    for folder in (files.folder, files.maps, files.pages):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in MAPS:
        files.map(name).write_bytes(b"")
    for name, text in answers.items():
        (files.pages / name).write_text(text, encoding="utf-8")
