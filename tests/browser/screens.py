"""Takes the pictures of docs/screens from the served demo: `make run` in one window, `make screens` in another."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from config.environment import BASE_DIR
from tests.availability import CHROMIUM

FOLDER = BASE_DIR / "docs" / "screens"
ACCOUNTS = BASE_DIR / "var" / "demo-accounts.txt"
PEOPLE = "/admin/tracker/participant/"
LONGEST = 2200
"""Pixels: nobody looks at the rest of a long list."""
SOON = (datetime.now(UTC) + timedelta(days=4)).date()
COLOURS = 160
"""So many, chosen for each picture, and nobody sees a difference; the file has a quarter of the size."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One page: its file's name, its address, and which participant's it is; {} in the address is her key."""

    name: str
    address: str
    about: str = ""
    chinese: bool = False
    reader: str = "demo-crc"


PICTURES = (
    Picture("login", "/admin/login/", reader=""),
    Picture("today", "/admin/", chinese=True),
    Picture("participant", f"{PEOPLE}{{}}/change/", "DEMO-002", chinese=True),
    Picture("plan", f"{PEOPLE}{{}}/plan/lymphodepletion/?at_0={SOON}&at_1=09:00", "DEMO-002", chinese=True),
    Picture("panel", f"{PEOPLE}{{}}/facts/panel/", "DEMO-001"),
    Picture("step", f"{PEOPLE}{{}}/step/enrol/", "DEMO-003", reader="demo-pi"),
    Picture("messages", "/admin/tracker/notification/"),
    Picture("audit-trail", f"{PEOPLE}{{}}/audit/", "DEMO-002"),
)


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody looks at a page."""

    width: int
    dark: bool
    language: str

    @property
    def locale(self) -> str:
        """The language of the browser."""
        return "en-GB" if self.language == "en" else "zh-CN"

    @property
    def ending(self) -> str:
        """What tells the files of one page apart."""
        parts = ("phone" if self.width < 500 else "", "dark" if self.dark else "", "zh" * (self.language != "en"))
        return "".join(f"-{part}" for part in parts if part)


LOOKS = [
    Look(width, dark, language) for language in ("en", "zh-hans") for width in (1360, 390) for dark in (False, True)
]


def take_all(site: str) -> None:
    """Every picture, anew."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        for look in LOOKS:
            for picture, page in opened(browser, site, look):
                keep(taken(page, look.width), FOLDER / f"{picture.name}{look.ending}.png")
        browser.close()


def taken(page: Page, width: int) -> bytes:
    """The whole page, in a window that is as high: what stays at a window's foot stands at the page's foot then."""
    high: int = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": max(844, min(high, LONGEST))})
    page.wait_for_timeout(300)
    picture: bytes = page.screenshot()
    page.set_viewport_size({"width": width, "height": 844})
    return picture


def opened(browser: Browser, site: str, look: Look) -> Iterator[tuple[Picture, Page]]:
    """The pages that are shown in this look, each open before its reader."""
    for reader in dict.fromkeys(picture.reader for picture in PICTURES):
        context = browser.new_context(
            base_url=site, locale=look.locale, timezone_id="Asia/Shanghai",
            viewport={"width": look.width, "height": 844}, color_scheme="dark" if look.dark else "light",
        )  # fmt: skip
        page = context.new_page()
        if reader:
            sign_in(page, reader, look.language)
        for picture in PICTURES:
            if picture.reader == reader and (picture.chinese or look.language == "en"):
                page.goto(picture.address.format(key_of(page, picture.about)))
                page.wait_for_timeout(800)
                yield picture, page
        context.close()


def sign_in(page: Page, reader: str, language: str) -> None:
    """Sign in as somebody of the demo, and choose the language."""
    password = dict(line.split()[:2] for line in ACCOUNTS.read_text(encoding="utf-8").splitlines())[reader]
    page.goto("/admin/login/")
    page.fill("input[name=username]", reader)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/admin/")
    with page.expect_navigation():
        page.evaluate("code => document.querySelector(`[value=${code}]`).form.submit()", language)


def key_of(page: Page, number: str) -> str:
    """The key of the participant with this number; "" for none."""
    if not number:
        return ""
    # A search that finds one participant opens her page.
    page.goto(f"{PEOPLE}?q={number}")
    return page.url.partition(PEOPLE)[2].partition("/")[0]


def keep(taken: bytes, path: Path) -> None:
    """Write a picture with few colours."""
    Image.open(BytesIO(taken)).convert("RGB").quantize(COLOURS, Image.Quantize.MEDIANCUT).save(path, optimize=True)


if __name__ == "__main__":
    take_all(sys.argv[1])
