// SPDX-License-Identifier: Apache-2.0
// Invocations: carries one event through an environment, from cold start to REPORT line. An
// invocation that has begun runs to its end even if whoever asked for it is gone.
#pragma once

#include "services/lambda/environments/conclusion.h"
#include "services/lambda/environments/environment_pool.h"
#include "services/lambda/functions/functions.h"
#include "services/ports/invoker.h"

namespace mill::lambda {

struct Invocation {
    FunctionPtr function;
    std::string request_id;
    std::string invoked_arn;
    Bytes payload;
    std::string client_context;
    std::string trace_id;
};

class Invocations {
  public:
    // `concurrency_max`: of all functions together.
    Invocations(Machine& machine, EnvironmentPool& pool, const Functions& functions,
                std::int64_t concurrency_max)
        : machine_(machine),
          pool_(pool),
          functions_(functions),
          concurrency_max_(concurrency_max),
          changed_(machine.executor) {}
    // What no function has reserved of it.
    std::int64_t unreserved_max() const;

    // Errors mean that the function did not run: TooManyRequestsException, with the reason.
    Task<Result<ports::InvokeOutcome>> invoke(Invocation invocation);
    // Fresh ids for an invocation of this function.
    Invocation prepare(FunctionPtr function, std::string invoked_arn, Bytes payload);
    // Until no invocation is under way, or the deadline.
    Task<void> finish(Instant deadline);
    void end_tasks() { tasks_.clear(); }

  private:
    using Outcome = Result<ports::InvokeOutcome>;
    // What init left for the invocation.
    struct Readiness {
        Ending ending;
        std::optional<Duration> init_duration;  // of an init before the invocation
        Instant began;                          // the invocation's own time counts from here
    };

    Result<void> check_concurrency(const FunctionId& id) const;
    std::int64_t running_of(const FunctionId& id) const;
    void count_running(const FunctionId& id, std::int64_t change);
    Task<void> carry(Invocation invocation, machine::OneShot<Outcome> done);
    Task<Outcome> execute(Environment* environment, Invocation invocation);
    Task<Readiness> make_ready(Environment* environment);
    Task<Readiness> repeat_init(Environment* environment);
    ports::InvokeOutcome conclude_log(Environment* environment, const Invocation& invocation,
                                      const Readiness& readiness, const Ending& ending);

    Machine& machine_;
    EnvironmentPool& pool_;
    const Functions& functions_;
    std::int64_t concurrency_max_;
    machine::Signal changed_;
    std::int64_t running_ = 0;
    std::map<FunctionId, std::int64_t> running_by_function_;
    Scope tasks_;  // last: its tasks use everything above
};

}  // namespace mill::lambda
