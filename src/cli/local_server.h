// SPDX-License-Identifier: Apache-2.0
// A server of a verb's own, `millrace serve --ephemeral`: it runs functions without a deployment,
// and says what it thinks of a template.
#pragma once

#include "cli/aws_client.h"
#include "cli/session.h"

namespace mill::cli {

struct LocalServerOptions {
    Target target;  // gives region and credentials, and so the account
    std::string listen = "127.0.0.1:0";
    bool shows_logs = false;             // what functions log appears on stderr
    std::vector<std::string> more = {};  // options of serve
};

class LocalServer {  // the server ends with this
  public:
    // It starts beside what the caller does until wait_ready().
    static Result<std::unique_ptr<LocalServer>> start(Session& session, LocalServerOptions options);
    LocalServer(const LocalServer&) = delete;
    LocalServer& operator=(const LocalServer&) = delete;
    ~LocalServer() { end(); }

    // Blocks. Before client() and deploy().
    Result<void> wait_ready();
    // Makes the template's stack; `directory` is where its local paths begin. What happened is told
    // on stderr only if it failed.
    Task<Result<void>> deploy(wire::Value document, std::string directory, std::string stack);
    AwsClient client() const { return AwsClient(session_.machine, target_); }
    // When it returns, the server is gone.
    void end();

  private:
    LocalServer(Session& session, Target target) : session_(session), target_(std::move(target)) {}

    Session& session_;
    Target target_;
    std::unique_ptr<Background> server_;
    bool is_ready_ = false;
};

}  // namespace mill::cli
