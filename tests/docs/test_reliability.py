# SPDX-License-Identifier: Apache-2.0
"""docs/reliability.md: every test, workload and file that it names exists."""
import re

from conftest import ROOT

TEXT = (ROOT / "docs" / "reliability.md").read_text()


def defined_tests() -> set[str]:
    sources = [p for top in ("src", "sim", "tests") for p in (ROOT / top).rglob("*") if p.suffix in (".cc", ".h")]
    pattern = re.compile(r"^TEST(?:_[FP])?\((\w+),\s*(\w+)\)", re.MULTILINE)
    return {f"{suite}.{name}" for path in sources for suite, name in pattern.findall(path.read_text())}


def test_tests_that_are_named_exist():
    suite, named = "", set()
    for found_suite, name in re.findall(r"`([A-Z]\w+)?\.([A-Z]\w+)`", TEXT):
        suite = found_suite or suite
        named.add(f"{suite}.{name}")
    assert len(named) >= 10
    assert named <= defined_tests(), named - defined_tests()


def test_workloads_and_nemeses_that_are_named_exist():
    known = (ROOT / "sim/world/workload.cc").read_text() + (ROOT / "sim/world/nemesis.cc").read_text()
    for sentence in re.findall(r"simulation: ([^;)]*)", TEXT):
        for name in re.findall(r"`(\w+)`", sentence):
            assert f'"{name}"' in known, name


def test_every_promise_names_a_test():
    promises = re.split(r"\n\d+\. ", TEXT.split("## What is promised")[1].split("## What is not promised")[0])[1:]
    assert len(promises) == 10
    for promise in promises:
        assert "`" in promise, promise
