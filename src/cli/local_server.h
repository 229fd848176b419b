// SPDX-License-Identifier: Apache-2.0
// A server of a verb's own, `millrace serve --ephemeral`: it runs functions without a deployment,
// and says what it thinks of a template.
#pragma once

#include "cli/aws_client.h"
#include "cli/session.h"

namespace mill::cli {

class LocalServer {  // the server ends with this
  public:
    explicit LocalServer(Session& session) : session_(session) {}
    LocalServer(const LocalServer&) = delete;
    LocalServer& operator=(const LocalServer&) = delete;
    ~LocalServer() {
        if (server_) server_->terminate();
    }
    // `target` gives region and credentials, and so the account; `more` are options of serve.
    Result<void> start(const std::string& listen, Target target,
                       const std::vector<std::string>& more = {});
    // Makes the template's stack; `directory` is where its local paths begin. What happened is told
    // on stderr only if it failed.
    Task<Result<void>> deploy(wire::Value document, std::string directory, std::string stack);
    AwsClient client() const { return AwsClient(session_.machine, target_); }

  private:
    Session& session_;
    std::unique_ptr<Background> server_;
    Target target_;
};

}  // namespace mill::cli
