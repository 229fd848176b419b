// SPDX-License-Identifier: Apache-2.0
// Mill: the whole server, given a machine, an engine and options. The only room that knows every
// name.
//
// Destroying a Mill is a crash: nothing is flushed, and nothing acknowledged is lost. It outlives
// none of its machine's jobs: they end with it. Executor thread only.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/gateway.h"
#include "machine/machine.h"
#include "services/cloudformation/cloudformation.h"
#include "services/kinesis/kinesis.h"
#include "services/lambda/lambda.h"
#include "services/sqs/sqs.h"
#include "storage/stream_log.h"
#include "wire/sigv4.h"

namespace mill::app {

struct Options {
    std::string directory;  // blobs and function code
    std::string runtimes;   // bootstraps of interpreted runtimes
    std::vector<machine::Endpoint> listen = {{"127.0.0.1", 4566}, {"::1", 4566}};
    std::string durability_label;  // empty: the engine's own
    std::string data_label;        // for `status`; empty: `directory`
    // Signs what is asked of the server itself; without one that is refused.
    wire::Credentials root_key;
    gateway::Options gateway;
    kinesis::Options kinesis;
    sqs::Options sqs;
    cloudformation::Options cloudformation;
    std::string ca_bundle;  // certificates that SNS believes beside the host's; may be empty
    Duration lambda_idle_max = std::chrono::minutes(10);
    int lambda_environments_max = 1000;
    lambda::CodeFolders lambda_code_folders;
    // Gets what functions log as well, before the invocation is answered; empty: nobody does.
    std::function<void(const std::string& message)> on_function_log;
};

// "0.1.0", from the file VERSION.
std::string version();

class Mill {
  public:
    // Destroying a Mill is a crash: nothing is flushed. stop() first for a clean end.
    Mill(Machine& machine, storage::Engine engine, Options options);
    ~Mill();
    Mill(const Mill&) = delete;
    Mill& operator=(const Mill&) = delete;

    // Opens services, recovers, listens. An address that the host does not have (::1 without IPv6)
    // is passed over with a warning, if another one works; one that is in use is an error.
    Result<void> start();
    Task<void> stop(Instant deadline);                        // drains
    const std::vector<machine::Endpoint>& endpoints() const;  // as bound
    const std::string& durability() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// Opens the engine that lives in `directory` (segment log and SQLite), or one in memory when it is
// empty. "io.locked" names the process that has it.
// `segment_bytes`: of the segment log's files; 0 is the engine's own default. Simulation wants
// small ones, that fill up.
Result<storage::Engine> open_engine(Machine& machine, const std::string& directory, bool sync,
                                    std::uint64_t segment_bytes = 0);

}  // namespace mill::app
