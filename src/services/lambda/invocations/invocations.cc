// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/invocations/invocations.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/lambda/environments/log_lines.h"

namespace mill::lambda {
namespace {

// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
constexpr Duration init_time_max = std::chrono::seconds(10);

void log_init_report(Environment* environment, Duration duration, std::string_view phase,
                     const Ending& ending, const Conclusion& conclusion) {
    const bool timed_out = ending.kind == Ending::Kind::timed_out;
    environment->log().line(init_report_line(duration, phase, timed_out ? "timeout" : "error",
                                             timed_out ? std::string() : conclusion.error_type));
}

}  // namespace

Invocation Invocations::prepare(FunctionPtr function, std::string invoked_arn, Bytes payload) {
    const auto seconds = static_cast<std::uint64_t>(epoch_ms(machine_.clock.wall()) / 1000);
    Invocation invocation{.function = std::move(function),
                          .request_id = machine::uuid_v4(machine_.entropy),
                          .invoked_arn = std::move(invoked_arn),
                          .payload = payload.empty() ? "{}" : std::move(payload)};
    invocation.trace_id = fmt::format("Root=1-{:08x}-{};Parent={};Sampled=0", seconds,
                                      machine::random_hex(machine_.entropy, 24),
                                      machine::random_hex(machine_.entropy, 16));
    return invocation;
}

Task<Invocations::Outcome> Invocations::invoke(Invocation invocation) {
    machine::OneShot<Outcome> done(machine_.executor);
    tasks_.spawn(carry(std::move(invocation), done));
    co_return co_await done.take();
}

Task<void> Invocations::finish(Instant deadline) {
    while (running_ > 0 && co_await changed_.wait_until(machine_.timers, deadline)) {
    }
}

std::int64_t Invocations::unreserved_max() const {
    std::int64_t left = concurrency_max_;
    for (const auto& [id, reserved] : functions_.reserved()) left -= reserved;
    return std::max<std::int64_t>(left, 0);
}

std::int64_t Invocations::running_of(const FunctionId& id) const {
    const auto found = running_by_function_.find(id);
    return found == running_by_function_.end() ? 0 : found->second;
}

void Invocations::count_running(const FunctionId& id, std::int64_t change) {
    running_ += change;
    if ((running_by_function_[id] += change) == 0) running_by_function_.erase(id);
}

Result<void> Invocations::check_concurrency(const FunctionId& id) const {
    const auto reserved = functions_.reserved().find(id);
    if (reserved != functions_.reserved().end()) {
        if (running_of(id) < reserved->second) return {};
        return throttled("ReservedFunctionConcurrentInvocationLimitExceeded");
    }
    std::int64_t unreserved = running_;
    for (const auto& [other, count] : functions_.reserved()) unreserved -= running_of(other);
    if (unreserved < unreserved_max()) return {};
    return throttled("ConcurrentInvocationLimitExceeded");
}

Task<void> Invocations::carry(Invocation invocation, machine::OneShot<Outcome> done) {
    const FunctionId id = invocation.function->id();
    const auto allowed = check_concurrency(id);
    auto environment = allowed ? pool_.acquire(invocation.function)
                               : Result<Environment*>(std::unexpected(allowed.error()));
    if (!environment) {
        done.set(std::unexpected(std::move(environment).error()));
        co_return;
    }
    count_running(id, 1);
    Outcome outcome = co_await execute(*environment, std::move(invocation));
    pool_.release(*environment);
    done.set(std::move(outcome));
    count_running(id, -1);
    changed_.notify_all();
}

Task<Invocations::Outcome> Invocations::execute(Environment* environment, Invocation invocation) {
    Readiness readiness{.ending = {.kind = Ending::Kind::ready}, .began = machine_.clock.now()};
    if (!environment->is_alive()) readiness = co_await make_ready(environment);
    // As a throttled invocation: it took place for nobody, and counts as no attempt.
    if (readiness.ending.kind == Ending::Kind::unable)
        co_return std::unexpected(std::move(readiness.ending.fault));
    if (readiness.ending.kind == Ending::Kind::ready && readiness.init_duration)
        environment->log().flush();
    if (readiness.ending.kind == Ending::Kind::ready) environment->log().begin_tail();
    environment->log().line(start_line(invocation.request_id, *invocation.function));
    Ending ending = readiness.ending;
    if (ending.kind == Ending::Kind::ready) {
        const Duration timeout = std::chrono::seconds(invocation.function->timeout_seconds);
        const Instant deadline = readiness.began + timeout;
        const Duration left = deadline - machine_.clock.now();
        RuntimeEvent event{.request_id = invocation.request_id,
                           .payload = std::move(invocation.payload),
                           .invoked_arn = invocation.invoked_arn,
                           .trace_id = invocation.trace_id,
                           .client_context = invocation.client_context,
                           .deadline = machine_.clock.wall() +
                                       std::chrono::floor<std::chrono::milliseconds>(left)};
        ending = co_await environment->run(std::move(event), deadline);
    }
    co_return conclude_log(environment, invocation, readiness, ending);
}

// The init before the invocation may take ten seconds. One that fails is repeated inside the
// invocation and its timeout
// ("suppressed init"), unless there is nothing that could be started.
Task<Invocations::Readiness> Invocations::make_ready(Environment* environment) {
    const Instant began = machine_.clock.now();
    environment->log().line(init_start_line(environment->function()));
    Readiness readiness;
    readiness.ending = co_await pool_.start(environment, began + init_time_max);
    const Duration took = machine_.clock.now() - began;
    readiness.began = machine_.clock.now();
    if (readiness.ending.kind == Ending::Kind::ready) {
        readiness.init_duration = took;
        co_return readiness;
    }
    if (readiness.ending.kind == Ending::Kind::unable) co_return readiness;
    const Conclusion conclusion =
        conclude(readiness.ending, "", environment->function(), machine_.clock.wall());
    log_init_report(environment, took, "init", readiness.ending, conclusion);
    if (readiness.ending.kind == Ending::Kind::not_started) co_return readiness;
    co_return co_await repeat_init(environment);
}

Task<Invocations::Readiness> Invocations::repeat_init(Environment* environment) {
    Readiness readiness{.began = machine_.clock.now()};
    environment->log().begin_tail();
    const Duration timeout = std::chrono::seconds(environment->function().timeout_seconds);
    readiness.ending = co_await pool_.start(environment, readiness.began + timeout);
    if (readiness.ending.kind != Ending::Kind::ready &&
        readiness.ending.kind != Ending::Kind::unable) {
        const Conclusion conclusion =
            conclude(readiness.ending, "", environment->function(), machine_.clock.wall());
        log_init_report(environment, machine_.clock.now() - readiness.began, "invoke",
                        readiness.ending, conclusion);
    }
    co_return readiness;
}

ports::InvokeOutcome Invocations::conclude_log(Environment* environment,
                                               const Invocation& invocation,
                                               const Readiness& readiness, const Ending& ending) {
    const Function& function = *invocation.function;
    const Conclusion conclusion =
        conclude(ending, invocation.request_id, function, machine_.clock.wall());
    FunctionLog& log = environment->log();
    if (!conclusion.log_line.empty()) log.line(conclusion.log_line);
    log.line(end_line(invocation.request_id));
    log.line(report_line({.request_id = invocation.request_id,
                          .duration = machine_.clock.now() - readiness.began,
                          .init_duration = readiness.init_duration,
                          .memory_mb = function.memory_mb,
                          .peak_memory_bytes = environment->peak_memory_bytes(),
                          .status = conclusion.status,
                          .error_type = conclusion.error_type}));
    ports::InvokeOutcome outcome{.request_id = invocation.request_id,
                                 .executed_version = function.version,
                                 .payload = conclusion.payload,
                                 .log_tail = log.tail()};
    if (conclusion.failed) outcome.function_error = "Unhandled";
    return outcome;
}

}  // namespace mill::lambda
