# SPDX-License-Identifier: Apache-2.0
"""What a row shall reach, and whether it did."""
import dataclasses


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


@dataclasses.dataclass(frozen=True)
class Goal:
    subject: str
    sign: str      # ">=" or "<="
    factor: float  # times the median of `of`; without `of` a plain limit
    of: str | None = None
    plus: float = 0

    def limit(self, medians: dict[str, float]) -> float | None:
        if self.of is None:
            return self.factor
        return medians[self.of] * self.factor + self.plus if self.of in medians else None

    def text(self) -> str:
        what = f"{self.subject} {self.sign.replace('>=', '≥').replace('<=', '≤')} {self.factor:g}"
        return what + (f" × {self.of}" if self.of else "") + (f" + {self.plus:g}" if self.plus else "")

    def verdict(self, medians: dict[str, float]) -> tuple[str, str]:
        """What came out as a ratio or value, and whether the goal is met."""
        if self.subject not in medians:
            return "not measured", "–"
        limit = self.limit(medians)
        if limit is None:
            return f"no {self.of}", "–"
        value = medians[self.subject]
        met = value >= limit if self.sign == ">=" else value <= limit
        shown = number(value) if self.of is None or not medians[self.of] else f"{value / medians[self.of]:.2f} ×"
        return shown, "yes" if met else "NO"
