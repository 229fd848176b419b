// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/queue_consumption.h"

#include <fmt/format.h>

#include "sim/world/workloads/runtime_call.h"

namespace mill::sim {
namespace {

using machine::ExitStatus;
using wire::Value;

constexpr const char* function = "queue-consumer";
constexpr std::int64_t timeout_seconds = 5;
// Longer than it takes to start an environment, on whatever disk, and to run it to its end.
constexpr const char* visibility_seconds = "60";
constexpr const char* arn_prefix = "arn:aws:sqs:us-east-1:000000000000:";
constexpr const char* queues[] = {"orders", "orders.fifo"};
constexpr const char* dead_letters[] = {"dead", "dead.fifo"};
constexpr int looks_max = 2000;

// "m12." is the twelfth.
bool is_poison(const std::string& body) { return std::stoul(body.substr(1)) % 11 == 3; }

}  // namespace

QueueConsumption::QueueConsumption(World& world)
    : world_(world), client_(world), senders_(world, client_) {
    world_.machine().register_script(
        function, [this](ScriptContext context) { return consume(std::move(context)); });
}

Task<Result<void>> QueueConsumption::create(std::string queue, std::string dead) {
    Value input = Value::map();
    input["QueueName"] = queue;
    Value& attributes = input["Attributes"];
    attributes["VisibilityTimeout"] = visibility_seconds;
    attributes["MessageRetentionPeriod"] = "1209600";
    if (queue.ends_with(".fifo")) attributes["FifoQueue"] = "true";
    if (!dead.empty())
        attributes["RedrivePolicy"] = fmt::format(
            R"({{"deadLetterTargetArn":"{}{}","maxReceiveCount":3}})", arn_prefix, dead);
    MILL_CO_TRY(const auto made, co_await client_.call("CreateQueue", std::move(input)));
    static_cast<void>(made);
    co_return Result<void>{};
}

Task<Result<void>> QueueConsumption::set_up() {
    reports_ = random(2) == 0;
    MILL_CO_CHECK(co_await world_.client().create_function(function, timeout_seconds));
    for (std::size_t i = 0; i < std::size(queues); ++i) {
        const std::string queue = queues[i];
        MILL_CO_CHECK(co_await create(dead_letters[i], ""));
        MILL_CO_CHECK(co_await create(queue, dead_letters[i]));
        Value mapping = Value::map();
        mapping["FunctionName"] = function;
        mapping["EventSourceArn"] = arn_prefix + queue;
        mapping["BatchSize"] = static_cast<std::int64_t>(1 + random(10));
        if (!queue.ends_with(".fifo") && random(2) == 0)
            mapping["MaximumBatchingWindowInSeconds"] = 2;
        if (random(3) == 0) mapping["ScalingConfig"]["MaximumConcurrency"] = 2;
        if (reports_) mapping["FunctionResponseTypes"] = Value::List{"ReportBatchItemFailures"};
        MILL_CO_TRY(const Value made,
                    co_await world_.client().call_lambda(
                        "POST", "/2015-03-31/event-source-mappings", std::move(mapping)));
        static_cast<void>(made);
    }
    co_return Result<void>{};
}

void QueueConsumption::start() {
    for (const char* queue : queues) senders_.start(queue);
}

std::size_t QueueConsumption::note(const Value& event) {
    QueueHistory& history = client_.history();
    ConsumptionHistory::Invocation invocation{
        .bodies = {}, .groups = {}, .began = history.tick(), .ended = 0};
    for (const Value& record : wire::list_of(event, "Records")) {
        const std::string arn = wire::text_of(record, "eventSourceARN");
        const std::string queue = arn.substr(arn.rfind(':') + 1);
        const std::string body = wire::text_of(record, "body");
        history.receptions.push_back(
            {queue, body, wire::text_of(record, "messageId"), invocation.began});
        invocation.bodies.push_back(body);
        const Value* attributes = record.find("attributes");
        const std::string group =
            attributes ? wire::text_of(*attributes, "MessageGroupId") : std::string();
        if (!group.empty()) invocation.groups.insert(queue + "/" + group);
    }
    seen_.invocations.push_back(std::move(invocation));
    return seen_.invocations.size() - 1;
}

std::optional<Bytes> QueueConsumption::answer(const Value& event) {
    std::vector<std::string> handled;
    std::string failed;
    const bool has_bad_luck = random(15) == 0;
    for (const Value& record : wire::list_of(event, "Records")) {
        const std::string body = wire::text_of(record, "body");
        if (!has_bad_luck && !is_poison(body)) {
            handled.push_back(body);
        } else if (!reports_) {
            return std::nullopt;
        } else {
            failed += (failed.empty() ? "" : ",") + fmt::format(R"({{"itemIdentifier":"{}"}})",
                                                                wire::text_of(record, "messageId"));
        }
    }
    seen_.handled.insert(handled.begin(), handled.end());
    return R"({"batchItemFailures":[)" + failed + "]}";
}

// The function, as a program on the Runtime API.
Task<ExitStatus> QueueConsumption::consume(ScriptContext context) {
    Machine& m = context.machine;
    const auto endpoint = machine::parse_endpoint(context.runtime_api);
    if (!endpoint) co_return ExitStatus{.code = 2};
    wire::http::Client runtime(m.network, *endpoint);
    for (;;) {
        const auto next = co_await runtime.send(runtime_call("GET", "invocation/next", {}));
        if (!next || next->status != 200) co_return ExitStatus{.code = 3};
        const std::string id = next->headers.get("lambda-runtime-aws-request-id");
        const Value event = wire::parse_json(next->body).value_or(Value::map());
        const std::size_t invocation = note(event);
        co_await machine::sleep_until(m.timers,
                                      m.clock.now() + std::chrono::milliseconds(random(300)));
        // What hangs is killed at the function's time-out.
        if (world_.takes_hang())
            co_await machine::sleep_until(m.timers, m.clock.now() + std::chrono::hours(1));
        if (random(40) == 0) co_return ExitStatus{.code = 1};
        const auto body = answer(event);
        seen_.invocations[invocation].ended = client_.history().tick();
        const Bytes error = R"({"errorMessage":"poison","errorType":"Poison"})";
        const auto answered = co_await runtime.send(runtime_call(
            "POST", "invocation/" + id + (body ? "/response" : "/error"), body.value_or(error)));
        if (!answered) co_return ExitStatus{.code = 4};
    }
}

// By the function alone.
Task<Result<void>> QueueConsumption::await_empty(std::string queue) {
    Machine& m = world_.machine().outside();
    for (int looks = 0; looks < looks_max; ++looks) {
        MILL_CO_TRY(const bool is_empty, co_await client_.is_empty(queue));
        if (is_empty) co_return Result<void>{};
        co_await machine::sleep_until(m.timers, m.clock.now() + std::chrono::seconds(1));
    }
    co_return fail("sim.stuck", queue + " is not emptied by its function");
}

Task<Result<void>> QueueConsumption::collect_dead(std::string queue) {
    for (;;) {
        Value input = QueueClient::input_of(queue);
        input["MaxNumberOfMessages"] = 10;
        MILL_CO_TRY(const Value answer, co_await client_.call("ReceiveMessage", std::move(input)));
        const auto messages = QueueClient::list_in(answer, "Messages");
        if (messages.empty()) co_return Result<void>{};
        for (const Value& message : messages) seen_.dead.insert(wire::text_of(message, "Body"));
        MILL_CO_CHECK(co_await client_.erase(queue, messages));
    }
}

Task<Result<void>> QueueConsumption::finish() {
    for (const char* queue : queues) MILL_CO_CHECK(co_await await_empty(queue));
    for (const char* queue : dead_letters) MILL_CO_CHECK(co_await collect_dead(queue));
    co_return Result<void>{};
}

std::vector<std::string> QueueConsumption::violations() {
    auto all = client_.violations();
    const auto more = consumption_violations(client_.history(), seen_);
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

}  // namespace mill::sim
