# SPDX-License-Identifier: Apache-2.0
"""One row as SVG: a bar for each subject's median, a dot for each round, a mark where the goal lies. Readable in light and in dark."""
import html
import statistics

from goals import Goal, number

WIDTH, LEFT, RIGHT, BAR, TOP = 840, 236, 220, 26, 40
STYLE = """
text { font: 13px sans-serif; fill: #24292f } .title { font-weight: bold } .ours { fill: #2f7d57 } .other { fill: #9aa5b1 }
.round { fill: #24292f; fill-opacity: .55 } .goal { stroke: #c0392b; stroke-width: 2 } .note { fill: #c0392b }
@media (prefers-color-scheme: dark) {
text { fill: #d7dde3 } .ours { fill: #45b380 } .other { fill: #5c6773 } .round { fill: #d7dde3 } .goal { stroke: #ff7b6b } .note { fill: #ff7b6b }
}"""


def bar(y: int, name: str, kind: str, rounds: list[float], marks: list[tuple[float, str]], scale: float) -> list[str]:
    median = statistics.median(rounds)
    width = max(1.0, median * scale)
    parts = [f'<text x="{LEFT - 8}" y="{y + 14}" text-anchor="end">{html.escape(name)}</text>',
             f'<rect class="{kind}" x="{LEFT}" y="{y + 1}" width="{width:.1f}" height="{BAR - 8}"/>']
    parts += [f'<circle class="round" cx="{LEFT + value * scale:.1f}" cy="{y + BAR // 2 - 3}" r="2"/>' for value in rounds]
    end = max([width, *(value * scale for value in rounds), *(limit * scale for limit, _ in marks)])
    for limit, sign in marks:
        x = LEFT + limit * scale
        parts.append(f'<line class="goal" x1="{x:.1f}" x2="{x:.1f}" y1="{y - 2}" y2="{y + BAR - 5}"/>')
    goals = " and ".join(f"{sign} {number(limit)}" for limit, sign in marks)
    goals = f' <tspan class="note">({html.escape(goals)})</tspan>' if marks else ""
    parts.append(f'<text x="{LEFT + end + 6:.1f}" y="{y + 14}">{number(median)}{goals}</text>')
    return parts


def plot(row: dict) -> str:
    samples = row["samples"]
    medians = {name: statistics.median(values) for name, values in samples.items()}
    goals = [Goal(**goal) for goal in row["goals"]]
    marks = {name: [(limit, goal.sign.replace(">=", "≥").replace("<=", "≤")) for goal in goals
                    if goal.subject == name and (limit := goal.limit(medians)) is not None] for name in samples}
    top = max([*(value for values in samples.values() for value in values), *(limit for all_of in marks.values() for limit, _ in all_of)]) or 1
    scale = (WIDTH - LEFT - RIGHT) / top
    height = TOP + BAR * len(samples) + 8
    title = f'{row["row"]}. {row["title"]} ({row["unit"]})'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img">',
             f"<title>{html.escape(title)}</title><style>{STYLE}</style>",
             f'<text class="title" x="10" y="22">{html.escape(title)}</text>']
    for i, (name, rounds) in enumerate(samples.items()):
        kind = "ours" if marks[name] or "millrace" in name else "other"
        parts += bar(TOP + i * BAR, name, kind, rounds, marks[name], scale)
    return "\n".join([*parts, "</svg>"]) + "\n"
