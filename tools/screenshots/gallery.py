"""The page docs/pages.md, and one picture of the whole for the README."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

DARK = frozenset({"login", "home", "certificate"})
# Chinese is photographed in full; of English, on a phone, the main road only.
PHONE_IN_ENGLISH = frozenset(
    {"landing", "pickup", "certificates", "login", "password-reset", "home", "enrolment-form"}
    | {"check-window", "submit", "result", "review", "slip", "certificate", "receipt"}
    | {"application-new", "edge-receipt", "edge-certificate-revoked"}
)

_TABLE, _GROUND, _CORNER = "#dce6ec", "#f3f6f8", 12

# (heading, pages with captions), in the order somebody meets them.
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
            ("certificates-filtered", "The inventory by conditions"),
            ("certificate", "A certificate decoded; revoking: reason and name"),
            ("receipt", "Receipt"),
            ("approval-waits", "A release proposed: another officer must approve"),
            ("approvals", "What waits for the second officer"),
            ("approval", "What will happen, and the decision"),
            ("bulk", "Bulk revocation: conditions or a list"),
            ("bulk-dry-run", "The dry run: who would be hit"),
            ("approval-bulk", "A bulk revocation to approve"),
            ("approval-executed", "Carried out"),
            ("certificate-revoked", "What the holder sees from that moment on"),
        ),
    ),
    (
        "Administration and audit",
        (
            ("officers", "Officers"),
            ("officer-new", "A new officer"),
            ("officer", "Roles of an officer"),
            ("applications-none", "Applications, before the first"),
            ("application-new", "Registering an application"),
            ("application-errors", "An address that cannot be registered"),
            ("applications", "Applications"),
            ("application", "One application: what to tell its builders, new keys, its end"),
            ("audit", "Audit log"),
            ("audit-verified", "The chain, verified"),
        ),
    ),
    (
        "Behind edges",
        (
            ("edge-receipt", "Receipt: from when on each edge refused"),
            ("edge-certificate-required", "The edge's own refusals: no certificate"),
            ("edge-certificate-revoked", "A revoked certificate"),
            ("edge-not-allowed", "An application for others"),
            ("edge-unavailable", "No node is there"),
            ("edge-bad-request", "An address that could mean two things"),
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
    """Draw overview.png: a unit's home on a desk, pickup and a filing on phones."""
    canvas = Image.new("RGB", (1760, 830), _TABLE)
    for name, left, width in (
        ("zh-desktop-home", 50, 1000),
        ("zh-phone-certificates", 1090, 295),
        ("zh-phone-check-window", 1415, 295),
    ):
        _put(canvas, images / f"{name}.png", (left, 50), (width, 730))
    canvas.save(images / "overview.png", optimize=True)


def _put(canvas: Image.Image, file: Path, at: tuple[int, int], size: tuple[int, int]) -> None:
    """Put the top of a photograph on the canvas, with rounded corners and a soft shadow."""
    width, height = size
    with Image.open(file) as photograph:
        page = photograph.convert("RGB")
    scaled = page.resize((width, round(page.height * width / page.width)), Image.Resampling.LANCZOS)
    window = Image.new("RGB", size, _GROUND)
    window.paste(scaled, (0, 0))
    left, top = at
    shadow = Image.new("L", canvas.size, 0)
    box = (left, top + 8, left + width, top + height + 8)
    ImageDraw.Draw(shadow).rounded_rectangle(box, _CORNER, fill=110)
    blurred = shadow.filter(ImageFilter.GaussianBlur(14))
    canvas.paste(Image.new("RGB", canvas.size, "#6d8494"), (0, 0), blurred)
    corners = Image.new("L", size, 0)
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, width, height), _CORNER, fill=255)
    canvas.paste(window, at, corners)
