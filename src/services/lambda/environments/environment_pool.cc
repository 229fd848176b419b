// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/environments/environment_pool.h"

#include <algorithm>

#include "services/lambda/environments/launch.h"

namespace mill::lambda {
namespace {

// AWS forgets old function versions' warnings with the version; we bound the memory of them
// instead.
constexpr std::size_t warned_max = 10'000;

Task<void> remove_tree(machine::Executor& executor, machine::Files& files, Log log,
                       std::string path) {
    auto result = std::make_shared<Result<void>>();
    co_await machine::offload(executor,
                              [result, &files, path] { *result = files.remove_tree(path); });
    if (!*result)
        log.warning("lambda.scratch_left_behind",
                    {{"path", path}, {"error", result->error().message}});
}

bool is_of_the_machine(const Error& error) {
    return error.code.starts_with("io") || error.code.starts_with("storage") ||
           error.code.starts_with("net");
}

}  // namespace

EnvironmentPool::EnvironmentPool(Machine& machine, ports::LogSink& logs, CodeStore& code,
                                 Options options)
    : machine_(machine),
      logs_(logs),
      code_(code),
      options_(std::move(options)),
      changed_(machine.executor) {
    tasks_.spawn(reap());
}

EnvironmentPool::~EnvironmentPool() = default;

Failure throttled(std::string_view reason) {
    return fail("TooManyRequestsException:" + std::string(reason), "Rate Exceeded.", 429);
}

Result<Environment*> EnvironmentPool::acquire(const FunctionPtr& function) {
    for (auto place = places_.begin(); place != places_.end(); ++place) {
        if (place->busy || !place->environment->is_alive()) continue;
        if (place->environment->function().build_id != function->build_id) continue;
        place->busy = true;
        return place->environment.get();
    }
    if (!make_room()) return throttled("ConcurrentInvocationLimitExceeded");
    Place place;
    place.environment = std::make_unique<Environment>(machine_, logs_, function, changed_);
    place.scratch = code_.directory() + "/scratch/" + machine::random_hex(machine_.entropy, 16);
    places_.push_front(std::move(place));
    return places_.front().environment.get();
}

// At the bound the environment that idled longest makes room.
bool EnvironmentPool::make_room() {
    if (places_.size() < static_cast<std::size_t>(options_.environments_max)) return true;
    for (auto place = places_.rbegin(); place != places_.rend(); ++place) {
        if (place->busy) continue;
        discard(std::next(place).base());
        return true;
    }
    return false;
}

EnvironmentPool::Places::iterator EnvironmentPool::find(const Environment* environment) {
    const auto found = std::find_if(places_.begin(), places_.end(), [&](const Place& place) {
        return place.environment.get() == environment;
    });
    MILL_ASSERT(found != places_.end());
    return found;
}

EnvironmentPool::Places::iterator EnvironmentPool::discard(Places::iterator place) {
    const std::string scratch = place->scratch;
    const auto next = places_.erase(place);
    tasks_.spawn(remove_tree(machine_.executor, machine_.files, machine_.log, scratch));
    return next;
}

void EnvironmentPool::release(Environment* environment) {
    const auto place = find(environment);
    if (!environment->is_alive() || place->retired) {
        discard(place);
        return;
    }
    place->busy = false;
    place->idle_since = machine_.clock.now();
    places_.splice(places_.begin(), places_, place);
    changed_.notify_all();
}

void EnvironmentPool::retire(const FunctionId& function, const IsCurrent& is_current) {
    for (auto place = places_.begin(); place != places_.end();) {
        const Function& of = place->environment->function();
        if (of.id() != function || is_current(of)) {
            ++place;
        } else if (place->busy) {
            place->retired = true;
            ++place;
        } else {
            place = discard(place);
        }
    }
}

void EnvironmentPool::remove_dead_and_expired() {
    const Instant now = machine_.clock.now();
    for (auto place = places_.begin(); place != places_.end();) {
        const bool over =
            !place->environment->is_alive() || place->idle_since + options_.idle_max <= now;
        place = !place->busy && over ? discard(place) : std::next(place);
    }
}

Task<void> EnvironmentPool::reap() {
    for (;;) {
        remove_dead_and_expired();
        std::optional<Instant> first;
        for (const Place& place : places_) {
            if (!place.busy) first = std::min(first.value_or(place.idle_since), place.idle_since);
        }
        if (first) {
            co_await changed_.wait_until(machine_.timers, *first + options_.idle_max);
        } else {
            co_await changed_.wait();
        }
    }
}

void EnvironmentPool::warn_once(const Function& function, const std::string& warning) {
    if (warning.empty() || warned_.size() >= warned_max ||
        !warned_.insert(function.build_id).second)
        return;
    machine_.log.warning("lambda.launch", {{"function", function.name}, {"message", warning}});
}

Task<Result<Launch>> EnvironmentPool::prepare(Environment* environment) {
    const FunctionPtr function = environment->function_pointer();
    MILL_CO_TRY(const std::string tree, co_await code_.tree(function->code_sha256));
    std::string layer_tree;
    if (!function->layers.empty()) {
        MILL_CO_TRY(layer_tree, co_await code_.merged_tree(blobs_of(function->layers)));
    }
    const auto place = find(environment);
    if (place->runtime_api.empty()) {
        MILL_CO_CHECK(machine_.files.make_directories(place->scratch));
        MILL_CO_TRY(const machine::Endpoint endpoint, environment->listen());
        place->runtime_api = endpoint.text();
    }
    const LaunchFacts facts{.code_tree = tree,
                            .layer_tree = layer_tree,
                            .scratch = place->scratch,
                            .runtimes = options_.runtimes,
                            .endpoint_url = options_.endpoint_url,
                            .runtime_api = place->runtime_api,
                            .log_group = environment->log().group(),
                            .log_stream = environment->log().stream()};
    MILL_CO_TRY(PlannedLaunch plan, co_await plan_launch(machine_, *function, facts));
    warn_once(*function, plan.warning);
    co_return std::move(plan.launch);
}

Task<Ending> EnvironmentPool::start(Environment* environment, Instant deadline) {
    auto launch = co_await prepare(environment);
    if (!launch && is_of_the_machine(launch.error()))
        co_return Ending{.kind = Ending::Kind::unable, .fault = std::move(launch).error()};
    if (!launch)
        co_return Ending{.kind = Ending::Kind::not_started, .reason = launch.error().message};
    co_return co_await environment->start(*std::move(launch), deadline);
}

}  // namespace mill::lambda
