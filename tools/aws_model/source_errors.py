# SPDX-License-Identifier: Apache-2.0
"""The errors that a service's source answers with: fail("Code", "text", status)."""
import collections
import pathlib
import re

SOURCE = pathlib.Path(__file__).resolve().parents[2] / "src"
ALSO = {"kinesis": ["model/shard_iterator.cc"]}  # what a service has in other rooms
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')


def end_of_call(text: str, start: int) -> int:
    """Of the parenthesis before `start`. Strings have been blanked out."""
    depth = 1
    for at in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return at
    raise ValueError("a call without end")


def calls_of_fail(text: str):
    """Code and status of each; a status is what makes an error a client's."""
    without_strings = STRING.sub(lambda found: " " * len(found.group()), text)
    for call in re.finditer(r'\bfail\(\s*"([A-Za-z0-9.]+)"', text):
        opening = text.index("(", call.start()) + 1
        arguments = without_strings[opening:end_of_call(without_strings, opening)]
        status = re.search(r",\s*(\d{3})\s*$", arguments)
        if status:
            yield call.group(1), int(status.group(1))


def errors_in_source(service: str) -> dict[str, set[int]]:
    found = collections.defaultdict(set)
    files = [*(SOURCE / "services" / service).rglob("*"), *(SOURCE / other for other in ALSO.get(service, []))]
    for path in sorted(files):
        if path.suffix not in (".cc", ".h") or path.stem.endswith(("_test", "_fixture")):
            continue
        for code, status in calls_of_fail(path.read_text()):
            found[code].add(status)
    return dict(found)
