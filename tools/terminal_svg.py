#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws what a terminal showed as an SVG: tools/terminal_svg.py < typescript > docs/demo.svg

    script -qec "build/release/bin/millrace demo --project examples/orders" /dev/null | tools/terminal_svg.py --from '== Invoke' > docs/demo.svg
"""
import argparse
import html
import re
import sys

COLOURS = {"1": "#ffffff", "2": "#8b949e", "31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "36": "#79c0ff"}
PLAIN = "#c9d1d9"
WIDTH, LINE, CHAR, PAD = 108, 19, 8.0, 18
SEQUENCE = re.compile(r"\x1b\[(\d*)m")


def spans(line: str):
    """(text, colour) runs, cut at WIDTH characters."""
    colour, room = PLAIN, WIDTH
    parts = SEQUENCE.split(line)
    for index, part in enumerate(parts):
        if index % 2:
            colour = COLOURS.get(part, PLAIN)
        elif part and room > 0:
            text = part if len(part) <= room else part[: room - 1] + "…"
            room -= len(text)
            yield text, colour


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--from", dest="start", default="", help="begin with the line that contains this")
    arguments = parser.parse_args()
    lines = sys.stdin.read().replace("\r", "").replace("\t", "    ").rstrip("\n").split("\n")
    first = next((i for i, line in enumerate(lines) if arguments.start in line), 0)
    lines = lines[first:]
    width, height = int(WIDTH * CHAR + 2 * PAD), len(lines) * LINE + 2 * PAD
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
          f'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13">')
    print(f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>')
    for number, line in enumerate(lines):
        runs = "".join(f'<tspan fill="{colour}">{html.escape(text)}</tspan>' for text, colour in spans(line))
        print(f'<text x="{PAD}" y="{PAD + LINE * number + 13}" xml:space="preserve">{runs}</text>')
    print("</svg>")


if __name__ == "__main__":
    main()
