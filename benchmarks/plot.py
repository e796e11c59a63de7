"""The drawing of docs/performance.md: bars, in light and in dark."""

from collections.abc import Iterable
from html import escape
from typing import Final

from .figures import Series
from .senders import BARE, BARE_ENTITY, FLOOR, OURS

_WIDTH: Final = 760
_LEFT: Final = 210
_RIGHT: Final = 90
_BAR: Final = 14
_GAP: Final = 8
_HEAD: Final = 64
_STYLE: Final = """
text{font:13px system-ui,sans-serif;fill:#1f2328}
.title{font-size:15px;font-weight:600}
.quiet{fill:#59636e}
.ours{fill:#0969da}
.bare{fill:#818b98}
.other{fill:#c4cbd3}
.to95{stroke:#59636e;stroke-width:1.5}
.grid{stroke:#d1d9e0}
@media(prefers-color-scheme:dark){
text{fill:#f0f6fc}.quiet{fill:#9198a1}
.ours{fill:#4493f8}.bare{fill:#767e88}.other{fill:#454c55}
.to95{stroke:#9198a1}.grid{stroke:#2b3138}}
"""


def draw(found: Iterable[Series]) -> str:
    """Return an SVG: how long a call takes, to one and to three receivers."""
    found = list(found)
    panels = [
        sorted((each for each in found if each.receivers == count), key=_p50)
        for count in (1, 3)
    ]
    # A line that would be longer ends at the edge.
    scale = (_WIDTH - _LEFT - _RIGHT) / max(each.p50 for each in found) / 1.4
    parts, top = [], 0
    for count, panel in zip((1, 3), panels, strict=True):
        parts.append(_panel(count, panel, top, scale))
        top += _HEAD + len(panel) * (_BAR + _GAP) + _GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}"'
        f' role="img" aria-label="Milliseconds of one call, by way to send">'
        f"<style>{_STYLE}</style>{''.join(parts)}</svg>\n"
    )


def _panel(count: int, panel: list[Series], top: int, scale: float) -> str:
    who = "one receiver" if count == 1 else f"{count} receivers"
    rows = "".join(
        _row(each, top + _HEAD + number * (_BAR + _GAP), scale)
        for number, each in enumerate(panel)
    )
    return (
        f'<text class="title" x="8" y="{top + 24}">One call to {who}</text>'
        f'<text class="quiet" x="8" y="{top + 44}">milliseconds; the bar is p50,'
        f" the line goes to p95</text>"
        f'<line class="grid" x1="{_LEFT}" x2="{_LEFT}" y1="{top + _HEAD - 4}"'
        f' y2="{top + _HEAD + len(panel) * (_BAR + _GAP)}"/>{rows}'
    )


def _row(series: Series, y: int, scale: float) -> str:
    kind = "other"
    if series.name in OURS:
        kind = "ours"
    elif series.name in (BARE, BARE_ENTITY, FLOOR):
        kind = "bare"
    end = _LEFT + series.p50 * scale
    far = min(_LEFT + series.p95 * scale, _WIDTH - _RIGHT)
    middle = y + _BAR / 2
    return (
        f'<text x="{_LEFT - 8}" y="{y + 12}" text-anchor="end">{escape(series.name)}'
        f"</text>"
        f'<rect class="{kind}" x="{_LEFT}" y="{y}" width="{end - _LEFT:.1f}"'
        f' height="{_BAR}" rx="2"/>'
        f'<line class="to95" x1="{end:.1f}" x2="{far:.1f}" y1="{middle}"'
        f' y2="{middle}"/>'
        f'<text x="{far + 6:.1f}" y="{y + 12}">{series.p50:.2f}</text>'
    )


def _p50(series: Series) -> float:
    return series.p50
