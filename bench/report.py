# SPDX-License-Identifier: Apache-2.0
"""The table of ratios, docs/performance.md and a plot for each row."""
import datetime
import html
import json
import pathlib
import platform
import re

SIGNED = [("1", "the same, signatures verified", "millrace ≥ 0.4 × nginx"), ("5", "the same, signatures verified", "millrace ≥ 0.4 × reference")]
BEGIN, END = "<!-- results: written by bench/run -->", "<!-- end of results -->"


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def verdict(goal, medians: dict[str, float]) -> tuple[str, str]:
    """What came out as a ratio or value, and whether the goal is met."""
    if goal.subject not in medians:
        return "not measured", "–"
    limit = goal.limit(medians)
    if limit is None:
        return f"no {goal.of}", "–"
    value = medians[goal.subject]
    met = value >= limit if goal.sign == ">=" else value <= limit
    shown = number(value) if goal.of is None or not medians[goal.of] else f"{value / medians[goal.of]:.2f} ×"
    return shown, "yes" if met else "NO"


def table(results) -> str:
    lines = ["| # | work | goal | measured | met | medians | load generator, cores |", "|---|---|---|---|---|---|---|"]
    for entry in results:
        row, medians = entry["row"], entry["medians"]
        values = "; ".join(f"{name} {number(value)}" for name, value in medians.items()) + f" {row.unit}"
        if entry["error"]:
            values = f"failed: {entry['error']}"
        for goal in row.goals:
            shown, met = verdict(goal, medians)
            lines.append(f"| {row.number} | {row.title} | {goal.text()} | {shown} | {met} | {values} | {entry['load_cores']:.2f} |")
    lines += [f"| {number} | {title} | {goal} | waits until signatures are verified | – | | |" for number, title, goal in SIGNED]
    return "\n".join(lines)


def raw(results) -> str:
    """Every round of every subject."""
    rows = [{"row": entry["row"].number, "title": entry["row"].title, "unit": entry["row"].unit, "samples": entry["samples"],
             "load_cores_max": entry["load_cores"], "error": entry["error"]} for entry in results]
    return json.dumps(rows, indent=1) + "\n"


def cpu_model() -> str:
    match = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return match.group(1) if match else platform.machine()


def machine() -> str:
    import os
    memory = int(re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text(encoding="utf-8")).group(1)) / 2**20
    return f"{os.cpu_count()} cores of {cpu_model()}, {memory:.0f} GiB, Linux {platform.release()}"


def plot(entry) -> str:
    """Horizontal bars, one for each subject."""
    row, medians = entry["row"], entry["medians"]
    width, bar, left = 720, 26, 240
    top = max(medians.values(), default=1) or 1
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{bar * len(medians) + 44}" font-family="sans-serif" '
             f'font-size="13"><rect width="100%" height="100%" fill="#fff"/>'
             f'<text x="10" y="22" font-weight="bold">{html.escape(f"{row.number}. {row.title} ({row.unit})")}</text>']
    for i, (name, value) in enumerate(medians.items()):
        y = 36 + i * bar
        length = max(1, value / top * (width - left - 100))
        colour = "#2f6f4f" if "millrace" in name else "#9aa5b1"
        parts.append(f'<text x="{left - 8}" y="{y + 15}" text-anchor="end">{html.escape(name)}</text>'
                     f'<rect x="{left}" y="{y + 2}" width="{length:.1f}" height="{bar - 8}" fill="{colour}"/>'
                     f'<text x="{left + length + 6:.1f}" y="{y + 15}">{number(value)}</text>')
    return "".join(parts) + "</svg>\n"


def write(docs: pathlib.Path, results, command: str, commit: str, skipped: dict[str, str]) -> None:
    """Replaces what is between the marks in performance.md, and the plots beside it."""
    page = docs / "performance.md"
    plots = docs / "performance"
    plots.mkdir(parents=True, exist_ok=True)
    lines = ["", f"- Machine: {machine()}", f"- Date: {datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC, commit {commit}",
             f"- Command: `{command}`"]
    lines += [f"- Left out: {name} ({reason})" for name, reason in skipped.items()]
    lines += ["", table(results), ""]
    for entry in results:
        if not entry["medians"]:
            continue
        name = f"row-{entry['row'].number}.svg"
        (plots / name).write_text(plot(entry), encoding="utf-8")
        note = f" {entry['row'].note}." if entry["row"].note else ""
        lines += [f"![{entry['row'].title}](performance/{name}){note}", ""]
    (plots / "results.json").write_text(raw(results), encoding="utf-8")
    lines += ["Every round of every row: [performance/results.json](performance/results.json).", ""]
    replace_section(page, BEGIN, END, "\n".join(lines))


def replace_section(page: pathlib.Path, begin: str, end: str, text: str) -> None:
    whole = page.read_text(encoding="utf-8")
    before, _, rest = whole.partition(begin)
    after = rest.partition(end)[2]
    if not rest:
        raise RuntimeError(f"{page} has no line '{begin}'")
    page.write_text(before + begin + "\n" + text + "\n" + end + after, encoding="utf-8")
