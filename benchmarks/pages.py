"""How soon are the console's pages there, with 100 studies, one of them of 10,000 trials? Writes pages.md.

    OMP_NUM_THREADS=1 python benchmarks/pages.py [--visits 5]

In Chromium at 1280 x 800, which runs on the same cores as the server. A page is interactive once what it is for can be
seen and the browser has nothing to do: from the moment of navigation, by the browser's own clock. *First* is a visit
with nothing cached, *again* the same page reloaded. Bytes are those that come over the network at the first visit.
"""

import argparse
import os
import platform
import statistics
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from service_load import Served, fill

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
from browsing import chromium

#: Of each page what is to be seen on it.
PAGES = {
    "/studies": "#list a[href^='/studies/']",
    "/studies/{study}": "#scores canvas, #scores svg",
    "/nebulae": "main a[href^='/nebulae/']",
    "/nebulae/drum": ".tile",
    "/corpora": "h1",
    "/listening-tests": "h1",
    "/system": "h1",
}

_IDLE = "() => new Promise((done) => requestIdleCallback(() => done(performance.now())))"


def visited(page: Any, address: str, seen: str, again: bool) -> float:
    """Returns after how many milliseconds a page was interactive."""
    page.reload(wait_until="commit") if again else page.goto(address, wait_until="commit")
    page.locator(seen).first.wait_for(state="visible")
    return float(page.evaluate(_IDLE))


def measured(browser: Any, served: Served, path: str, seen: str, visits: int) -> tuple[float, float, int]:
    """Returns the medians of first visits and of those again, and the bytes of a first one."""
    first, again, sizes = [], [], []
    for _ in range(visits):
        context = browser.new_context(base_url=served.url, viewport={"width": 1280, "height": 800})
        page = context.new_page()
        page.goto(f"/?token={served.key}")
        page.goto("about:blank")
        devtools = context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.send("Network.clearBrowserCache")
        received: list[int] = []
        devtools.on("Network.loadingFinished", lambda event, kept=received: kept.append(event["encodedDataLength"]))
        first.append(visited(page, path, seen, False))
        page.wait_for_load_state("networkidle")
        sizes.append(sum(received))
        again.append(visited(page, path, seen, True))
        context.close()
    return statistics.median(first), statistics.median(again), round(statistics.median(sizes))


def main() -> None:
    """Visits them and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visits", type=int, default=5)
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    rows = []
    with tempfile.TemporaryDirectory() as home:
        database = f"sqlite:///{home}/nebula.db"
        large = fill(Path(home), database)
        with Served(Path(home), database, 1) as served, chromium() as browser:
            served.client.get("/v1/nebulae/drum/sounds/0.flac").raise_for_status()
            for path, seen in PAGES.items():
                first, again, size = measured(browser, served, path.format(study=large), seen, arguments.visits)
                rows.append(f"| `{path}` | {first:,.0f} | {again:,.0f} | {size / 1e3:,.0f} |")
                print(rows[-1], flush=True)
            told = browser.version
    versions = ", ".join(f"{name} {version(name)}" for name in ("fastapi", "uvicorn", "SQLAlchemy"))
    lines = [
        "# How soon pages are there",
        "",
        f"`{' '.join(['OMP_NUM_THREADS=1 python benchmarks/pages.py', *sys.argv[1:]])}`. {platform.system()} "
        f"{platform.machine()}, {os.cpu_count()} cores, load {load:.1f} before; Chromium {told}, {versions}. "
        f"Medians of {arguments.visits} visits.",
        "",
        "| page | first, ms | again, ms | kB |",
        "|---|---:|---:|---:|",
        *rows,
    ]
    Path(__file__).with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
