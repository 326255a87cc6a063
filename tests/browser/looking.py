"""What the tests in a browser share: how a window may look, when the live page has answered, what axe finds wrong."""

from typing import Any

import pytest

SIZES = {"desk": 1280, "phone": 390}
# Ways of looking at a page. Twice the zoom on a desk of 1440 pixels leaves it 720 of them.
MODES: dict[str, dict[str, Any]] = {
    "desk": {"width": 1440},
    "phone": {"width": 390, "height": 844},
    "dark": {"width": 1440, "color_scheme": "dark"},
    "dark-phone": {"width": 390, "height": 844, "color_scheme": "dark"},
    "forced": {"width": 1440, "forced_colors": "active"},
    "double": {"width": 720, "height": 450, "device_scale_factor": 2},
    "print": {"width": 794, "height": 1123, "media": "print"},  # A4
}
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": STANDARDS, "resultTypes": ["violations"]}  # all of what is well takes longer to tell than to find
OVERFLOW = "document.documentElement.scrollWidth - innerWidth"
READY = "body:not(:has(.htmx-request)) #answer:not(:has([aria-busy]))"
PATIENCE = 120_000  # milliseconds that a busy machine may take for a plan


def violations(window, within: str = "html") -> list[str]:
    """Return what axe finds wrong with a page, or with a part of it; what is well it tells by one element a rule."""
    axe = pytest.importorskip("axe_playwright_python.base", reason="axe-playwright-python is not installed")
    window.evaluate(axe.AXE_SCRIPT)
    found = window.evaluate("([within, options]) => axe.run(within, options)", [within, OPTIONS])
    assert len(found["passes"]) > 10 or within != "html", "axe looked at something"
    return [f"{v['id']}: {v['help']}: {[n['html'] for n in v['nodes']][:3]}" for v in found["violations"]]


def settled(window, selector: str = ".card") -> None:
    """Wait until the page has answered with a plan."""
    window.wait_for_selector(f"{READY} {selector}", state="attached", timeout=PATIENCE)


def filled(window, **fields: str) -> None:
    """Type into fields (`p_age="61"`) of the live page, and wait for its answer."""
    for name, text in fields.items():
        window.locator(f"#{name.replace('_', '-', 1)}").fill(text)
        window.keyboard.press("Tab")
    window.wait_for_timeout(400)
    settled(window)
