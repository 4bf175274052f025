"""`make screenshots`: the pictures of README and docs, from the playground as it is now."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from tools.browser import find_chromium, open_browser
from tools.hero import record_hero
from tools.members_pictures import take_members
from tools.moderators_pictures import take_moderators, take_raid
from tools.pictures import PICTURES, keep
from tools.visitor import open_page

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from playwright.sync_api import Browser


@contextmanager
def _playground() -> Generator[str, None, None]:
    """Run the playground on a free port; yield its address."""
    command = [sys.executable, "-m", "playground", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        told = program.stdout.readline() if program.stdout else ""
        found = re.search(r"http://\S+", told)
        try:
            if found is None:
                raise RuntimeError(f"the playground did not start: {told!r}")
            yield found[0]
        finally:
            program.terminate()


def _take_page(browser: Browser, address: str) -> None:
    """The page with what is behind the scenes, once a clip is there."""
    page = open_page(browser, address, 1180, 880)
    page.get_by_role("button", name="Animate: A harbour at sunset").click()
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_text("your clip is ready").last.wait_for()
    page.get_by_role("button", name="Behind the scenes", exact=True).click()
    page.get_by_role("complementary", name="Behind the scenes").get_by_text("settle").wait_for()
    keep(page, "behind")
    page.close()


def main() -> int:
    """Take them all, or those of the parts that are named. Returns 1 where there is no browser."""
    executable = find_chromium()
    if executable is None:
        sys.stderr.write("No Chromium here: install Debian's `chromium`.\n")
        return 1
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or _PARTS:
        # Each with its own server: what one sets would show in the others' pictures.
        with _playground() as address, open_browser(executable) as browser:
            _PARTS[name](browser, address)
    return 0


_PARTS: Final[Mapping[str, Callable[[Browser, str], None]]] = {
    "hero": record_hero,
    "page": _take_page,
    "members": take_members,
    "moderators": take_moderators,
    "raid": take_raid,
}

if __name__ == "__main__":
    sys.exit(main())
