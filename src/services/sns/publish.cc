// SPDX-License-Identifier: Apache-2.0
// From a published message to its subscribers.
#include <fmt/format.h>

#include <algorithm>

#include "model/limits.h"
#include "services/sns/sns.h"
#include "wire/http.h"

namespace mill::sns {
namespace {

// Numbers of messages are reserved in the table by so many.
constexpr std::int64_t numbers_step = 1'000'000;

std::string sequence_number(std::int64_t number) {
    constexpr std::uint64_t first = 10'000'000'000'000'000'000U;
    return std::to_string(first + static_cast<std::uint64_t>(number));
}

bool wants(const Subscription& subscription, FilterDocuments& message) {
    if (subscription.row.is_pending()) return false;
    if (!subscription.filter) return true;
    return subscription.filter->accepts(
        subscription.filters_body ? message.body(subscription.row.protocol) : message.attributes());
}

using Told = machine::OneShot<Result<void>>;

Task<void> run(Task<Result<void>> telling, Told told) { told.set(co_await std::move(telling)); }

}  // namespace

// A message of a FIFO topic, for those that publish it again.
struct Sns::Repeat {
    Published published;
    bool is_pending = true;
};

// Of a FIFO topic. Given once, also over a restart.
Task<Result<void>> Sns::number(TopicPointer topic, Message* message) {
    while (topic->next_number >= topic->row.numbers_reserved) {
        MILL_CO_CHECK(co_await change_topic(
            topic, [next = topic->next_number](TopicRow& row) -> Result<void> {
                if (row.numbers_reserved <= next) row.numbers_reserved += numbers_step;
                return {};
            }));
    }
    message->sequence_number = sequence_number(topic->next_number++);
    co_return Result<void>();
}

Task<Result<Published>> Sns::publish(TopicPointer topic, Message message) {
    message.message_id = machine::uuid_v4(machine_.entropy);
    message.topic_arn = topic->row.arn();
    message.published = machine_.clock.wall();
    if (!topic->row.is_fifo()) {
        Published published{.message_id = message.message_id};
        MILL_CO_CHECK(co_await fan_out(topic, std::make_shared<const Message>(std::move(message))));
        co_return published;
    }
    const Instant now = machine_.clock.now();
    while (!published_until_.empty() && published_until_.front().first <= now) {
        published_.erase(published_until_.front().second);
        published_until_.pop_front();
    }
    std::string key = message.topic_arn + "\n" + message.deduplication_id;
    const auto scope = topic->row.attributes.find("FifoThroughputScope");
    if (scope != topic->row.attributes.end() && scope->second == "MessageGroup")
        key += "\n" + message.group_id;
    while (published_.contains(key) && published_.at(key)->is_pending) co_await changed_.wait();
    if (const auto known = published_.find(key); known != published_.end())
        co_return known->second->published;
    const auto repeat = std::make_shared<Repeat>();
    published_.emplace(key, repeat);
    auto done = co_await number(topic, &message);
    repeat->published = {message.message_id, message.sequence_number};
    if (done) done = co_await fan_out(topic, std::make_shared<const Message>(std::move(message)));
    repeat->is_pending = false;
    if (done) published_until_.emplace_back(now + limits::sqs::deduplication_interval, key);
    if (!done) published_.erase(key);
    changed_.notify_all();
    if (!done) co_return std::unexpected(std::move(done).error());
    co_return repeat->published;
}

// All at the same time, begun in the order of the subscriptions. An error means that some may not
// have it.
Task<Result<void>> Sns::fan_out(TopicPointer topic, SharedMessage message) {
    std::vector<Told> all;
    Scope telling;
    FilterDocuments documents(*message);
    for (const auto& [arn, subscription] : topic->subscriptions) {
        if (!wants(*subscription, documents)) continue;
        all.emplace_back(machine_.executor);
        telling.spawn(run(tell(subscription, message), all.back()));
    }
    Result<void> done;
    for (const Told& told : all) {
        auto one = co_await told.take();
        if (!one) done = std::move(one);
    }
    co_return done;
}

Task<Result<void>> Sns::tell(SubscriptionPointer to, SharedMessage message) {
    const SubscriptionRow row = to->row;
    const bool is_raw = to->is_raw;
    const std::string dead_letter_arn = to->dead_letter_arn;
    Result<void> told;
    if (row.protocol == "sqs") {
        told = co_await tell_queue(row, is_raw, message);
    } else if (row.protocol == "lambda") {
        told = co_await tell_function(row, message);
    } else {
        told = co_await tell_endpoint(row, is_raw, message);
    }
    if (told || told.error().status == 0 || told.error().status >= 500) co_return told;
    co_return co_await bury(
        dead_letter_arn,
        is_raw ? message->body_for(row.protocol)
               : notification_text(*message, row.protocol, unsubscribe_url(row.arn())),
        std::move(told).error());
}

Task<Result<void>> Sns::tell_queue(const SubscriptionRow& to, bool is_raw, SharedMessage message) {
    ports::QueueMessage queued;
    if (is_raw) {
        queued.body = message->body_for("sqs");
        queued.attributes = message->attributes;
    } else {
        queued.body = notification_text(*message, "sqs", unsubscribe_url(to.arn()));
    }
    queued.group_id = message->group_id;
    queued.deduplication_id = message->deduplication_id;
    co_return co_await queues_.send(to.endpoint, std::move(queued));
}

Task<Result<void>> Sns::tell_function(const SubscriptionRow& to, SharedMessage message) {
    ports::InvokeRequest request;
    request.function_arn = to.endpoint;
    request.payload = lambda_event(*message, to.arn(), unsubscribe_url(to.arn()));
    co_return co_await functions_.accept_event(std::move(request));
}

Task<Result<void>> Sns::tell_endpoint(const SubscriptionRow& to, bool is_raw,
                                      SharedMessage message) {
    DeliveryRow row{
        .id = machine::uuid_v4(machine_.entropy),
        .subscription_arn = to.arn(),
        .topic_arn = to.topic_arn,
        .url = to.endpoint,
        .type = "Notification",
        .message_id = message->message_id,
        .body = is_raw ? message->body_for(to.protocol)
                       : notification_text(*message, to.protocol, unsubscribe_url(to.arn())),
        .is_raw = is_raw};
    co_return co_await queue_delivery(std::move(row));
}

// What will never arrive: to the dead-letter queue, or nowhere, as on AWS.
Task<Result<void>> Sns::bury(std::string dead_letter_arn, std::string body, Error why) {
    machine_.log.warning("sns.undeliverable", {{"error", why.code + ": " + why.message},
                                               {"dead_letter_queue", dead_letter_arn}});
    if (dead_letter_arn.empty()) co_return Result<void>();
    auto sent = co_await queues_.send(dead_letter_arn, {.body = std::move(body)});
    if (!sent && sent.error().status != 0) {
        machine_.log.warning("sns.dead_letter_failed",
                             {{"queue", dead_letter_arn}, {"error", sent.error().message}});
        co_return Result<void>();
    }
    co_return sent;
}

// Whoever has such a URL may follow it: any credentials are accepted, and these name the account.
std::string Sns::signed_url(const std::string& action, const std::string& arn,
                            const std::string& parameters) const {
    const std::size_t region = 12;  // behind "arn:aws:sns:"
    const std::size_t colon = arn.find(':', region);
    const std::string account = arn.substr(colon + 1, arn.find(':', colon + 1) - colon - 1);
    return fmt::format(
        "{}/?Action={}&Version=2010-03-31&{}&X-Amz-Credential={}%2F20260101%2F{}%2Fsns%2F"
        "aws4_request",
        endpoint_url_, action, parameters, account, arn.substr(region, colon - region));
}

std::string Sns::unsubscribe_url(const std::string& subscription_arn) const {
    return signed_url("Unsubscribe", subscription_arn, "SubscriptionArn=" + subscription_arn);
}

DeliveryRow Sns::confirmation(const SubscriptionRow& subscription) const {
    const std::string id = machine::uuid_v4(machine_.entropy);
    wire::Value text = wire::Value::map();
    text["Type"] = "SubscriptionConfirmation";
    text["MessageId"] = id;
    text["Token"] = *subscription.token;
    text["TopicArn"] = subscription.topic_arn;
    text["Message"] = "You have chosen to subscribe to the topic " + subscription.topic_arn +
                      ".\nTo confirm the subscription, visit the SubscribeURL included in this "
                      "message.";
    text["SubscribeURL"] =
        signed_url("ConfirmSubscription", subscription.topic_arn,
                   "TopicArn=" + subscription.topic_arn + "&Token=" + *subscription.token);
    text["Timestamp"] = iso8601_ms(machine_.clock.wall());
    return {.id = id,
            .subscription_arn = subscription.arn(),
            .topic_arn = subscription.topic_arn,
            .url = subscription.endpoint,
            .type = "SubscriptionConfirmation",
            .message_id = id,
            .body = wire::write_json(text)};
}

}  // namespace mill::sns
