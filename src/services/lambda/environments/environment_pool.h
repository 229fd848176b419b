// SPDX-License-Identifier: Apache-2.0
// EnvironmentPool: the environments of all functions. Warm ones are kept for the next invocation of
// the same build of a function or a version, the most recently used first; one that idles too long,
// whose function changed, or whose process ended is removed. Nothing of it survives a restart.
#pragma once

#include <functional>
#include <list>
#include <set>

#include "services/lambda/environments/environment.h"
#include "services/lambda/functions/code_store.h"
#include "services/lambda/lambda.h"

namespace mill::lambda {

// TooManyRequestsException for one of the reasons that Invoke names.
Failure throttled(std::string_view reason);

class EnvironmentPool {
  public:
    EnvironmentPool(Machine& machine, ports::LogSink& logs, CodeStore& code, Options options);
    ~EnvironmentPool();
    void set_endpoint_url(std::string url) { options_.endpoint_url = std::move(url); }

    // A warm environment, or a new one that was not started yet. TooManyRequestsException (429) at
    // the account's bound. The caller has it to itself until release().
    Result<Environment*> acquire(const FunctionPtr& function);
    // Keeps it warm if its process lives and its function is still the same.
    void release(Environment* environment);
    // Starts (again) the process of an acquired environment.
    Task<Ending> start(Environment* environment, Instant deadline);
    using IsCurrent = std::function<bool(const Function&)>;
    // Ends the idle environments of the function and its versions but those that are current; busy
    // ones end when released.
    void retire(const FunctionId& function, const IsCurrent& is_current);
    std::size_t size() const { return places_.size(); }

  private:
    struct Place {
        std::unique_ptr<Environment> environment;
        std::string scratch;
        std::string runtime_api;  // empty until it listens
        Instant idle_since;
        bool busy = true;
        bool retired = false;
    };
    using Places = std::list<Place>;

    Task<void> reap();
    void remove_dead_and_expired();
    Places::iterator find(const Environment* environment);
    Places::iterator discard(Places::iterator place);
    bool make_room();
    Task<Result<Launch>> prepare(Environment* environment);
    void warn_once(const Function& function, const std::string& warning);

    Machine& machine_;
    ports::LogSink& logs_;
    CodeStore& code_;
    Options options_;
    machine::Signal changed_;
    std::set<std::string> warned_;  // build ids
    Places places_;                 // the most recently used first
    Scope tasks_;                   // last: its tasks use everything above
};

}  // namespace mill::lambda
