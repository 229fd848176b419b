// SPDX-License-Identifier: Apache-2.0
#include "cli/stack_resources.h"

#include "cli/sam_artifacts.h"

namespace mill::cli {

Task<Result<std::vector<StackResource>>> stack_resources(AwsClient& client, std::string stack) {
    std::vector<StackResource> resources;
    std::string token;
    do {
        AwsClient::Parameters parameters = {{"StackName", stack}};
        if (!token.empty()) parameters.emplace_back("NextToken", token);
        auto answer = co_await cloudformation(client, "ListStackResources", std::move(parameters));
        if (!answer)
            co_return std::unexpected(as_client_error(answer.error(), "ListStackResources"));
        for (const wire::Value& one : wire::list_of(*answer, "StackResourceSummaries")) {
            resources.push_back({wire::text_of(one, "LogicalResourceId"),
                                 wire::text_of(one, "PhysicalResourceId"),
                                 wire::text_of(one, "ResourceType")});
        }
        token = wire::text_of(*answer, "NextToken");
    } while (!token.empty());
    co_return resources;
}

}  // namespace mill::cli
