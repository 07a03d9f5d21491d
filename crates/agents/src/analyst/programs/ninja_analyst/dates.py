"""Dates as people write them. ISO 8601 first; then day and month by name; then by number, where `31/12` and `12/31`
show which is which, and `01/02` alone does not: that stays text."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timezone

_TIME = r"(?:[T ](\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?))?"
_ISO = re.compile(r"(\d{4})([-/])(\d{1,2})(?:\2(\d{1,2}))?" + _TIME + r" ?(Z|[+-]\d{2}:?\d{2})?", re.ASCII)
_NUMBERS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})" + _TIME, re.ASCII)
_DAY_NAME = re.compile(r"(\d{1,2})[- ]([A-Za-z]{3,9})\.?[- ,]+(\d{4})" + _TIME, re.ASCII)
_NAME_DAY = re.compile(r"([A-Za-z]{3,9})\.? (?:(\d{1,2}),? )?(\d{4})" + _TIME, re.ASCII)
_MONTHS = "january february march april may june july august september october november december".split()


@dataclass(frozen=True)
class Dates:
    """What a set of texts says: a moment for each text, or that day and month cannot be told apart."""

    moments: dict[str, datetime]
    ambiguous: bool = False
    zones: bool = False


def dates(texts: Collection[str]) -> Dates | None:
    """Every one of `texts` as a moment, or None if one of them is no date."""
    for read in (_iso, _named):
        moments = _all(texts, read)
        if moments is not None:
            zones = any(moment.tzinfo is not None for moment in moments.values())
            plain = {text: _utc(moment) for text, moment in moments.items()}
            return Dates(plain, zones=zones)
    return _numbered(texts)


def is_date(text: str) -> bool:
    """Whether `text` alone is a date, be it an ambiguous one."""
    return dates([text]) is not None


def _all(texts: Collection[str], read) -> dict[str, datetime] | None:
    moments = {}
    for text in texts:
        moment = read(text)
        if moment is None:
            return None
        moments[text] = moment
    return moments


def _iso(text: str) -> datetime | None:
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, _, month, day, time, zone = match.groups()
    if day is None and time is not None:
        return None
    return _moment(year, month, day or "1", time, zone)


def _named(text: str) -> datetime | None:
    if match := _DAY_NAME.fullmatch(text):
        day, name, year, time = match.groups()
    elif match := _NAME_DAY.fullmatch(text):
        name, day, year, time = match.groups()
    else:
        return None
    name = name.lower()
    month = next((n for n, known in enumerate(_MONTHS, 1) if name in (known, known[:3], known[:4])), None)
    return None if month is None else _moment(year, str(month), day or "1", time, None)


def _numbered(texts: Collection[str]) -> Dates | None:
    matches = {}
    for text in texts:
        match = _NUMBERS.fullmatch(text)
        if match is None:
            return None
        matches[text] = match.groups()
    by_order = [
        {text: _moment(parts[3], parts[1 - first + 1], parts[first], parts[4], None) for text, parts in matches.items()}
        for first in (0, 2)
    ]
    # `31.12.2024`, with points, is written day first wherever it is written.
    if all(parts[1] == "." for parts in matches.values()):
        by_order = by_order[:1]
    whole = [moments for moments in by_order if None not in moments.values()]
    if not whole:
        return None
    if len(whole) == 2 and whole[0] != whole[1]:
        return Dates({}, ambiguous=True)
    return Dates(whole[0])


def _moment(year: str, month: str, day: str, time: str | None, zone: str | None) -> datetime | None:
    clock = f"{time or '0:00'}".split(":")
    seconds, _, fraction = (clock[2] if len(clock) > 2 else "0").partition(".")
    micro = int(fraction.ljust(6, "0")) if fraction else 0
    try:
        moment = datetime(int(year), int(month), int(day), int(clock[0]), int(clock[1]), int(seconds), micro)
        return moment if zone is None else _shifted(moment, zone)
    except (ValueError, OverflowError):
        return None


def _shifted(moment: datetime, zone: str) -> datetime:
    offset = "+00:00" if zone == "Z" else zone
    return datetime.fromisoformat(moment.isoformat() + offset).astimezone(timezone.utc)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)
