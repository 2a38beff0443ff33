"""Look at the built site in a headless Chromium, as a phone and a desktop show it: `make docs-browser`.

Every page is opened at both widths: no error on the console, nothing asked of another host, nothing missing, no page
wider than its window. Pictures of some, light and dark, are left in `browser/`, which git ignores. Chromium
is Debian's package, or what CHROMIUM names.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator

_ROOT = Path(__file__).parents[1]
_SITE = _ROOT / "site"
_PICTURES = _ROOT / "browser"
_WIDTHS = (390, 1280)
_SCHEMES = {"light": 1, "dark": 0}  # as Blink numbers what a reader prefers
_HEIGHT = 2000
_SHOWN = (
    *("", "tutorial/first-service/", "how-to/fastapi/", "how-to/query/", "how-to/single-table/"),
    *("reference/models/", "reference/errors/", "reference/cli/", "reference/api/repo/"),
)
_TIMEOUT = 600  # seconds, for all pages
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--mute-audio"),
)
# Stands before every other script of a page, so that it sees what goes wrong in them.
_WATCH = """<script>
window.problems = [];
addEventListener("error", e => problems.push(e.message || "not loaded: " + (e.target.src || e.target.href)), true);
addEventListener("unhandledrejection", e => problems.push("rejected: " + e.reason));
const write = console.error;
console.error = (...words) => { problems.push(words.join(" ")); write(...words); };
</script>"""
_DRIVER = """<!doctype html><link rel="icon" href="data:,"><iframe id="frame" style="height:900px;border:0"></iframe>
<script>
const pages = PAGES, widths = WIDTHS, frame = document.getElementById("frame"), found = [];
const loaded = url => new Promise(done => { frame.onload = done; frame.src = url; });
const rest = () => new Promise(done => setTimeout(done, 100));
(async () => {
  for (const page of pages) {
    frame.style.width = widths[0] + "px";
    await loaded("/" + page);
    for (const width of widths) {
      frame.style.width = width + "px";
      const inner = frame.contentWindow, root = inner.document.documentElement;
      for (let tries = 0; tries < 30 && (!tries || root.scrollWidth > root.clientWidth); tries++) await rest();
      const asked = inner.performance.getEntriesByType("resource").map(each => each.name);
      found.push({page, width, problems: inner.problems, wider: root.scrollWidth - root.clientWidth,
                  outside: asked.filter(url => !url.startsWith(location.origin) && !url.startsWith("data:"))});
    }
  }
  await fetch("/__report__", {method: "POST", body: JSON.stringify(found)});
})();
</script>"""


class _Server(ThreadingHTTPServer):
    """Serves the site, the page that opens the others, and takes its report."""

    daemon_threads = True

    def __init__(self, pages: list[str]) -> None:
        """Listen on a port of the loopback."""
        self.driver = _DRIVER.replace("PAGES", json.dumps(pages)).replace("WIDTHS", json.dumps(_WIDTHS))
        self.report: list[dict[str, Any]] = []
        self.reported = threading.Event()
        self.missing: set[str] = set()
        super().__init__(("127.0.0.1", 0), partial(_Handler, directory=str(_SITE)))


class _Handler(SimpleHTTPRequestHandler):
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride] -- the one above

    def do_GET(self) -> None:
        if self.path == "/__driver__":
            self._answer(self.server.driver)
        elif self.path.endswith("/") and (file := _SITE / self.path.strip("/") / "index.html").is_file():
            self._answer(file.read_text().replace("<head>", f"<head>{_WATCH}", 1))
        else:
            super().do_GET()

    def do_POST(self) -> None:
        self.server.report = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer("")
        self.server.reported.set()

    def _answer(self, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- as the base class names it
        del format
        if args[1:2] == ("404",):
            self.server.missing.add(str(args[0]))


def _chromium() -> str:
    named = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    return named or sys.exit("no Chromium: apt-get install chromium, or name one with CHROMIUM")


@contextmanager
def _open(url: str, *flags: str) -> Generator[subprocess.Popen[bytes]]:
    """Open a page in a browser with a profile of its own; both are gone after the block."""
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        command = [_chromium(), *_FLAGS, f"--user-data-dir={profile}", *flags, url]
        browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 -- Chromium
        try:
            yield browser
        finally:
            browser.terminate()
            browser.wait()


def _pages() -> list[str]:
    folders = (page.parent.relative_to(_SITE) for page in _SITE.rglob("index.html"))
    return sorted("" if folder == Path() else f"{folder.as_posix()}/" for folder in folders)


def _problems(server: _Server, origin: str) -> list[str]:
    """Open every page at each width, and return what is wrong."""
    with _open(f"{origin}/__driver__"):
        if not server.reported.wait(_TIMEOUT):
            return [f"no report within {_TIMEOUT} s"]
    wrong = [f"missing: {each}" for each in sorted(server.missing)]
    for each in server.report:
        where = f"{each['page'] or 'the home page'} at {each['width']}"
        wrong += [f"{where}: {problem}" for problem in each["problems"]]
        wrong += [f"{where}: asks {url}" for url in each["outside"]]
        if each["wider"] > 0:
            wrong.append(f"{where}: {each['wider']} pixels wider than the window")
    return wrong


def _take_pictures(origin: str) -> None:
    shutil.rmtree(_PICTURES, ignore_errors=True)
    _PICTURES.mkdir()
    for page, width, (scheme, number) in itertools.product(_SHOWN, _WIDTHS, _SCHEMES.items()):
        picture = _PICTURES / f"{page.strip('/').replace('/', '-') or 'home'}-{width}-{scheme}.png"
        flags = (f"--screenshot={picture}", f"--window-size={width},{_HEIGHT}", "--virtual-time-budget=2000")
        with _open(f"{origin}/{page}", *flags, f"--blink-settings=preferredColorScheme={number}") as browser:
            browser.wait(60)


def main() -> int:
    """Check the site, take the pictures, and say what is wrong."""
    pages = _pages()
    server = _Server(pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    origin = f"http://127.0.0.1:{server.server_port}"
    wrong = _problems(server, origin)
    _take_pictures(origin)
    server.shutdown()
    print("\n".join(wrong) or f"{len(pages)} pages at {' and '.join(map(str, _WIDTHS))} pixels: fine")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
