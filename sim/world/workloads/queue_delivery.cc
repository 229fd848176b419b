// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/queue_delivery.h"

#include <fmt/format.h>

namespace mill::sim {
namespace {

using wire::Value;

constexpr std::uint64_t sends_per_sender = 12;
constexpr const char* fifo_name = "ordered.fifo";

}  // namespace

Task<void> QueueDelivery::sleep(std::uint64_t ms_max) {
    Machine& m = world_.machine().outside();
    return machine::sleep_until(m.timers,
                                m.clock.now() + std::chrono::milliseconds(random(ms_max)));
}

Task<Result<void>> QueueDelivery::set_up() {
    for (std::uint64_t n = 1 + random(2); n > 0; --n)
        queues_.push_back("queue-" + std::to_string(n));
    queues_.emplace_back(fifo_name);
    for (const std::string& queue : queues_) MILL_CO_CHECK(co_await client_.create(queue));
    co_return Result<void>{};
}

void QueueDelivery::start() {
    for (const std::string& queue : queues_) {
        const int senders = static_cast<int>(1 + random(2));
        senders_left_ += senders;
        for (int sender = 0; sender < senders; ++sender)
            scope_.spawn(queue == fifo_name ? send_in_order(queue, sender) : send(queue));
        for (std::uint64_t n = 1 + random(2); n > 0; --n) scope_.spawn(consume(queue));
    }
}

Task<Result<void>> QueueDelivery::send_batch(std::string queue) {
    QueueHistory& history = client_.history();
    Value input = QueueClient::input_of(queue);
    for (std::uint64_t left = 1 + random(4); left > 0; --left) {
        Value entry = Value::map();
        entry["Id"] = std::to_string(history.sends.size());
        history.sends.push_back(
            {.queue = queue, .body = client_.new_body(), .began = history.tick()});
        entry["MessageBody"] = history.sends.back().body;
        if (random(8) == 0) entry["DelaySeconds"] = static_cast<std::int64_t>(1 + random(3));
        input["Entries"].push_back(std::move(entry));
    }
    MILL_CO_TRY(const Value answer, co_await client_.call("SendMessageBatch", std::move(input)));
    for (const Value& entry : QueueClient::list_in(answer, "Successful")) {
        QueueHistory::Send& send = history.sends[std::stoul(wire::text_of(entry, "Id"))];
        send.acknowledged = history.tick();
        send.message_id = wire::text_of(entry, "MessageId");
    }
    co_return Result<void>{};
}

Task<void> QueueDelivery::send(std::string queue) {
    for (std::uint64_t sends = 0; sends < sends_per_sender; ++sends) {
        const auto sent = co_await send_batch(queue);
        if (!sent) client_.note_refusal("SendMessageBatch", sent.error());
        co_await sleep(400);
    }
    --senders_left_;
}

Task<void> QueueDelivery::send_in_order(std::string queue, int sender) {
    QueueHistory& history = client_.history();
    const std::string group = "group-" + std::to_string(sender);
    for (std::uint64_t sends = 0; sends < sends_per_sender; ++sends) {
        const std::size_t index = history.sends.size();
        const std::string body = client_.new_body();
        history.sends.push_back(
            {.queue = queue, .group = group, .body = body, .began = history.tick()});
        for (;;) {
            Value input = QueueClient::input_of(queue);
            input["MessageBody"] = body;
            input["MessageGroupId"] = group;
            input["MessageDeduplicationId"] = body.substr(0, body.find('.'));
            const auto answer = co_await client_.call("SendMessage", std::move(input));
            if (answer) {
                history.sends[index].acknowledged = history.tick();
                history.sends[index].message_id = wire::text_of(*answer, "MessageId");
                break;
            }
            client_.note_refusal("SendMessage", answer.error());
            co_await sleep(300);
        }
        co_await sleep(300);
    }
    --senders_left_;
}

Task<Result<void>> QueueDelivery::consume_some(std::string queue) {
    const QueueClient::Receive options{.count = static_cast<std::int64_t>(1 + random(10)),
                                       .wait_seconds = static_cast<std::int64_t>(random(4))};
    MILL_CO_TRY(Value::List messages, co_await client_.receive(queue, options));
    co_await sleep(500);
    // Of a FIFO queue the last ones are kept, so that none is deleted before one that is kept.
    while (!messages.empty() && random(4) == 0) {
        if (random(2) == 0) {
            Value back = QueueClient::input_of(queue);
            back["ReceiptHandle"] = wire::text_of(messages.back(), "ReceiptHandle");
            back["VisibilityTimeout"] = 0;
            static_cast<void>(co_await client_.call("ChangeMessageVisibility", std::move(back)));
        }
        messages.pop_back();
    }
    co_return co_await client_.erase(queue, std::move(messages));
}

Task<void> QueueDelivery::consume(std::string queue) {
    for (;;) {
        const auto consumed = co_await consume_some(queue);
        if (!consumed) {
            client_.note_refusal("consuming", consumed.error());
            co_await sleep(400);
        }
        co_await sleep(100);
    }
}

Task<Result<void>> QueueDelivery::finish() {
    scope_.clear();
    for (const std::string& queue : queues_) MILL_CO_CHECK(co_await client_.drain(queue));
    co_return Result<void>{};
}

}  // namespace mill::sim
