// SPDX-License-Identifier: Apache-2.0
// A stack is deployed: by a change set, as `sam deploy` does, or directly, as `sam sync` does.
#pragma once

#include "cli/sam_artifacts.h"

namespace mill::cli {

enum class OnFailure { rollback, remove, keep };

// What a deployment is to do.
struct DeployOrder {
    std::string stack;
    std::vector<std::string> capabilities = {};
    Pairs parameters = {};
    Pairs tags = {};
    std::string role_arn = {};
    std::vector<std::string> notification_arns = {};
    bool disable_rollback = false;
    OnFailure on_failure = OnFailure::rollback;
    bool execute = true;   // or make the change set only
    bool confirm = false;  // ask before it is executed
    bool empty_is_fine = false;
    std::chrono::minutes patience{60};
    Duration interval{};  // between two looks
};
// --stack-name, --capabilities and so on. "usage" for what cannot be.
Result<DeployOrder> deploy_order(Session& session, const SamOptions& options);

// Uploads the template and changes the stack by a change set; prints changes, events and outputs.
Task<Result<void>> deploy_by_change_set(ArtifactStore& store, DeployOrder order,
                                        wire::Value document);
// By CreateStack or UpdateStack. False if there was nothing to change.
Task<Result<bool>> deploy_directly(ArtifactStore& store, DeployOrder order, wire::Value document);

// The stack as DescribeStacks tells it; null if there is none.
Task<Result<wire::Value>> describe_stack(AwsClient& client, std::string stack);

// How long to wait between two looks: SAM_CLI_POLL_DELAY in seconds, else far less than SAM CLI.
Duration poll_interval(const Session& session);

}  // namespace mill::cli
