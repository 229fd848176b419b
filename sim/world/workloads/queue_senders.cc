// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/queue_senders.h"

namespace mill::sim {
namespace {

using wire::Value;

constexpr std::uint64_t sends_per_sender = 12;

}  // namespace

Task<void> QueueSenders::sleep(std::uint64_t ms_max) {
    Machine& m = world_.machine().outside();
    return machine::sleep_until(m.timers,
                                m.clock.now() + std::chrono::milliseconds(random(ms_max)));
}

void QueueSenders::start(const std::string& queue) {
    const int senders = static_cast<int>(1 + random(2));
    left_ += senders;
    for (int sender = 0; sender < senders; ++sender)
        scope_.spawn(queue.ends_with(".fifo") ? send_in_order(queue, sender) : send(queue));
}

Task<Result<void>> QueueSenders::send_batch(std::string queue) {
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

Task<void> QueueSenders::send(std::string queue) {
    for (std::uint64_t sends = 0; sends < sends_per_sender; ++sends) {
        const auto sent = co_await send_batch(queue);
        if (!sent) client_.note_refusal("SendMessageBatch", sent.error());
        co_await sleep(400);
    }
    --left_;
}

Task<void> QueueSenders::send_in_order(std::string queue, int sender) {
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
    --left_;
}

}  // namespace mill::sim
