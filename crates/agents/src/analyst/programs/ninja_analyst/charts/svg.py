"""The SVG of matplotlib made fit for pages: light and dark, small, alone among others, and with words for who cannot see it."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from . import theme

STYLE = (
    f".ninja-chart{{color:{theme.INK}}}"
    "@media (prefers-color-scheme:dark){.ninja-chart{color:#e6e9ee}}"
)


def finished(svg: str, slug: str, title: str, alt: str) -> str:
    """`svg` without doctype and metadata, its ink as `currentColor`, its ids under `slug`."""
    body = svg[svg.index("<svg") :]
    head_end = body.index(">") + 1
    body = body[head_end:]
    body = re.sub(r"<metadata>.*?</metadata>\s*", "", body, flags=re.S)
    body = body.replace(theme.INK, "currentColor")
    body = _own_ids(body, slug)
    body = re.sub(r">\s+<", "><", body)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" class="ninja-chart" role="img" '
        f'aria-labelledby="{slug}-title {slug}-desc" width="{theme.WIDTH}" height="{theme.HEIGHT}" '
        f'viewBox="0 0 {theme.WIDTH * 72 / theme.DPI:g} {theme.HEIGHT * 72 / theme.DPI:g}">'
        f'<title id="{slug}-title">{escape(title)}</title><desc id="{slug}-desc">{escape(alt)}</desc><style>{STYLE}</style>'
    )
    return head + _shorter(body)


def _own_ids(body: str, slug: str) -> str:
    """Ids that nothing refers to are dropped; the others get the slug, for a page may hold several charts."""
    used = set(re.findall(r'(?:href="|url\()#([^")]+)', body))
    body = re.sub(r' id="([^"]+)"', lambda m: f' id="{slug}-{m[1]}"' if m[1] in used else "", body)
    body = re.sub(r'href="#([^"]+)"', rf'href="#{slug}-\1"', body)
    return re.sub(r"url\(#([^)]+)\)", rf"url(#{slug}-\1)", body)


def _shorter(body: str) -> str:
    """A tenth of a unit is less than what an eye sees; glyphs keep their own, larger units."""
    return re.sub(
        r'(<path d="|<use [^>]*? x=")([^"]+)"',
        lambda m: m[1] + re.sub(r"\d+\.\d+", lambda n: f"{float(n[0]):.2f}".rstrip("0").rstrip("."), m[2]) + '"',
        body,
    )
