// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/queue_delivery.h"

#include <fmt/format.h>

namespace mill::sim {
namespace {

using wire::Value;

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
        senders_.start(queue);
        for (std::uint64_t n = 1 + random(2); n > 0; --n) scope_.spawn(consume(queue));
    }
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
