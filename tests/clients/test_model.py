# SPDX-License-Identifier: Apache-2.0
"""Every operation that Millrace serves, compared with the service model that AWS publishes: what tools/model_check does."""
import botocore.session
import pytest
from aws_model import comparison, coverage, exceptions
from aws_model.source_errors import calls_of_fail
from conftest import BUILD, ROOT


@pytest.fixture(scope="module")
def printed() -> dict[str, dict]:
    return comparison.printed_shapes(BUILD / "bin" / "print_shapes")


@pytest.fixture(scope="module")
def report(printed) -> comparison.Report:
    return comparison.compare(printed)


def test_shapes_and_errors_equal_those_of_aws(report):
    assert not report.unexpected, f"{len(report.unexpected)} differences:\n" + "\n".join(report.unexpected)


def test_every_exception_is_still_needed(report):
    assert not report.stale_exceptions, "\n".join(report.stale_exceptions)


def test_the_coverage_page_is_of_today(printed):
    assert (ROOT / "docs" / "coverage.md").read_text() == coverage.page(printed), \
        "docs/coverage.md is stale: tools/model_check --write-coverage"


def member(operation: dict, name: str) -> dict:
    return next(m for m in operation["input"]["members"] if m["name"] == name)


@pytest.mark.parametrize("aspect, spoil", [
    ("required", lambda m: m.update(required=False)),
    ("length", lambda m: m.update(length=[1, 64])),
    ("pattern", lambda m: m.update(pattern="[a-z]+")),
    ("enum", lambda m: m.update(enum=["a"])),
    ("kind", lambda m: m.update(kind="integer")),
    ("location", lambda m: m.update(location="query")),
    ("missing", lambda m: m.update(name="ShardIdentifier")),
    ("unknown", lambda m: m.update(name="ShardIdentifier")),
])
def test_a_difference_in_each_aspect_is_found(printed, aspect, spoil):
    operation = {**printed["kinesis"]["GetShardIterator"]}
    members = [{**m} for m in operation["input"]["members"]]
    operation["input"] = {**operation["input"], "members": members}
    spoil(member(operation, "ShardId"))
    found = comparison.Comparison()
    found.operation("kinesis.GetShardIterator", operation,
                    botocore.session.get_session().get_service_model("kinesis").operation_model("GetShardIterator"))
    assert any(place.endswith(f": {aspect}") and ".input.Shard" in place for place in found.found), found.found


def test_a_missing_operation_is_found():
    report = comparison.compare({"kinesis": {}})
    assert "kinesis.PutRecord: missing: AWS has it, Millrace has not" in report.unexpected
    assert set(report.under_way) <= set(exceptions.UNDER_WAY)


def test_the_errors_of_a_source_are_found_with_their_statuses():
    source = """
        return fail("A", fmt::format("what (is) wrong: {}", text(1)), 409);
        co_return fail(
            "B.c", "a \\" quote (", 400);
        return fail("internal.only", "not a client's");
    """
    assert list(calls_of_fail(source)) == [("A", 409), ("B.c", 400)]
