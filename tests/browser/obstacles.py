"""What keeps somebody from reading or using a page, as axe finds it: by day and by night, each as one line."""

from collections.abc import Iterator
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ONLY_COLOURS = ["color-contrast", "link-in-text-block"]

_SCRIPT = Axe().axe_script
_RUN = """
async ([place, rules]) => {
  const found = await axe.run(place, {runOnly: rules, resultTypes: ["violations"], iframes: false});
  return found.violations.flatMap(each => each.nodes.map(node => [each.id, node.impact, node.target.flat().join(" ")]));
}
"""
_STAND_STILL = """
() => {
  const still = new CSSStyleSheet();
  still.replaceSync("*, ::before, ::after { transition: none !important; animation: none !important; }");
  document.adoptedStyleSheets = [still];
}
"""
_UNFOLD = """
() => document.querySelectorAll("details:not(.dm-papers, .dm-then-asked)").forEach(each => { each.open = true; })
"""


def obstacles(page: Page, name: str, *, place: str = "html") -> list[str]:
    """Everything that WCAG 2.2 AA forbids there: rules about shape once, rules about colour also in the dark."""
    page.evaluate(_STAND_STILL)
    page.evaluate(_UNFOLD)
    by_day = _found(page, place, RULES)
    _darken(page, dark=True)
    by_night = _found(page, place, ONLY_COLOURS)
    _darken(page, dark=False)
    width = page.viewport_size["width"] if page.viewport_size else 0
    return [*_lines(f"{name} at {width}", by_day), *_lines(f"{name} at {width}, dark", by_night)]


def _found(page: Page, place: str, rules: list[str]) -> Any:
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_SCRIPT)
    return page.evaluate(_RUN, [place, rules])


def _darken(page: Page, *, dark: bool) -> None:
    """The admin's pages ask for a class, those without it ask the reader's machine."""
    page.emulate_media(color_scheme="dark" if dark else "light")
    page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", dark)


def _lines(where: str, found: Any) -> Iterator[str]:
    return (f"{where}: {rule} ({impact}) {target}" for rule, impact, target in found)
