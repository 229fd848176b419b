// SPDX-License-Identifier: Apache-2.0
#include "cli/local_server.h"

#include "cli/sam_stack.h"

namespace mill::cli {
namespace {

// Nobody else asks this server, and it is near.
constexpr auto stack_interval = std::chrono::milliseconds(2);

}  // namespace

Result<std::unique_ptr<LocalServer>> LocalServer::start(Session& session,
                                                        LocalServerOptions options) {
    std::vector<std::string> argv = {
        session.program,    "serve", "--ephemeral", "--listen", options.listen,
        "--state-delay-ms", "0"};
    if (options.shows_logs) argv.insert(argv.end(), {"--function-logs-fd", "3"});
    argv.insert(argv.end(), options.more.begin(), options.more.end());
    std::unique_ptr<LocalServer> made(new LocalServer(session, std::move(options.target)));
    MILL_TRY(made->server_, session.start({.argv = argv, .gets_errors = options.shows_logs}));
    return made;
}

Result<void> LocalServer::wait_ready() {
    is_ready_ = true;  // or has ended
    MILL_TRY(const std::string ready, server_->read_line());
    const std::size_t url = ready.find("http://");
    if (url == std::string::npos)
        return fail("local", "the server's first line names no endpoint: " + ready);
    MILL_TRY(target_.endpoint, machine::parse_endpoint(ready.substr(
                                   url + 7, ready.find_first_of(" ,)", url) - url - 7)));
    return {};
}

void LocalServer::end() {
    const auto server = std::exchange(server_, nullptr);
    if (!server) return;
    // One that is just starting would leave its directory behind.
    if (!is_ready_ && !server->read_line()) return;
    server->terminate();
}

Task<Result<void>> LocalServer::deploy(wire::Value document, std::string directory,
                                       std::string stack) {
    std::string story;
    Session quiet = session_;
    quiet.out = [&story](std::string_view text) { story += text; };
    quiet.err = quiet.out;
    ArtifactStore store{.session = quiet,
                        .client = client(),
                        .bucket = "sam-local",
                        .force = true,  // the bucket is empty
                        .compresses = false};
    MILL_CO_TRY(const auto made,
                co_await store.client.rest("s3", {.method = "PUT", .target = "/" + store.bucket}));
    static_cast<void>(made);
    MILL_CO_CHECK(co_await package_document(store, document, std::move(directory)));
    DeployOrder order{.stack = std::move(stack),
                      .capabilities = {"CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"},
                      .interval = stack_interval};
    auto deployed = co_await deploy_directly(store, std::move(order), std::move(document));
    if (deployed) co_return Result<void>();
    if (deployed.error().code == "deploy") session_.err(story);
    co_return std::unexpected(deployed.error());
}

}  // namespace mill::cli
