# SPDX-License-Identifier: Apache-2.0
"""The parts by themselves: runs millrace-parts (Google Benchmark) on the server's core, prints its table, writes it to performance.md."""
import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import goals
import report
import servers

BEGIN, END = "<!-- parts: written by bench/run --parts -->", "<!-- end of parts -->"


def per_second(entry: dict, name: str, unit: str, factor: float = 1) -> str:
    return f"{goals.number(entry[name] / factor)} {unit}" if name in entry else ""


def table(entries: list[dict]) -> str:
    lines = ["| part | time | CPU time | records/s | MB/s |", "|---|---|---|---|---|"]
    for entry in entries:
        if entry.get("error_occurred"):
            raise RuntimeError(f"{entry['name']}: {entry['error_message']}")
        name = entry["name"].replace("/real_time", "").replace("/", " ")
        scale = {"ns": 1, "us": 1e3, "ms": 1e6}[entry["time_unit"]]
        lines.append(f"| {name} | {goals.number(entry['real_time'] * scale)} ns | {goals.number(entry['cpu_time'] * scale)} ns | "
                     f"{per_second(entry, 'items_per_second', '')} | {per_second(entry, 'bytes_per_second', '', 1e6)} |")
    return "\n".join(lines)


def run(docs: pathlib.Path, is_built: bool) -> int:
    root = servers.ROOT
    if not is_built:  # a build directory from before Google Benchmark was there does not know of it
        subprocess.run(["cmake", "--preset", "release"], cwd=root, stdout=subprocess.DEVNULL, check=True)
    if not is_built and subprocess.run(["./mill", "build", "millrace-parts"], cwd=root, env={**os.environ, "PRESET": "release"},
                                       stdout=sys.stderr, check=False).returncode:
        sys.exit("The build failed.")
    out = root / "build" / "bench"
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="parts-", dir=out) as scratch, servers.pinned(servers.SERVER_CORES):
        text = subprocess.run([str(servers.BIN / "millrace-parts"), "--benchmark_format=json"], cwd=scratch, capture_output=True, text=True,
                              check=True).stdout
    made = table(json.loads(text)["benchmarks"])
    print(made)
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=root, capture_output=True, text=True, check=False).stdout.strip()
    head = f"\n- Machine: {report.machine()}\n- Date: {datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC, commit {commit}\n" \
           "- Command: `./mill bench --parts`, on one core\n\n"
    report.replace_section(docs / "performance.md", BEGIN, END, head + made + "\n")
    return 0
