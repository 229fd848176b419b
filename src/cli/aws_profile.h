// SPDX-License-Identifier: Apache-2.0
// A profile of the AWS CLI's: what `aws configure --profile NAME` has written. Read only.
// https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html
#pragma once

#include <map>
#include <string>

#include "cli/session.h"

namespace mill::cli {

using AwsProfile = std::map<std::string, std::string>;  // "region" -> "eu-west-1"

// Of AWS_CONFIG_FILE or ~/.aws/config, under AWS_SHARED_CREDENTIALS_FILE or ~/.aws/credentials. One
// that is in neither is an error, in botocore's words.
Result<AwsProfile> load_aws_profile(const Session& session, const std::string& name);

}  // namespace mill::cli
