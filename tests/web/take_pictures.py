"""Take the pictures of docs/pictures: `python tests/web/take_pictures.py`, where chromium and playwright are."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from page_reader import HUGE, begin, page_office
from playwright.sync_api import sync_playwright
from test_page_browser import CHROMIUM, FLAGS
from web_office import served

from ytarchive.simulator import WELL_KNOWN

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
VIEWS = [
    ("overview-light", "/", "light", 1120, 780),
    ("overview-dark-phone", "/", "dark", 390, 844),
    ("workplan-dark", "/workplan", "dark", 1120, 780),
    ("video-light-phone", f"/videos/{WELL_KNOWN['title_quotes']}", "light", 390, 844),
]

_ELSEWHERE = """folder => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replace(folder + "/page", "/srv/youtube");
}"""
"""The folder of a picture is nobody's machine."""


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        page_office(Path(folder) / "page") as office,
        served(office) as (server, _),
    ):
        office.problems = (
            "manifests/talks.yaml:3:14: quality: found '1O80p', expected a label such as 1080p",
        )
        begin(office, HUGE, "The making of a very long film")
        begin(office, WELL_KNOWN["large"], "Lecture 12: what stays when everything moves")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
            for name, path, scheme, width, height in VIEWS:
                page = browser.new_page(
                    base_url=server.url, color_scheme=scheme, viewport={"width": width, "height": height}
                )
                page.goto("/sign-in")
                page.get_by_label("Token").fill((office.settings.state.path / "token").read_text().strip())
                page.keyboard.press("Enter")
                page.wait_for_url("**/")
                page.goto(path)
                page.evaluate(_ELSEWHERE, folder)
                time.sleep(0.3)
                page.screenshot(path=PICTURES / f"{name}.png")
                page.close()
            browser.close()


if __name__ == "__main__":
    main()
