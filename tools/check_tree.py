#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The rules of the source tree that a compiler does not check: who may include whom, what is banned where, lengths.

Prints one sentence for each broken rule and exits 1. docs/ARCHITECTURE.md gives the reasons.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE_SUFFIXES = {".cc", ".h", ".cpp", ".c"}
LINES_MAX = 600

# Room -> rooms that it may include, beside itself.
SERVICES = ["kinesis", "lambda", "logs", "cloudformation", "s3", "iam", "sqs", "sns", "sts", "ssm", "ecr", "kms"]
MAY_INCLUDE = {
    "base": [],
    "machine": ["base"],
    "model": ["base"],
    "wire": ["base", "machine"],
    "storage": ["base", "machine"],
    "engines/memory": ["storage", "machine", "base"],
    "engines/segment": ["storage", "machine", "base"],
    "engines/sqlite": ["storage", "machine", "base"],
    "services/ports": ["wire", "model", "machine", "base"],
    "gateway": ["wire", "machine", "base"],
    "posix": ["machine", "base"],
    "cli": ["wire", "model", "machine", "base"],
    "app": ["*"],
    "sim": ["*"],
    "runtimes/cpp": ["base", "wire"],
    **{f"services/{s}": ["services/ports", "wire", "model", "storage", "machine", "base"] for s in SERVICES},
}
# Tests may use the simulated machine and the engines.
TEST_EXTRA = ["sim", "engines/memory", "engines/segment", "engines/sqlite"]

BANS = [
    (re.compile(r"\bstd::(thread|jthread|mutex|shared_mutex|condition_variable)\b"), {"posix", "engines/segment", "engines/sqlite"},
     "threads and locks live in posix/ and engines/ only"),
    (re.compile(r"\b(system_clock|steady_clock|high_resolution_clock)::now\b"), {"posix", "runtimes/cpp"},
     "time comes from machine::Clock"),
    (re.compile(r"\b(std::random_device|srand|rand)\s*\("), {"posix", "runtimes/cpp"}, "randomness comes from machine::Entropy"),
    (re.compile(r"\bstd::(ifstream|ofstream|fstream)\b|\bfopen\s*\("), {"posix"}, "files are reached through machine::Files"),
    (re.compile(r"\bgetenv\s*\("), {"posix", "app", "runtimes/cpp"}, "the environment is read in app/ and posix/ only"),
    (re.compile(r"#include <(sys/|unistd\.h|fcntl\.h|netinet/|arpa/|poll\.h|pthread\.h)"), {"posix", "runtimes/cpp"},
     "the operating system is touched in posix/ only"),
    (re.compile(r"\bif \(simulated\b"), set(), "product code does not know simulation"),
    (re.compile(r"//\s*(TODO|FIXME|XXX|HACK)\b"), set(), "unfinished marks do not land"),
    (re.compile(r"NOLINT"), set(), "mend what clang-tidy says"),
]
BANNED_NAMES = re.compile(r"^(util|utils|common|manager|impl|helpers|misc)(\.|_|$)")


def room_of(path: pathlib.PurePath) -> str | None:
    parts = path.parts
    if parts[0] == "src":
        parts = parts[1:]
    for length in (2, 1):
        name = "/".join(parts[:length])
        if name in MAY_INCLUDE:
            return name
    return None


def included_room(target: str) -> str | None:
    return room_of(pathlib.PurePath(target))


def check_file(path: pathlib.Path, complain) -> None:
    relative = path.relative_to(ROOT)
    room = room_of(relative)
    if room is None:
        complain(f"{relative}: lies in no room of tools/check_tree.py; add the room and whom it may include")
        return
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    is_test = path.name.endswith(("_test.cc", "_fixture.h")) or "contract" in relative.parts
    if BANNED_NAMES.match(path.name) or any(BANNED_NAMES.match(part) for part in relative.parts[:-1]):
        complain(f"{relative}: the name says nothing; name what it holds")
    if not lines or "SPDX-License-Identifier: Apache-2.0" not in lines[0]:
        complain(f"{relative}:1: starts without its SPDX line")
    if len(lines) > LINES_MAX:
        complain(f"{relative}: {len(lines)} lines; over {LINES_MAX} it surely holds more than one thing")
    allowed = set(MAY_INCLUDE[room]) | {room} | (set(TEST_EXTRA) if is_test else set())
    for number, line in enumerate(lines, 1):
        include = re.match(r'#include "([^"]+)"', line)
        if include and "*" not in allowed:
            target = included_room(include.group(1))
            if target is not None and target not in allowed:
                complain(f"{relative}:{number}: {room} may not include {target} ({include.group(1)}); it may include "
                         f"{', '.join(sorted(allowed - {room})) or 'nothing'}")
        if is_test or room == "sim":
            continue
        for pattern, where, why in BANS:
            if room not in where and pattern.search(line):
                complain(f"{relative}:{number}: {why}: {line.strip()}")


def main() -> int:
    problems: list[str] = []
    for top in ("src", "sim", "runtimes/cpp"):
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix in SOURCE_SUFFIXES and path.is_file():
                check_file(path, problems.append)
    for problem in problems:
        print(problem)
    print(f"check_tree: {len(problems)} broken rules")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
