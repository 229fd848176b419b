// SPDX-License-Identifier: Apache-2.0
// `millrace env`: shell lines that point the AWS CLI and the SDKs at the server. For eval; touches
// no profile.
#pragma once

#include "cli/session.h"

namespace mill::cli {

int env(Session& session, const std::vector<std::string>& words);
std::string env_help();

// True if that AWS CLI ("aws-cli/2.9.19 Python/3.11.2 ...") does not read AWS_ENDPOINT_URL. The
// variable came with 2.13.0; 1.x passes over it for SQS (its overridesslcommonname.py).
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
bool ignores_endpoint_variable(const std::string& version_line);

}  // namespace mill::cli
