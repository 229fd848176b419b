// SPDX-License-Identifier: Apache-2.0
// Environment: one process that runs one function, one invocation at a time, with its Runtime API,
// its log stream and its /tmp. Whoever leased it from the pool drives it; nothing here decides what
// an ending means (conclusion.h does).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "machine/machine.h"
#include "services/lambda/environments/function_log.h"
#include "services/lambda/environments/runtime_api.h"
#include "services/lambda/functions/function.h"

namespace mill::lambda {

// How an init or an invocation came to its end.
struct Ending {
    enum class Kind {
        ready,     // init: the runtime asked for its first event
        answered,  // the runtime answered
        failed,    // the runtime reported an error, or its answer was refused
        exited,    // the process ended
        timed_out,
        not_started,  // the process could not be started
        unable        // nor could that be tried: the fault is the server's, not the function's
    };
    Kind kind = Kind::ready;
    std::string error_type;    // failed
    Bytes body;                // answered, failed: as posted
    machine::ExitStatus exit;  // exited
    std::string reason;        // not_started
    Error fault;               // unable
};

// What a process needs to be started.
struct Launch {
    std::vector<std::string> argv;
    std::vector<std::pair<std::string, std::string>> variables;
    std::vector<machine::Sandbox::Mount> mounts;
};

class Environment {
  public:
    // `on_exit` is notified when the process ends, whoever waits.
    Environment(Machine& machine, ports::LogSink& logs, FunctionPtr function,
                machine::Signal& on_exit);
    ~Environment();
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;

    const Function& function() const { return *function_; }
    const FunctionPtr& function_pointer() const { return function_; }
    FunctionLog& log() { return log_; }
    // The address for AWS_LAMBDA_RUNTIME_API. Once, before the first start.
    Result<machine::Endpoint> listen() { return api_.listen(); }

    // Starts the process (anew) and waits until it is ready, fails, ends, or the deadline comes.
    // Unless the ending is `ready` no process is left.
    Task<Ending> start(Launch launch, Instant deadline);
    // Delivers the event and waits for the answer, then until the runtime is ready again. An answer
    // stands, even if the process ends or overruns after it; is_alive() then says so. Output
    // written before the end is in the log on return.
    Task<Ending> run(RuntimeEvent event, Instant deadline);

    bool is_started() const { return process_ != nullptr; }
    bool is_alive() const { return process_ != nullptr && !exit_; }
    void kill();
    // The highest memory that the process, living or ended, was seen to use.
    std::int64_t peak_memory_bytes() const { return peak_memory_bytes_; }

  private:
    Task<void> watch(machine::Process* process);
    void settle_output();
    Ending exited();

    Machine& machine_;
    FunctionPtr function_;
    machine::Signal& on_exit_;
    machine::Signal changed_;
    FunctionLog log_;
    RuntimeApi api_;
    std::unique_ptr<machine::Process> process_;
    std::optional<machine::ExitStatus> exit_;
    std::int64_t peak_memory_bytes_ = 0;
    Scope watch_;  // last: its task uses everything above
};

}  // namespace mill::lambda
