# SPDX-License-Identifier: Apache-2.0
"""docs/coverage.md: what Millrace serves of each service, from the rosters."""
import botocore
from aws_model.comparison import aws_model

TITLES = {"kinesis": "Kinesis Data Streams", "lambda": "Lambda", "logs": "CloudWatch Logs",
          "cloudformation": "CloudFormation", "s3": "S3", "iam": "IAM", "sqs": "SQS", "sns": "SNS", "sts": "STS",
          "ssm": "Systems Manager (Parameter Store)", "ecr": "ECR", "kms": "KMS"}


def refused_members(structure: dict, before: str = ""):
    """Path and member of each, however deep."""
    for member in structure["members"]:
        path = f"{before}{member['name']}"
        if member["refused"]:
            yield path, member
        inner, steps = member, ""
        while "element" in inner:
            steps += "[]" if inner["kind"] == "list" else "{}"
            inner = inner["element"]
        if "structure" in inner:
            yield from refused_members(inner["structure"], f"{path}{steps}.")


def refusals(operations: dict) -> list[str]:
    rows: dict[tuple, list[str]] = {}
    for name, operation in operations.items():
        for path, member in refused_members(operation["input"]):
            sentence = member["refused"] + (f" (`{member['harmless']}` is taken)" if member["harmless"] else "")
            rows.setdefault((path, sentence), []).append(name)
    if not rows:
        return []
    return ["", "Refused with a sentence, as Millrace does not do what they ask:", "",
            "| member | of | what the answer says |", "|---|---|---|",
            *(f"| `{path}` | {', '.join(names)} | {sentence} |" for (path, sentence), names in sorted(rows.items()))]


def paragraph(service: str, operations: dict) -> list[str]:
    wanted = aws_model(service).operation_names
    missing = sorted(wanted - operations.keys())
    lines = ["", f"## {TITLES.get(service, service)}", "", f"Served: {', '.join(sorted(operations)) or 'nothing'}."]
    if missing:
        lines += ["", f"Not served, answered with the service's error for an unknown operation: {', '.join(missing)}."]
    return lines + refusals(operations)


def page(services: dict[str, dict]) -> str:
    lines = ["<!-- Written by tools/model_check --write-coverage. -->", "# What is covered of AWS", "",
             "Which operations Millrace serves, and which of their members it refuses, in the words of its answer. All other "
             "members are carried out, but for those that [exceptions.py](../tools/aws_model/exceptions.py) lists with a "
             f"reason. AWS's models are those of botocore {botocore.__version__}; `tools/model_check` compares with them "
             "member by member.", "", "| service | operations | of AWS's |", "|---|---|---|"]
    for service, operations in services.items():
        of = len(aws_model(service).operation_names)
        lines.append(f"| {TITLES.get(service, service)} | {len(operations)} | {of} |")
    for service, operations in services.items():
        lines += paragraph(service, operations)
    return "\n".join(lines) + "\n"
