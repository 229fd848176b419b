// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/environments/environment.h"

#include "services/lambda/environments/log_lines.h"

namespace mill::lambda {

Environment::Environment(Machine& machine, ports::LogSink& logs, FunctionPtr function,
                         machine::Signal& on_exit)
    : machine_(machine),
      function_(std::move(function)),
      on_exit_(on_exit),
      changed_(machine.executor),
      log_(logs, machine.clock, *function_,
           log_stream_name(machine.clock.wall(), *function_,
                           machine::random_hex(machine.entropy, 32))),
      api_(machine, changed_) {}

Environment::~Environment() {
    kill();
    log_.flush();
}

void Environment::kill() {
    if (!process_) return;
    settle_output();
    watch_.clear();
    process_.reset();
}

void Environment::settle_output() {
    process_->drain_output();
    peak_memory_bytes_ = std::max(peak_memory_bytes_, process_->memory_bytes());
    if (exit_) peak_memory_bytes_ = std::max(peak_memory_bytes_, exit_->peak_memory_bytes);
}

Task<void> Environment::watch(machine::Process* process) {
    exit_ = co_await process->exited();
    changed_.notify_all();
    on_exit_.notify_all();
}

Ending Environment::exited() {
    Ending ending{.kind = Ending::Kind::exited, .exit = *exit_};
    kill();
    return ending;
}

Task<Ending> Environment::start(Launch launch, Instant deadline) {
    kill();
    api_.restart();
    exit_.reset();
    machine::SpawnRequest request{.argv = std::move(launch.argv),
                                  .environment = std::move(launch.variables),
                                  .directory = "/var/task",
                                  .sandbox = {.mounts = std::move(launch.mounts)},
                                  .on_output = [this](BytesView bytes) { log_.output(bytes); }};
    auto spawned = machine_.processes.spawn(std::move(request));
    if (!spawned)
        co_return Ending{.kind = Ending::Kind::not_started, .reason = spawned.error().message};
    process_ = *std::move(spawned);
    watch_.spawn(watch(process_.get()));
    for (;;) {
        if (api_.init_error()) {
            Ending ending{.kind = Ending::Kind::failed,
                          .error_type = api_.init_error()->error_type,
                          .body = api_.init_error()->body};
            kill();
            co_return ending;
        }
        if (api_.state() == RuntimeApi::State::ready) {
            settle_output();
            co_return Ending{.kind = Ending::Kind::ready};
        }
        if (exit_) co_return exited();
        if (!co_await changed_.wait_until(machine_.timers, deadline)) {
            kill();
            co_return Ending{.kind = Ending::Kind::timed_out};
        }
    }
}

Task<Ending> Environment::run(RuntimeEvent event, Instant deadline) {
    api_.deliver(std::move(event));
    while (!api_.answer()) {
        if (exit_) co_return exited();
        if (!co_await changed_.wait_until(machine_.timers, deadline) && !api_.answer()) {
            kill();
            co_return Ending{.kind = Ending::Kind::timed_out};
        }
    }
    const RuntimeAnswer answer = *api_.answer();
    while (api_.state() != RuntimeApi::State::ready && !exit_) {
        if (!co_await changed_.wait_until(machine_.timers, deadline)) break;
    }
    if (exit_ || api_.state() != RuntimeApi::State::ready) {
        kill();
    } else {
        settle_output();
    }
    co_return Ending{.kind = answer.failed ? Ending::Kind::failed : Ending::Kind::answered,
                     .error_type = answer.error_type,
                     .body = answer.body};
}

}  // namespace mill::lambda
