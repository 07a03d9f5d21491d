"""How every chart looks: sizes, colours, and the empty figure with its title and subtitle.

One colour of ink draws all text, lines of axes and grids (the grid with little opacity), so that `svg.py` can turn it
into `currentColor`. The colours of series have a contrast of at least 3:1 on white and on #14171c and stay apart for
eyes without red, green or blue cones; no other colour is used.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Sequence

import matplotlib
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, ListedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from . import labels

WIDTH, HEIGHT = 1200, 750
DPI = 100

INK = "#1b1f24"
SERIES = ("#415acd", "#b0901b", "#a2446b", "#009fd1", "#7e72f2", "#77631c", "#d86898", "#867f51")
MAIN = SERIES[0]
ACCENT = SERIES[2]
OTHER = "#7b828c"
"""The rest of the categories, and missing values: grey, because they are no category of their own."""

TITLE, SUBTITLE, TEXT, SMALL = 21, 15, 15.5, 13
MUTED, GRID = 0.78, 0.14

FALLBACKS = ("Noto Sans CJK SC", "Noto Sans CJK JP", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback")
"""Fonts for signs that DejaVu Sans lacks, used where they are installed."""

RULES = {
    "font.size": TEXT,
    "text.parse_math": False,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.labelsize": TEXT,
    "axes.labelpad": 8,
    "axes.facecolor": "none",
    "axes.linewidth": 1.2,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": INK,
    "grid.alpha": GRID,
    "grid.linewidth": 1.0,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": TEXT,
    "ytick.labelsize": TEXT,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.major.pad": 7,
    "ytick.major.pad": 7,
    "legend.frameon": False,
    "legend.fontsize": TEXT,
    "legend.labelcolor": INK,
    "legend.handlelength": 1.0,
    "legend.handletextpad": 0.4,
    "legend.columnspacing": 1.4,
    "legend.borderaxespad": 0.0,
    "legend.borderpad": 0.0,
    "lines.solid_capstyle": "round",
    "lines.solid_joinstyle": "round",
    "path.simplify": True,
    "figure.facecolor": "none",
    "svg.fonttype": "path",
    "svg.hashsalt": "ninja",
    "svg.image_inline": True,
}


def diverging() -> LinearSegmentedColormap:
    """From −1 over a neutral 0 to 1, for cells that bring their own background."""
    return LinearSegmentedColormap.from_list("diverging", ["#8a4b08", "#dfa45f", "#f3f3f1", "#8b9be6", "#2f43a8"])


def sequential() -> LinearSegmentedColormap:
    """From little to much, for cells that bring their own background."""
    return LinearSegmentedColormap.from_list("sequential", ["#f3f3f1", "#8b9be6", "#2f43a8"])


def dense() -> ListedColormap:
    """From little to much over the page itself, light or dark: one colour that covers it more and more."""
    red, green, blue = to_rgb(MAIN)
    return ListedColormap([(red, green, blue, cover) for cover in np.linspace(0.14, 1.0, 256)], "dense")


def use() -> None:
    """Sets the theme. Nothing of the machine's own matplotlibrc but its paths has a say."""
    matplotlib.use("Agg")
    matplotlib.rcdefaults()
    matplotlib.rcParams.update(RULES)
    installed = {font.name for font in font_manager.fontManager.ttflist}
    matplotlib.rcParams["font.family"] = ["DejaVu Sans", *(name for name in FALLBACKS if name in installed)]
    warnings.filterwarnings("ignore", message="Glyph .* missing from")  # `labels.missing_glyphs` tells the reader
    labels.know_fonts([Path(font_manager.findfont(name)) for name in matplotlib.rcParams["font.family"]])


def series(count: int, *, other: bool = False) -> list[str]:
    """Colours for `count` series; the last one is grey if it is the rest of many."""
    colours = [SERIES[i % len(SERIES)] for i in range(count)]
    if other and colours:
        colours[-1] = OTHER
    return colours


def figure(title: str, subtitle: str = "") -> Figure:
    """An empty figure with its heading; the axes that are added to it share the room below."""
    drawn = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI)
    width = WIDTH - 48
    lines = labels.wrap(title, width, TITLE, bold=True, lines=2)
    below = labels.wrap(subtitle, width, SUBTITLE, lines=2) if subtitle else []
    y = HEIGHT - 22
    for line in lines:
        drawn.text(24 / WIDTH, y / HEIGHT, line, size=TITLE, weight="bold", va="top")
        y -= 38
    for line in below:
        drawn.text(24 / WIDTH, y / HEIGHT, line, size=SUBTITLE, va="top", alpha=MUTED)
        y -= 28
    room = (20 / WIDTH, 14 / HEIGHT, (WIDTH - 44) / WIDTH, (y - 30) / HEIGHT)
    drawn.set_layout_engine(ConstrainedLayoutEngine(rect=room, w_pad=0.02, h_pad=0.02))
    return drawn


def legend(axes: Axes, names: Sequence[str], colours: Sequence[str], *, marker: str = "s") -> None:
    """Names with their colours in rows above the axes, as many side by side as fit."""
    shown = labels.fit_all(names, 260, TEXT)
    widest = max(labels.width(name, TEXT) for name in shown) + 70
    across = max(1, min(len(shown), int((WIDTH - 160) / widest)))
    handles = [
        Line2D([], [], linestyle="", marker=marker, color=colour, markersize=11, label=name) for name, colour in zip(shown, colours)
    ]
    down = -(-len(handles) // across)
    by_row = [handles[row * across + column] for column in range(across) for row in range(down) if row * across + column < len(handles)]
    axes.legend(handles=by_row, loc="lower left", bbox_to_anchor=(0, 1.015), ncol=across)


def at_ends(axes: Axes, names: Sequence[str], colours: Sequence[str], ends: Sequence[float | None]) -> None:
    """Names right of the ends of their lines, moved apart where lines end close to each other."""
    held = [i for i, end in enumerate(ends) if end is not None]
    low, high = axes.get_ylim()
    places = spread([ends[i] for i in held], (high - low) * 34 / 500, low, high)
    for i, place in zip(held, places):
        axes.annotate(
            labels.fit(names[i], 190, TEXT, bold=True), (1, place), (8, 0), xycoords=("axes fraction", "data"),
            textcoords="offset points", color=colours[i], weight="bold", va="center", annotation_clip=False,
        )


def spread(positions: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """`positions` moved as little as needed so that no two are closer than `gap`, all between `low` and `high`."""
    if not positions:
        return []
    gap = min(gap, (high - low) / max(1, len(positions) - 1))
    order = sorted(range(len(positions)), key=lambda i: positions[i])
    blocks: list[list[float]] = []  # [sum of wanted starts, members]: neighbours that touch move together
    for rank, i in enumerate(order):
        blocks.append([min(max(positions[i], low), high) - rank * gap, 1.0])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            total, members = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += members
    starts = [block[0] / block[1] for block in blocks for _ in range(int(block[1]))]
    shift = [min(max(start, low), high - (len(order) - 1) * gap) for start in starts]
    placed = [0.0] * len(order)
    for rank, i in enumerate(order):
        placed[i] = shift[rank] + rank * gap
    return placed
