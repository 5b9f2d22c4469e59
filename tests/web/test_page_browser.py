"""The page in a real Chromium: nothing foreign runs, nothing is refused, keys and eyes suffice, and it stays fresh."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from page_reader import HOSTILE, HUGE, PageOffice, begin, end, page_office
from web_office import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

REQUIRED = "REQUIRE_BROWSER"
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATHS = [
    "/",
    "/workplan",
    "/space",
    "/search?q=simulated",
    "/entries/Cosmos%20%3Ci%3E",
    "/sign-in",
    "/entries/nothing",
]
PATHS += [f"/videos/{video}" for video in HOSTILE]

# Every text whose contrast with what lies behind it is below WCAG's AA, 4.5 to 1 (3 to 1 for large text).
PALE = """() => {
  const rgb = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = (color) => { const [r, g, b] = color.map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = (node) => { for (; node; node = node.parentElement) { const c = rgb(getComputedStyle(node).backgroundColor);
    if (c.length === 3 || c[3] > 0.99) return c.slice(0, 3); } return [255, 255, 255]; };
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || node.closest(".hidden, .skip, script")) continue;
    const style = getComputedStyle(node);
    const [a, b] = [light(rgb(style.color).slice(0, 3)), light(behind(node))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) found.push(`${ratio.toFixed(2)} ${walk.currentNode.data.trim().slice(0, 40)}`);
  }
  return found;
}"""


def _missing(why: str) -> None:
    if os.environ.get(REQUIRED):
        pytest.fail(f"{why}, and {REQUIRED} is set")
    pytest.skip(why)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        _missing(f"{CHROMIUM} is not there")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("playwright is not there: uv sync --group browser")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="module")
def desk(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageOffice]:
    with page_office(tmp_path_factory.mktemp("page")) as office:
        yield office


@pytest.fixture(scope="module")
def address(desk: PageOffice) -> Iterator[str]:
    with served(desk) as (server, _):
        assert server.url is not None
        yield server.url


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Opens a page of its own session; whatever the browser complains about fails the test."""
    complaints: list[str] = []
    contexts: list[Any] = []

    def open_(path: str, **options: Any) -> Page:
        context = browser.new_context(base_url=address, **options)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"a dialog: {dialog.message}"))
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()
    if any("404" in one for one in complaints):  # the page that is not there was asked for
        complaints = [one for one in complaints if "status of 404" not in one]
    assert complaints == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_pages_are_taken_without_complaint_and_can_be_read(
    open_page: Callable[..., Page], desk: PageOffice, scheme: str, width: int
) -> None:
    desk.problems = ("manifests/" + "a-long-name/" * 12 + "broken.yaml:3:14: found '1O80p'",)
    begin(desk, HOSTILE[0], "</title><script>alert('1')</script>")
    page = open_page("/", color_scheme=scheme, viewport={"width": width, "height": 800})
    for path in PATHS:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        assert page.evaluate(PALE) == [], path
        assert page.evaluate("document.scripts.length") == 1, path
    end(desk, HOSTILE[0], "")
    desk.problems = ()


def test_what_happens_appears_without_asking(open_page: Callable[..., Page], desk: PageOffice) -> None:
    page = open_page("/")
    page.get_by_text("No download runs.").wait_for()
    begin(desk, HUGE, "A long film")
    page.get_by_role("link", name="A long film").wait_for()
    assert page.get_by_role("progressbar").get_attribute("value") == "10000000"
    end(desk, HUGE, "A long film")
    page.get_by_text("No download runs.").wait_for()
    page.get_by_role("status").get_by_text("A long film").wait_for(state="attached")


def test_keys_suffice_to_sign_in_and_decide(open_page: Callable[..., Page], desk: PageOffice) -> None:
    page = open_page("/workplan")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.get_by_role("link", name="Sign in", exact=True).last.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in?next=/workplan")
    page.wait_for_function("document.activeElement.id === 'token'")
    page.keyboard.type((desk.settings.state.path / "token").read_text().strip())
    page.keyboard.press("Enter")
    page.wait_for_url("**/workplan")
    item = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="sim_Private"))
    item.get_by_text("More", exact=True).focus()
    page.keyboard.press("Enter")
    item.get_by_label("Note").wait_for()
    item.get_by_label("Note").focus()
    page.keyboard.type("it was mine")
    page.keyboard.press("Enter")
    page.wait_for_url("**/workplan?told=*")
    with desk.reading() as world:
        (said,) = world.index.acknowledgements()
    assert (said.subject, said.why) == ("sim_Private", "it was mine")
