#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The table of ratios, docs/performance.md and a plot for each row.

    python3 bench/report.py [DOCS]     writes page and plots again, from the results.json of an earlier run
"""
import dataclasses
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import sys

import plots
from goals import Goal, number

SIGNED = [("1", "the same, signatures verified", "millrace ≥ 0.4 × nginx"), ("5", "the same, signatures verified", "millrace ≥ 0.4 × reference")]
BEGIN, END = "<!-- results: written by bench/run -->", "<!-- end of results -->"


def table(rows: list[dict]) -> str:
    lines = ["| # | work | goal | measured | met | medians | load generator, cores |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        medians = {name: statistics.median(values) for name, values in row["samples"].items()}
        values = "; ".join(f"{name} {number(value)}" for name, value in medians.items()) + f" {row['unit']}"
        if row["error"]:
            values = f"failed: {row['error']}"
        for goal in (Goal(**goal) for goal in row["goals"]):
            shown, met = goal.verdict(medians)
            lines.append(f"| {row['row']} | {row['title']} | {goal.text()} | {shown} | {met} | {values} | {row['load_cores_max']:.2f} |")
    lines += [f"| {row} | {title} | {goal} | waits until signatures are verified | – | | |" for row, title, goal in SIGNED]
    return "\n".join(lines)


def cpu_model() -> str:
    match = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return match.group(1) if match else platform.machine()


def machine() -> str:
    memory = int(re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text(encoding="utf-8")).group(1)) / 2**20
    return f"{os.cpu_count()} cores of {cpu_model()}, {memory:.0f} GiB, Linux {platform.release()}"


def entry(row, samples: dict[str, list[float]], load_cores_max: float, error: str, missing: dict[str, str]) -> dict:
    """One row as it is kept: every round of every subject."""
    return {"row": row.number, "title": row.title, "unit": row.unit, "note": row.note, "samples": samples, "error": error, "missing": missing,
            "goals": [dataclasses.asdict(goal) for goal in row.goals], "load_cores_max": load_cores_max}


def run_of(rows: list[dict], command: str, commit: str, minutes: float, left_out: dict[str, str]) -> dict:
    return {"machine": machine(), "date": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC", "commit": commit,
            "command": command, "minutes": round(minutes, 1), "left_out": left_out, "rows": rows}


def save(run: dict, path: pathlib.Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(run, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write(docs: pathlib.Path, run: dict) -> None:
    """Replaces what is between the marks in performance.md, and what lies beside it."""
    beside = docs / "performance"
    save(run, beside / "results.json")
    lines = ["", f"- Machine: {run['machine']}", f"- Date: {run['date']}, commit {run['commit']}",
             f"- Command: `{run['command']}`, which took {run['minutes']:.0f} minutes"]
    lines += [f"- Left out: {name} ({reason})" for name, reason in run["left_out"].items()]
    lines += ["", table(run["rows"]), "", "Bars are medians, dots the rounds, red lines the goals.", ""]
    for row in run["rows"]:
        if not row["samples"]:
            continue
        name = f"row-{row['row']}.svg"
        (beside / name).write_text(plots.plot(row), encoding="utf-8")
        notes = [row["note"]] if row["note"] else []
        notes += [f"No figure of {peer}: `{why}`" for peer, why in row["missing"].items()]
        lines += [f"![{row['title']}](performance/{name})", ""]
        lines += [" ".join(f"{note}." for note in notes), ""] if notes else []
    lines += ["Every round of every row: [performance/results.json](performance/results.json).", ""]
    replace_section(docs / "performance.md", BEGIN, END, "\n".join(lines))


def replace_section(page: pathlib.Path, begin: str, end: str, text: str) -> None:
    whole = page.read_text(encoding="utf-8")
    before, _, rest = whole.partition(begin)
    after = rest.partition(end)[2]
    if not rest:
        raise RuntimeError(f"{page} has no line '{begin}'")
    page.write_text(before + begin + "\n" + text + "\n" + end + after, encoding="utf-8")


if __name__ == "__main__":
    where = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent / "docs"
    write(where, json.loads((where / "performance" / "results.json").read_text(encoding="utf-8")))
