// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/lambda.h"

#include "model/arn.h"
#include "services/lambda/environments/environment_pool.h"
#include "services/lambda/functions/functions.h"
#include "services/lambda/invocations/event_queue.h"
#include "services/lambda/invocations/invocations.h"
#include "services/lambda/layers/layers.h"
#include "services/lambda/mappings/mappings.h"
#include "services/lambda/urls/function_urls.h"

namespace mill::lambda {
namespace {

Result<FunctionTarget> target_of(const Functions& functions, const Caller& caller,
                                 const std::string& name) {
    MILL_TRY(const FunctionReference reference, parse_function_name(caller, name, ""));
    MILL_TRY(const FunctionPtr function, functions.find(reference));
    return FunctionTarget{.arn = reference.arn(),
                          .role = function->role,
                          .timeout_seconds = function->timeout_seconds};
}

Task<void> stop_mappings(Mappings& mappings, machine::OneShot<bool> stopped) {
    co_await mappings.stop();
    stopped.set(true);
}

}  // namespace

Lambda::Lambda(Machine& machine, storage::Table& table, Options options)
    : machine_(machine), table_(table), options_(std::move(options)) {}

Lambda::~Lambda() { end_tasks(); }

void Lambda::end_tasks() {
    // The tasks of each use what is below.
    stopping_.clear();
    if (mappings_) mappings_->end_tasks();
    if (events_) events_->end_tasks();
    if (invocations_) invocations_->end_tasks();
}

Result<std::unique_ptr<Lambda>> Lambda::open(Machine& machine, storage::Engine& engine,
                                             ports::RecordSource& source, ports::LogSink& logs,
                                             ports::ObjectStore& objects, Options options) {
    std::unique_ptr<Lambda> lambda(new Lambda(machine, *engine.table, std::move(options)));
    lambda->code_ = std::make_unique<CodeStore>(machine, lambda->options_.directory,
                                                lambda->options_.code_folders);
    MILL_TRY(lambda->layers_, Layers::open(machine, *engine.table, objects, *lambda->code_));
    MILL_TRY(lambda->functions_,
             Functions::open(machine, *engine.table, objects, *lambda->code_, *lambda->layers_));
    lambda->pool_ =
        std::make_unique<EnvironmentPool>(machine, logs, *lambda->code_, lambda->options_);
    MILL_TRY(lambda->urls_, FunctionUrls::open(machine, *engine.table, *lambda->functions_));
    lambda->functions_->on_change([pool = lambda->pool_.get(), functions = lambda->functions_.get(),
                                   urls = lambda->urls_.get()](const FunctionId& id) {
        urls->forget_gone(id);
        pool->retire(
            id, [functions](const Function& function) { return functions->is_current(function); });
    });
    lambda->invocations_ = std::make_unique<Invocations>(
        machine, *lambda->pool_, *lambda->functions_, lambda->options_.environments_max);
    lambda->events_ = std::make_unique<EventQueue>(machine, *engine.table, *lambda->functions_,
                                                   *lambda->invocations_);
    MILL_TRY(lambda->mappings_, Mappings::open(machine, *engine.table, source, *lambda,
                                               [functions = lambda->functions_.get()](
                                                   const Caller& caller, const std::string& name) {
                                                   return target_of(*functions, caller, name);
                                               }));
    return lambda;
}

void Lambda::set_endpoint_url(std::string url) {
    urls_->set_endpoint_url(url);
    pool_->set_endpoint_url(std::move(url));
}

void Lambda::set_failure_destinations(ports::FailureDestinations destinations) {
    events_->set_destinations(destinations);
    mappings_->set_destinations(std::move(destinations));
}

std::int64_t Lambda::unreserved_concurrency() const { return invocations_->unreserved_max(); }

void Lambda::set_queue_source(ports::QueueSource& queues) { mappings_->set_queues(queues); }

void Lambda::set_key_store(const ports::KeyStore& keys) { mappings_->set_keys(keys); }

std::string Lambda::metrics_text() const { return mappings_->metrics_text(); }

wire::Service Lambda::service() {
    return {.signing_name = "lambda",
            .target_prefix = {},
            .protocol = wire::Protocol::rest_json,
            .json_version = "1.1",
            .api_version = "2015-03-31",
            .xml_namespace = {},
            .operations = operations(),
            .instance = this};
}

void Lambda::start() {
    if (const auto started = events_->start(); !started) {
        machine_.log.error("lambda.events_not_started", {{"error", started.error().message}});
    }
    mappings_->start();
}

Task<void> Lambda::stop(Instant deadline) {
    machine::OneShot<bool> stopped(machine_.executor);
    stopping_.spawn(stop_mappings(*mappings_, stopped));
    co_await events_->stop(deadline);
    co_await stopped.take_until(machine_.timers, deadline);
    co_await invocations_->finish(deadline);
}

Result<Invocation> Lambda::prepare(ports::InvokeRequest request) {
    Caller caller;
    if (const auto arn = model::parse_arn(request.function_arn)) {
        caller.account = arn->account;
        caller.region = arn->region;
    }
    MILL_TRY(const FunctionReference reference,
             parse_function_name(caller, request.function_arn, ""));
    MILL_TRY(const FunctionPtr function, functions_->resolve(reference));
    Invocation invocation =
        invocations_->prepare(function, reference.arn(), std::move(request.payload));
    invocation.client_context = std::move(request.client_context);
    return invocation;
}

Task<Result<ports::InvokeOutcome>> Lambda::invoke(ports::InvokeRequest request) {
    MILL_CO_TRY(auto invocation, prepare(std::move(request)));
    co_return co_await invocations_->invoke(std::move(invocation));
}

Task<Result<void>> Lambda::accept_event(ports::InvokeRequest request) {
    MILL_CO_TRY(auto invocation, prepare(std::move(request)));
    MILL_CO_TRY(const auto request_id, co_await events_->accept(std::move(invocation)));
    static_cast<void>(request_id);
    co_return Result<void>();
}

}  // namespace mill::lambda
