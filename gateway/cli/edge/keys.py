"""``certgate edge replace-keys``: after a loss of what signs tokens."""

from foundation.audit import Actor
from gateway.cli.context import DEFAULT_DATA, AsJson, DataFolder, open_house
from gateway.cli.output import print_result


def replace_keys(data: DataFolder = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Make new keys for session tokens and assertions, and believe no old one from now on.

    Sessions stay: whoever works in an application gets a new token by the next
    request. Also helps when the key that seals them is lost.
    """
    with open_house(data) as house:
        signing = house.token_signing
        signing.rotation.replace_now(Actor.operator())
        with house.database.reading() as session:
            names = [
                signing.keys.signing_key(session, purpose).kid
                for purpose in (signing.session_tokens, signing.assertions)
            ]
    print_result({"key_names": names}, as_json)
