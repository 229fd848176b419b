// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/queue_client.h"

#include <fmt/format.h>

#include <algorithm>

namespace mill::sim {
namespace {

using wire::Value;

constexpr std::size_t violations_max = 10;
constexpr int drain_looks_max = 200;

}  // namespace

Value QueueClient::input_of(const std::string& queue) {
    Value input = Value::map();
    input["QueueUrl"] = "http://127.0.0.1:4566/000000000000/" + queue;
    return input;
}

Value::List QueueClient::list_in(const Value& answer, std::string_view name) {
    const Value* list = answer.find(name);
    return list && list->items() ? *list->items() : Value::List();
}

std::string QueueClient::new_body() {
    SimMachine& sim = world_.machine();
    return fmt::format("m{}.", ++number_) +
           Bytes(sim.random(sim.random(6) == 0 ? 40'000 : 300), 'x');
}

Task<Result<Value>> QueueClient::call(std::string operation, Value input) {
    return world_.client().call("sqs", "AmazonSQS." + operation, std::move(input));
}

Task<Result<void>> QueueClient::create(std::string queue) {
    Value input = Value::map();
    input["QueueName"] = queue;
    Value& attributes = input["Attributes"];
    attributes["VisibilityTimeout"] = std::to_string(1 + world_.machine().random(4));
    attributes["MessageRetentionPeriod"] = "1209600";
    if (queue.ends_with(".fifo")) attributes["FifoQueue"] = "true";
    MILL_CO_TRY(const auto made, co_await call("CreateQueue", std::move(input)));
    static_cast<void>(made);
    co_return Result<void>{};
}

Task<Result<Value::List>> QueueClient::receive(std::string queue, Receive options) {
    Value input = input_of(queue);
    input["MaxNumberOfMessages"] = options.count;
    input["WaitTimeSeconds"] = options.wait_seconds;
    if (options.visibility_seconds > 0) input["VisibilityTimeout"] = options.visibility_seconds;
    const auto asked = history_.tick();
    MILL_CO_TRY(const Value answer, co_await call("ReceiveMessage", std::move(input)));
    Value::List messages = list_in(answer, "Messages");
    for (const Value& message : messages) {
        history_.receptions.push_back(
            {queue, wire::text_of(message, "Body"), wire::text_of(message, "MessageId"), asked});
    }
    co_return messages;
}

Task<Result<void>> QueueClient::erase(std::string queue, Value::List messages) {
    if (messages.empty()) co_return Result<void>{};
    Value input = input_of(queue);
    for (std::size_t i = 0; i < messages.size(); ++i) {
        Value entry = Value::map();
        entry["Id"] = std::to_string(i);
        entry["ReceiptHandle"] = wire::text_of(messages[i], "ReceiptHandle");
        input["Entries"].push_back(std::move(entry));
    }
    MILL_CO_TRY(const Value answer, co_await call("DeleteMessageBatch", std::move(input)));
    for (const Value& entry : list_in(answer, "Successful")) {
        const Value& message = messages[std::stoul(wire::text_of(entry, "Id"))];
        history_.deletions.push_back({queue, wire::text_of(message, "MessageId"), history_.tick()});
    }
    co_return Result<void>{};
}

Task<Result<bool>> QueueClient::is_empty(std::string queue) {
    Value input = input_of(queue);
    input["AttributeNames"].push_back("All");
    MILL_CO_TRY(const Value answer, co_await call("GetQueueAttributes", std::move(input)));
    const Value& attributes = *answer.find("Attributes");
    const auto is_none = [&](const char* name) { return wire::text_of(attributes, name) == "0"; };
    co_return is_none("ApproximateNumberOfMessages") &&
        is_none("ApproximateNumberOfMessagesNotVisible") &&
        is_none("ApproximateNumberOfMessagesDelayed");
}

Task<Result<void>> QueueClient::drain(std::string queue) {
    Machine& m = world_.machine().outside();
    for (int looks = 0; looks < drain_looks_max; ++looks) {
        MILL_CO_TRY(auto messages, co_await receive(queue, {.visibility_seconds = 600}));
        if (!messages.empty()) {
            MILL_CO_CHECK(co_await erase(queue, std::move(messages)));
            continue;
        }
        MILL_CO_TRY(const bool is_drained, co_await is_empty(queue));
        if (is_drained) co_return Result<void>{};
        co_await machine::sleep_until(m.timers, m.clock.now() + std::chrono::seconds(1));
    }
    co_return fail("sim.stuck", queue + " does not become empty");
}

bool QueueClient::is_expected(const Error& error) {
    return error.code.starts_with("net.") || error.code == "net" ||
           error.code == "InternalFailure" || error.code == "InternalError";
}

void QueueClient::note_refusal(const std::string& what, const Error& error) {
    if (is_expected(error)) return;
    refusals_.push_back(what + " was refused with " + error.code + ": " + error.message);
}

std::vector<std::string> QueueClient::violations() {
    history_.clock_was_set = world_.conditions().clock_steps > 0;
    std::vector<std::string> all = queue_violations(history_);
    all.insert(all.end(), refusals_.begin(), refusals_.end());
    all.resize(std::min(all.size(), violations_max));
    return all;
}

}  // namespace mill::sim
