"""The page docs/pages.md, and one picture of the whole for the README."""

from pathlib import Path

from PIL import Image, ImageDraw

DARK = frozenset({"login", "home"})

# (English heading, Chinese heading, pages), in the order somebody meets them.
CHAPTERS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Before login",
        (
            ("landing", "Landing page"),
            ("pickup", "Pickup: two values from the slip"),
            ("pickup-refused", "Pickup refused; the answer never tells which half was wrong"),
            ("certificates", "请下载根证书和个人证书: both downloads, the fingerprint to compare"),
            ("help", "Installation help"),
            ("help-windows", "Installation help for one system"),
            ("certificate-required", "The portal, without a certificate"),
        ),
    ),
    (
        "Login",
        (
            ("login", "Login, bound to the certificate that was shown"),
            ("login-failed", "Wrong username or password"),
            ("password-reset", "Forced reset after the first login"),
            ("password-refused", "A password that the policy refuses"),
        ),
    ),
    (
        "A unit files",
        (
            ("home-empty", "Home, before the first filing"),
            ("enrolment-form", "Enrolment (增员), with the immediate status check"),
            ("enrolment-blocked", "The status check says no"),
            ("enrolment-errors", "The form, with mistakes"),
            ("check-window", "Saved: the check window"),
            ("enrolment-edit", "Changing what was saved"),
            ("submit", "Are you sure?"),
            ("withdraw", "Withdrawing"),
            ("result", "Result: in progress"),
            ("result-ended", "Result of a VIP unit: reviewed automatically"),
            ("home", "Home: to do and done"),
            ("task-returned", "A filing that came back"),
            ("print-form", "Paper form"),
        ),
    ),
    (
        "Review",
        (
            ("reviews", "Filings that wait"),
            ("review", "One filing, and the decision"),
            ("review-decided", "Decided"),
        ),
    ),
    (
        "Counter",
        (
            ("units", "Units"),
            ("unit-new", "Enrolling a unit"),
            ("unit-new-errors", "Papers are missing"),
            ("slip", "Password slip, shown once"),
            ("unit", "One unit"),
            ("unit-reissue", "Reissue"),
        ),
    ),
    (
        "Security",
        (
            ("certificate-search", "Finding a credential by part of a name"),
            ("certificate", "Revoking: reason and name"),
            ("receipt", "Receipt"),
            ("certificate-revoked", "What the holder sees from that moment on"),
        ),
    ),
    (
        "Administration and audit",
        (
            ("officers", "Officers"),
            ("officer-new", "A new officer"),
            ("officer", "Roles of an officer"),
            ("audit", "Audit log"),
            ("audit-verified", "The chain, verified"),
        ),
    ),
)


def write_gallery(path: Path, images: Path) -> None:
    """Write a page with every photograph: desk and phone in Chinese, desk in English."""
    lines = [
        "# The pages",
        "",
        "Every page in Chinese on a desk and on a phone, and in English; `make screenshots`",
        "makes the pictures and this page anew.",
        "",
    ]
    for chapter, pages in CHAPTERS:
        lines += [f"## {chapter}", ""]
        for name, caption in pages:
            lines += [f"### {caption}", "", *_row(images, name, caption), ""]
            if name in DARK:
                lines += [*_row(images, f"{name}-dark", f"{caption}, dark"), ""]
    path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def _row(images: Path, name: str, caption: str) -> list[str]:
    kinds = (
        ("zh-desktop", "中文", 400),
        ("zh-phone", "中文，手机", 130),
        ("en-desktop", "English", 400),
    )
    cells = [
        f'<a href="images/{kind}-{name}.png"><img src="images/{kind}-{name}.png"'
        f' alt="{caption} ({words})" width="{width}" align="top"></a>'
        for kind, words, width in kinds
        if (images / f"{kind}-{name}.png").exists()
    ]
    return ["<p>", *cells, "</p>"]


def draw_overview(images: Path) -> None:
    """Draw overview.png: pickup, the unit's home and a phone, side by side."""
    canvas = Image.new("RGB", (1600, 860), "#dfe7ec")
    for name, left, top, width, height in (
        ("zh-desktop-certificates", 40, 40, 660, 700),
        ("zh-desktop-home", 560, 110, 800, 700),
        ("zh-phone-check-window", 1270, 60, 290, 740),
    ):
        _put(canvas, images / f"{name}.png", (left, top), (width, height))
    canvas.quantize(192, dither=Image.Dither.NONE).save(images / "overview.png", optimize=True)


def _put(canvas: Image.Image, file: Path, at: tuple[int, int], size: tuple[int, int]) -> None:
    """Put the top of a photograph on the canvas, with a frame."""
    width, height = size
    with Image.open(file) as photograph:
        page = photograph.convert("RGB")
    scaled = page.resize(
        (width, round(page.height * width / page.width)), Image.Resampling.LANCZOS
    ).crop((0, 0, width, min(height, round(page.height * width / page.width))))
    pen = ImageDraw.Draw(canvas)
    left, top = at
    right, bottom = left + scaled.width, top + scaled.height
    for offset, shade in ((10, "#d2dce3"), (5, "#c3d0d9"), (1, "#8fa3b1")):
        pen.rounded_rectangle(
            (left - offset, top - offset, right + offset, bottom + offset), offset + 4, fill=shade
        )
    canvas.paste(scaled, at)
