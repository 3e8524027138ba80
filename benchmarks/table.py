"""The rows of the table and their Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.measuring import Rates, percentile, ratio

_HEAD = "| what | CertGate | baseline | | ratio |\n|---|---:|---|---:|---:|"


@dataclass(frozen=True)
class Row:
    """One figure of ours beside one of the baseline, in the same unit."""

    what: str
    ours: float
    baseline: str
    theirs: float
    ratio: float
    unit: str
    detail: str = ""

    def markdown(self) -> str:
        """Return the row."""
        return (
            f"| {self.what} | {_number(self.ours)} {self.unit}{self.detail} "
            f"| {self.baseline} | {_number(self.theirs)} {self.unit} | {_number(self.ratio)} |"
        )


def rate_row(what: str, ours: Rates, baseline: str, theirs: Rates) -> Row:
    """Return a row of rates: the ratio says how many times as fast as the baseline we are."""
    return Row(what, ours.median, baseline, theirs.median, ratio(ours, theirs), "/s")


def time_row(what: str, ours: Sequence[float], baseline: str, theirs: Sequence[float]) -> Row:
    """Return a row of seconds, shown in milliseconds with p95 and the longest.

    The ratio is that of the medians: how many times as long as the baseline.
    """
    typical, other = percentile(ours, 0.5), percentile(theirs, 0.5)
    detail = f" (p95 {_number(percentile(ours, 0.95) * 1e3)}, max {_number(max(ours) * 1e3)})"
    return Row(what, typical * 1e3, baseline, other * 1e3, typical / other, "ms", detail)


def table(rows: Sequence[Row]) -> str:
    """Return the Markdown table of `rows`."""
    return "\n".join([_HEAD, *(row.markdown() for row in rows)])


def _number(value: float) -> str:
    """Three significant digits, thousands separated."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 10 else f"{value:.1f}"
