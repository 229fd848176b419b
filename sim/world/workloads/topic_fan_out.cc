// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/topic_fan_out.h"

#include <fmt/format.h>

namespace mill::sim {
namespace {

constexpr std::uint64_t publications = 10;

bool is_fifo(const std::string& name) { return name.ends_with(".fifo"); }

}  // namespace

Task<void> TopicFanOut::sleep(std::uint64_t ms_max) {
    Machine& m = world_.machine().outside();
    return machine::sleep_until(m.timers,
                                m.clock.now() + std::chrono::milliseconds(random(ms_max)));
}

Task<Result<Bytes>> TopicFanOut::call(std::string action, Parameters parameters) {
    return world_.client().call_query("sns", "2010-03-31", std::move(action),
                                      std::move(parameters));
}

Task<Result<void>> TopicFanOut::create(std::string name) {
    Parameters parameters = {{"Name", name}};
    if (is_fifo(name)) {
        parameters.emplace_back("Attributes.entry.1.key", "FifoTopic");
        parameters.emplace_back("Attributes.entry.1.value", "true");
    }
    MILL_CO_CHECK(co_await call("CreateTopic", std::move(parameters)));
    Topic topic{.arn = "arn:aws:sns:us-east-1:000000000000:" + name};
    for (const char* which : {"first", "second"}) {
        const std::string queue = std::string(which) + "-" + name;
        MILL_CO_CHECK(co_await client_.create(queue));
        MILL_CO_CHECK(
            co_await call("Subscribe", {{"TopicArn", topic.arn},
                                        {"Protocol", "sqs"},
                                        {"Endpoint", "arn:aws:sqs:us-east-1:000000000000:" + queue},
                                        {"Attributes.entry.1.key", "RawMessageDelivery"},
                                        {"Attributes.entry.1.value", "true"}}));
        topic.queues.push_back(queue);
    }
    topics_.push_back(std::move(topic));
    co_return Result<void>{};
}

Task<Result<void>> TopicFanOut::set_up() {
    MILL_CO_CHECK(co_await create("topic"));
    co_return co_await create("topic.fifo");
}

void TopicFanOut::start() {
    for (const Topic& topic : topics_) {
        const int publishers = static_cast<int>(1 + random(2));
        publishers_left_ += publishers;
        for (int publisher = 0; publisher < publishers; ++publisher)
            scope_.spawn(publish(topic, publisher));
    }
}

Task<Result<void>> TopicFanOut::publish_one(Topic topic, std::string group, std::string body) {
    Parameters parameters = {{"TopicArn", topic.arn}, {"Message", body}};
    if (!group.empty()) {
        parameters.emplace_back("MessageGroupId", group);
        parameters.emplace_back("MessageDeduplicationId", body.substr(0, body.find('.')));
    }
    MILL_CO_CHECK(co_await call("Publish", std::move(parameters)));
    co_return Result<void>{};
}

// To a FIFO topic one after the other, each until it is known what became of it.
Task<void> TopicFanOut::publish(Topic topic, int publisher) {
    QueueHistory& history = client_.history();
    const std::string group =
        is_fifo(topic.arn) ? "group-" + std::to_string(publisher) : std::string();
    for (std::uint64_t n = 0; n < publications; ++n) {
        const std::string body = client_.new_body();
        const std::size_t first = history.sends.size();
        for (const std::string& queue : topic.queues) {
            history.sends.push_back(
                {.queue = queue, .group = group, .body = body, .began = history.tick()});
        }
        for (;;) {
            const auto published = co_await publish_one(topic, group, body);
            if (published) {
                for (std::size_t i = 0; i < topic.queues.size(); ++i)
                    history.sends[first + i].acknowledged = history.tick();
                break;
            }
            client_.note_refusal("Publish", published.error());
            co_await sleep(300);
            if (group.empty()) break;
        }
        co_await sleep(300);
    }
    --publishers_left_;
}

Task<Result<void>> TopicFanOut::finish() {
    scope_.clear();
    for (const Topic& topic : topics_) {
        for (const std::string& queue : topic.queues) MILL_CO_CHECK(co_await client_.drain(queue));
    }
    co_return Result<void>{};
}

}  // namespace mill::sim
