// SPDX-License-Identifier: Apache-2.0
// sam deploy: code to S3, the template to CloudFormation, events until the stack is there.
#include <fmt/format.h>

#include "cli/sam_guided.h"
#include "cli/sam_stack.h"

namespace mill::cli {
namespace {

std::string json_of(const std::vector<std::string>& words) {
    if (words.empty()) return "null";
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : ", ") + wire::write_json(wire::Value(word));
    return "[" + text + "]";
}

// What stands in the template with NoEcho is not shown.
std::string json_of(const Pairs& parameters, const wire::Value& document) {
    const wire::Value* declared = document.find("Parameters");
    std::string text;
    for (const auto& [name, value] : parameters) {
        const wire::Value* parameter = declared ? declared->find(name) : nullptr;
        const wire::Value* no_echo = parameter ? parameter->find("NoEcho") : nullptr;
        const bool is_hidden =
            no_echo && (no_echo->boolean() ? *no_echo->boolean() : no_echo->string() != nullptr);
        text += (text.empty() ? "" : ", ") + wire::write_json(wire::Value(name)) + ": " +
                wire::write_json(wire::Value(is_hidden ? "*****" : value));
    }
    return "{" + text + "}";
}

const char* python(bool value) { return value ? "True" : "False"; }

void print_values(const ArtifactStore& store, const DeployOrder& order,
                  const wire::Value& document) {
    Session& session = store.session;
    session.out(
        session.yellow("\n\tDeploying with following values\n\t===============================") +
        fmt::format("\n\tStack name                   : {}\n"
                    "\tRegion                       : {}\n"
                    "\tConfirm changeset            : {}\n"
                    "\tDisable rollback             : {}\n"
                    "\tDeployment s3 bucket         : {}\n"
                    "\tCapabilities                 : {}\n"
                    "\tParameter overrides          : {}\n"
                    "\tSigning Profiles             : {{}}\n",
                    order.stack, store.client.target().region, python(order.confirm),
                    python(order.disable_rollback), store.bucket, json_of(order.capabilities),
                    json_of(order.parameters, document)) +
        session.yellow("\nInitiating deployment\n=====================\n") + "\n");
}

}  // namespace

Task<Result<void>> sam_deploy(Session& session, SamOptions options) {
    if (options.flag("--guided")) MILL_CO_CHECK(co_await ask_for_options(session, options));
    MILL_CO_TRY(const DeployOrder order, deploy_order(session, options));
    MILL_CO_TRY(Target target, find_target(session, options));
    MILL_CO_TRY(const std::string path, find_built_template(session.machine.files, options));
    MILL_CO_TRY(auto document, load_template(session.machine.files, path));
    MILL_CO_TRY(ArtifactStore store,
                co_await open_artifact_store(session, std::move(target), options));
    MILL_CO_CHECK(co_await package_document(store, document, directory_of(path)));
    print_values(store, order, document);
    co_return co_await deploy_by_change_set(store, order, std::move(document));
}

}  // namespace mill::cli
