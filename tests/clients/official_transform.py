# SPDX-License-Identifier: Apache-2.0
"""Run by SAM CLI's Python: templates as a JSON list on stdin; what the official translator makes of each on stdout, a
template or the text of its error."""
import json
import os
import sys

os.environ["AWS_DEFAULT_REGION"] = "us-east-1"

from samtranslator.model.exceptions import InvalidDocumentException  # noqa: E402
from samtranslator.translator.transform import transform  # noqa: E402


class NoPolicies:
    """In place of IAM's list of managed policies: what the translator knows by itself is enough."""

    def load(self) -> dict[str, str]:
        return {}


def made_of(template: dict) -> dict | str:
    try:
        return transform(template, {}, NoPolicies())
    except InvalidDocumentException as error:
        return " ".join([error.message, *(cause.message for cause in error.causes)])


json.dump([made_of(template) for template in json.load(sys.stdin)], sys.stdout)
