// SPDX-License-Identifier: Apache-2.0
// The resources of a deployed stack, all of them.
#pragma once

#include <string>
#include <vector>

#include "cli/aws_client.h"

namespace mill::cli {

struct StackResource {
    std::string logical_id;
    std::string physical_id;
    std::string type;
};

// By ListStackResources, page by page: DescribeStackResources tells a hundred at most. No such
// stack is a ValidationError.
Task<Result<std::vector<StackResource>>> stack_resources(AwsClient& client, std::string stack);

}  // namespace mill::cli
