"""One Home Assistant, one simulated OVHcloud, one browser; a walk through them for each language."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import aiohttp
from playwright.async_api import Browser, async_playwright, expect
import pytest

from demo.folder import Folder
from demo.log import complaints
from demo.options import Options, any_port
from demo.stage import Stage
from simulator.constants import PARIS

from .evidence import keep
from .ovhcloud import OvhCloud
from .pictures import Pictures
from .rest import listen
from .screen import raw_keys, text_of
from .walk import Walk
from .watch import LOOPBACK

# For a machine that has much else to do.
PATIENCE = 60_000.0
REPORT = pytest.StashKey[pytest.TestReport]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take what scripts/e2e gives."""
    parser.addoption("--browser", type=Path, help="Chromium's command")
    parser.addoption("--evidence", type=Path, help="folder for what a failure leaves")
    parser.addoption("--throttle", type=float, default=1, help="slow the page down")
    parser.addoption("--screenshots", action="store_true", help="write docs/images")


def evidence_folder(config: pytest.Config) -> Path:
    """Give the folder for what a failure leaves."""
    folder: Path = config.getoption("--evidence")
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note how a test went, for its fixtures."""
    report = yield
    if report.when == "call":
        item.stash[REPORT] = report
    return report


@pytest.fixture(scope="session")
async def session() -> AsyncGenerator[aiohttp.ClientSession]:
    """Give a plain HTTP client."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Generator[Folder]:
    """Give Home Assistant's folder."""
    folder = Folder.take(tmp_path_factory.mktemp("house"), fresh=False)
    yield folder
    folder.release()


@pytest.fixture(scope="session")
async def stage(session: aiohttp.ClientSession, house: Folder) -> AsyncGenerator[Stage]:
    """Start Home Assistant, with a user and without the integration."""
    options = Options(config=house.path, language="en", port=any_port())
    stage = Stage(options, house, session, print)
    try:
        await stage.start_without_account()
        yield stage
    finally:
        await stage.stop()
    log = house.log.read_text("utf-8", "replace")
    # What the account has left may be read while OVHcloud is out of reach, which the log then tells.
    found = [text for text in complaints(log) if "(no_connection)" not in text]
    assert found == []


@pytest.fixture(scope="session")
async def browser(pytestconfig: pytest.Config) -> AsyncGenerator[Browser]:
    """Start the browser, which finds nothing but this machine."""
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=pytestconfig.getoption("--browser"),
            args=[f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {LOOPBACK}"],
        )
        yield browser
        await browser.close()


@pytest.fixture(scope="session", params=["en", "fr"])
async def walk(
    request: pytest.FixtureRequest,
    browser: Browser,
    stage: Stage,
    session: aiohttp.ClientSession,
    house: Folder,
) -> AsyncGenerator[Walk]:
    """Log in, in a house that speaks the language of the user."""
    language: str = request.param
    await stage.house.command("config/core/update", language=language)
    context = await browser.new_context(
        base_url=stage.house.address,
        locale={"en": "en-GB", "fr": "fr-FR"}[language],
        timezone_id=PARIS.key,
        viewport={"width": 1100, "height": 1250},
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE)
    await listen(context)
    page, phones = await context.new_page(), await context.new_page()
    rate = request.config.getoption("--throttle")
    processor = await context.new_cdp_session(page)
    await processor.send("Emulation.setCPUThrottlingRate", {"rate": rate})
    cloud = OvhCloud(phones, stage.handset, session)
    pictures = Pictures(language, wanted=request.config.getoption("--screenshots"))
    walk = Walk(
        stage=stage,
        context=context,
        page=page,
        cloud=cloud,
        language=language,
        pictures=pictures,
    )
    await walk.watch.begin()
    await cloud.order("POST", "reset")
    await cloud.open()
    await page.bring_to_front()
    try:
        await walk.log_in()
    except Exception:
        await keep(evidence_folder(request.config), "log-in", walk, house.path)
        raise
    yield walk
    await context.close()


@pytest.fixture(autouse=True)
async def nothing_goes_wrong(
    request: pytest.FixtureRequest,
    pytestconfig: pytest.Config,
    walk: Walk,
    house: Folder,
) -> AsyncGenerator[None]:
    """Fail a test that left errors in the browser or raw keys on the screen, and keep what is left of one that failed."""
    yield
    problems = walk.watch.take() + raw_keys(await text_of(walk.page))
    report = request.node.stash.get(REPORT, None)
    if problems or report is None or report.failed:
        await keep(evidence_folder(pytestconfig), request.node.name, walk, house.path)
    assert problems == []
