"""What every test answers, and how it becomes JSON: a number that does not exist is null and says why."""
import math
from dataclasses import dataclass, field
from typing import Any

from ninja_analyst.distributions import Alternative
from ninja_analyst.tests.magnitude import magnitude


class CannotTest(Exception):
    """The data do not admit this test. Becomes an entry of `skipped`."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


@dataclass(frozen=True)
class Options:
    """What the caller chose, the same for all tests."""

    alternative: Alternative = "two-sided"
    alpha: float = 0.05
    mu: float | None = None

    @property
    def level(self) -> float:
        """The confidence level that belongs to alpha, without the noise of 1 - 0.05 in binary."""
        return round(1.0 - self.alpha, 12)

    @property
    def shift(self) -> float:
        return 0.0 if self.mu is None else self.mu


@dataclass
class Effect:
    """An effect size; `scale` corrects it for the table of words (Cramer's V of a larger table)."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    scale: float = 1.0


@dataclass
class Outcome:
    """One test's numbers. NaN means: not computable from these data. None means: the test has no such thing."""

    statistic: tuple[str, float]
    p: float
    n: int
    df: float | tuple[float, float] | None = None
    estimate: tuple[str, float] | None = None
    ci: tuple[float, float] | None = None
    effect: Effect | None = None
    one_sided: bool = True  # False: the test has no direction, `alternative` is reported as two-sided
    warnings: list[dict[str, str]] = field(default_factory=list)

    def warn(self, code: str, text: str) -> None:
        self.warnings.append({"code": code, "text": text})

    def to_json(self, options: Options) -> dict[str, Any]:
        missing: list[str] = []

        def number(value: float, name: str) -> float | None:
            if math.isfinite(value):
                return float(value)
            missing.append(name)
            return None

        def interval(low: float, high: float, name: str) -> dict[str, float | None]:
            # An infinite end is the open side of a one-sided interval, not a failure.
            ends = [None if math.isinf(end) else number(end, name) for end in (low, high)]
            return {"level": options.level, "low": ends[0], "high": ends[1]}

        alternative = options.alternative if self.one_sided else "two-sided"
        if alternative != options.alternative:
            self.warn("no_direction", f"This test has no direction: the alternative {options.alternative} was ignored.")
        df: Any = self.df
        if isinstance(df, tuple):
            df = [number(part, "df") for part in df]
        elif df is not None:
            df = number(df, "df")
        p = number(self.p, "p")
        if p is not None:
            p = min(1.0, max(0.0, p))
        answer: dict[str, Any] = {
            "statistic": {"name": self.statistic[0], "value": number(self.statistic[1], "statistic")},
            "df": df,
            "p": p,
            "alpha": options.alpha,
            "reject": None if p is None else p < options.alpha,
            "alternative": alternative,
            "estimate": self.estimate and {"name": self.estimate[0], "value": number(self.estimate[1], "estimate")},
            "ci": self.ci and interval(*self.ci, "ci"),
            "effect": self.effect and self._effect(options, number, interval),
            "n": self.n,
        }
        if missing:
            named = ", ".join(dict.fromkeys(missing))
            self.warn("not_computable", f"These data do not determine: {named}.")
        return answer

    def _effect(self, options: Options, number: Any, interval: Any) -> dict[str, Any]:
        effect = self.effect
        assert effect is not None
        value = number(effect.value, "effect")
        ci = None
        if effect.low is not None and effect.high is not None:
            ci = interval(effect.low, effect.high, "effect.ci")
        return {
            "name": effect.name,
            "value": value,
            "ci": ci,
            "magnitude": None if value is None else magnitude(effect.name, value * effect.scale),
        }
