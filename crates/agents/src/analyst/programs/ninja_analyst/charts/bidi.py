"""Text of right-to-left scripts in the order in which it is drawn.

matplotlib puts glyphs side by side from left to right and joins nothing. So Hebrew and Arabic names are reordered here
(levels of the Unicode bidirectional algorithm, without its explicit marks) and Arabic letters get their joined forms,
which Unicode itself lists as decompositions.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

RIGHT = ("R", "AL")
NUMBER = ("EN", "AN")
LAM, ALEFS = "\u0644", "\u0622\u0623\u0625\u0627"
MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")


def visual(text: str) -> str:
    """`text` as it is to be drawn from left to right."""
    if not any(unicodedata.bidirectional(sign) in RIGHT for sign in text):
        return text
    clusters = _clusters(shaped(text))
    classes = [unicodedata.bidirectional(cluster[0]) for cluster in clusters]
    levels = _levels([_as_text(c, cluster) for c, cluster in zip(classes, clusters)], _base(classes))
    return "".join(_reordered(clusters, levels))


def shaped(text: str) -> str:
    """`text` with the joined forms of its Arabic letters."""
    forms = _forms()
    out: list[str] = []
    letters = list(text)
    for at, sign in enumerate(letters):
        if sign not in forms:
            out.append(sign)
            continue
        before = _neighbour(letters, at, -1)
        after = _neighbour(letters, at, 1)
        joins_before = before in forms and "initial" in forms[before] and "final" in forms[sign]
        joins_after = after in forms and "initial" in forms[sign] and "final" in forms[after]
        form = {(True, True): "medial", (True, False): "final", (False, True): "initial"}.get((joins_before, joins_after), "isolated")
        out.append(forms[sign].get(form, sign))
    return _with_ligatures("".join(out))


@lru_cache(maxsize=1)
def _forms() -> dict[str, dict[str, str]]:
    """For each Arabic letter its forms, and for each pair of lam and alef the ligature."""
    forms: dict[str, dict[str, str]] = {}
    for code in (*range(0xFB50, 0xFBB2), *range(0xFE80, 0xFEF5)):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and parts[0].startswith("<"):
            forms.setdefault(chr(int(parts[1], 16)), {})[parts[0][1:-1]] = chr(code)
    return forms


def _with_ligatures(text: str) -> str:
    """Lam and alef are always written as one sign."""
    forms = _forms()
    for code in range(0xFEF5, 0xFEFD):
        form, _, alef = unicodedata.decomposition(chr(code)).split()
        lam = forms[LAM]["initial" if form == "<isolated>" else "medial"]
        text = text.replace(lam + forms[chr(int(alef, 16))]["final"], chr(code))
    return text


def _neighbour(letters: list[str], at: int, step: int) -> str:
    """The next sign that is no mark above or below a letter."""
    at += step
    while 0 <= at < len(letters) and unicodedata.combining(letters[at]):
        at += step
    return letters[at] if 0 <= at < len(letters) else ""


def _clusters(text: str) -> list[str]:
    clusters: list[str] = []
    for sign in text:
        if clusters and unicodedata.bidirectional(sign) == "NSM":
            clusters[-1] += sign
        else:
            clusters.append(sign)
    return clusters


def _base(classes: list[str]) -> int:
    """1 if the text begins to the left, so that its brackets do too."""
    strong = [c for c in classes if c == "L" or c in RIGHT]
    return 1 if strong and strong[0] in RIGHT else 0


def _as_text(direction: str, cluster: str) -> str:
    """Brackets are a sign of their own: they stand around what they hold, in the direction of the text."""
    return "BRACKET" if cluster[0] in "()[]{}" else direction


def _levels(classes: list[str], base: int) -> list[int]:
    """Even levels run to the right, odd ones to the left; signs without a direction take that of both neighbours, else the text's."""
    directions: list[str | None] = []
    last = "R" if base else "L"
    for c in classes:
        if c == "L" or c in RIGHT:
            last = "L" if c == "L" else "R"
            directions.append(last)
        elif c == "BRACKET":
            last = "R" if base else "L"
            directions.append(last)
        elif c in NUMBER:
            directions.append("N" if last == "R" else "L")
        else:
            directions.append(None)
    levels: list[int] = []
    for at, direction in enumerate(directions):
        if direction is None:
            before = next((d for d in reversed(directions[:at]) if d), None)
            after = next((d for d in directions[at:] if d), None)
            sides = {"R" if d in ("R", "N") else "L" if d else ("R" if base else "L") for d in (before, after)}
            direction = sides.pop() if len(sides) == 1 else ("R" if base else "L")
        levels.append({"R": 1, "N": 2, "L": 2 if base else 0}[direction])
    return levels


def _reordered(clusters: list[str], levels: list[int]) -> list[str]:
    shown = [c.translate(MIRRORED) if level % 2 else c for c, level in zip(clusters, levels)]
    order = list(range(len(shown)))
    for level in range(max(levels), 0, -1):
        at = 0
        while at < len(order):
            end = at
            while end < len(order) and levels[order[end]] >= level:
                end += 1
            order[at:end] = reversed(order[at:end])
            at = max(end, at + 1)
    return [shown[i] for i in order]
