"""Which language a request gets: ``?lang=``, then the cookie, then Accept-Language."""

LANGUAGES = ("zh", "en")
DEFAULT_LANGUAGE = "zh"
LANGUAGE_PARAMETER = "lang"
LANGUAGE_COOKIE = "certgate_lang"

_MOST_RANGES = 20


def negotiate_language(
    *, wanted: str | None = None, remembered: str | None = None, accept_language: str = ""
) -> str:
    """Return the language to answer in; unknown wishes are passed over."""
    if wanted in LANGUAGES:
        return str(wanted)
    if remembered in LANGUAGES:
        return str(remembered)
    return _accepted(accept_language) or DEFAULT_LANGUAGE


def _accepted(header: str) -> str | None:
    """Return the best language of an Accept-Language header (RFC 9110, section 12.5.4)."""
    best: tuple[float, str] | None = None
    for item in header.split(",")[:_MOST_RANGES]:
        name, _, parameters = item.strip().partition(";")
        quality = _quality(parameters)
        language = name.strip().lower().partition("-")[0]
        if language in LANGUAGES and quality > 0 and (best is None or quality > best[0]):
            best = (quality, language)
    return best[1] if best else None


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return min(float(value), 1.0)
    except ValueError:
        return 0.0
