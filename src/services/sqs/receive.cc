// SPDX-License-Identifier: Apache-2.0
// Receiving, and what becomes of messages that were received too often.
#include <fmt/format.h>

#include "services/sqs/errors.h"
#include "services/sqs/sqs.h"

namespace mill::sqs {

QueuePointer Sqs::dead_letter_queue(const Queue& queue) const {
    const auto found = find_by_arn(queue.settings().dead_letter_arn);
    return found ? *found : nullptr;
}

Task<Result<std::vector<Received>>> Sqs::receive(QueuePointer queue, Receive options) {
    const Instant deadline = machine_.clock.now() + options.wait;
    if (!options.attempt_id.empty()) {
        auto again = queue->attempt(options.attempt_id, options.visibility);
        if (!again.empty()) co_return co_await read_all(queue, std::move(again));
    }
    for (;;) {
        MILL_CO_CHECK(co_await queue->ready());
        const std::size_t in_flight = queue->counts().in_flight;
        const bool is_full = in_flight >= limits::sqs::in_flight_max;
        if (is_full && !queue->is_fifo()) {
            co_return fail("OverLimit",
                           fmt::format("Too many messages in flight: the limit is {}.",
                                       limits::sqs::in_flight_max),
                           403);
        }
        const QueuePointer dead_letters = dead_letter_queue(*queue);
        Schedule::Taken taken;
        if (!is_full) {
            taken = queue->take(options.count, options.visibility,
                                dead_letters ? queue->settings().receives_max : 0, options.notes);
        }
        if (!options.attempt_id.empty() && !taken.given.empty())
            queue->note_attempt(options.attempt_id, taken.given);
        auto received = co_await read_all(queue, std::move(taken.given));
        const bool were_spent = !taken.spent.empty();
        if (were_spent) {
            auto buried = co_await bury(queue, dead_letters, std::move(taken.spent));
            if (!buried && received && received->empty())
                co_return std::unexpected(std::move(buried).error());
        }
        if (!received || !received->empty()) co_return received;
        if (were_spent) continue;  // others may follow
        if (machine_.clock.now() >= deadline) co_return received;
        co_await queue->wait(deadline);
    }
}

// What cannot be read goes back.
Task<Result<std::vector<Received>>> Sqs::read_all(QueuePointer queue, std::vector<Number> numbers) {
    std::vector<Received> all;
    for (const Number number : numbers) {
        auto received = co_await queue->read(number);
        if (!received) {
            for (const Number taken : numbers) queue->give_back(taken);
            co_return std::unexpected(std::move(received).error());
        }
        if (*received) all.push_back(**std::move(received));
    }
    co_return all;
}

// Durable in the dead-letter queue before it goes from here. A crash in between leaves it in both.
Task<Result<void>> Sqs::bury(QueuePointer queue, QueuePointer dead_letters,
                             std::vector<Number> numbers) {
    Result<void> done = co_await dead_letters->ready();
    std::vector<Draft> drafts;
    for (std::size_t i = 0; done && i < numbers.size(); ++i) {
        auto received = co_await queue->read(numbers[i]);
        if (!received) {
            done = std::unexpected(std::move(received).error());
        } else if (*received) {
            Draft draft{.content = std::move((*received)->content), .deduplicate = false};
            draft.content.source_arn = queue->row().arn();
            // How long it is kept counts from when it was sent first.
            // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
            if (!queue->is_fifo()) draft.sent = (*received)->sent;
            draft.delay_seconds = 0;
            drafts.push_back(std::move(draft));
        }
    }
    if (done && !drafts.empty()) {
        auto sent = co_await dead_letters->send(std::move(drafts));
        if (!sent) done = std::unexpected(std::move(sent).error());
    }
    if (done) done = co_await queue->erase(numbers);
    if (!done) {
        machine_.log.warning("sqs.dead_letter_failed",
                             {{"queue", queue->row().name}, {"error", done.error().message}});
        for (const Number number : numbers) queue->release(number);
    }
    co_return done;
}

}  // namespace mill::sqs
