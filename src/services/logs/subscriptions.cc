// SPDX-License-Identifier: Apache-2.0
#include "services/logs/subscriptions.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/arn.h"
#include "services/logs/declarations.h"
#include "wire/gzip.h"

namespace mill::logs {
namespace {

using storage::Offset;

constexpr std::string_view rows_prefix = "logs/subscription/";
constexpr std::string_view places_prefix = "logs/place/";
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
constexpr std::size_t subscriptions_max = 2;
constexpr std::chrono::hours age_max{24};
// Ours: how long events are gathered, and how much of them makes one delivery: an invocation and a
// record hold it, however badly it is compressed.
constexpr std::chrono::milliseconds gather_time{100};
constexpr std::size_t delivery_bytes_max = 512 * 1024;
constexpr Duration retry_first = std::chrono::seconds(1), retry_max = std::chrono::minutes(1);

std::string row_key(const Group& group, std::string_view name) {
    return fmt::format("{}{}/{}", rows_prefix, group.row().id, name);
}
std::string place_key(const Group& group, std::string_view name) {
    return fmt::format("{}{}/{}", places_prefix, group.row().id, name);
}

ports::LogSource source_of(const Group& group) {
    return {.owner = {.account = group.row().account, .region = group.row().region},
            .group = group.row().name};
}

std::string vendor_of(const std::string& arn) {
    return model::parse_arn(arn).value_or(model::Arn{}).service;
}

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Subscriptions.html: what is throttled or
// fails inside is tried again.
bool is_for_good(const Error& error) {
    const auto has = [&](std::string_view part) { return error.code.contains(part); };
    return error.status / 100 == 4 && error.status != 429 && !has("Throttl") &&
           !has("ProvisionedThroughputExceeded") && !has("TooManyRequests") &&
           !has("ResourceInUse");
}

std::string quoted(std::string_view text) {
    std::string out;
    wire::append_json_string(text, out);
    return out;
}

std::string event_json(EventKey key, const EventView& event) {
    return fmt::format(R"({{"id":"{}","timestamp":{},"message":{}}})", event_id(key),
                       event.timestamp_ms, quoted(event.message));
}

std::string document_of(const Group& group, const SubscriptionRow& row, const LogMessage& message) {
    return fmt::format(
        R"({{"messageType":"DATA_MESSAGE","owner":"{}","logGroup":{},"logStream":{},)"
        R"("subscriptionFilters":[{}],"logEvents":[{}]}})",
        group.row().account, quoted(group.row().name), quoted(message.stream), quoted(row.name),
        message.events);
}

std::string control_document(WallTime now) {
    return fmt::format(
        R"({{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logGroup":"",)"
        R"("logStream":"","subscriptionFilters":[],"logEvents":[{{"id":"","timestamp":{},)"
        R"("message":"CWL CONTROL MESSAGE: Checking health of destination Kinesis stream."}}]}})",
        epoch_ms(now));
}

}  // namespace

Result<void> Subscriptions::recover(const GroupPointer& group) {
    MILL_TRY(const auto rows,
             table_.scan(fmt::format("{}{}/", rows_prefix, group->row().id), {}, 1'000));
    for (const auto& entry : rows) {
        MILL_TRY(SubscriptionRow row, wire::from_json<SubscriptionRow>(entry.value));
        MILL_TRY(FilterPattern pattern, FilterPattern::parse(row.pattern));
        MILL_TRY(const auto place, table_.get(place_key(*group, row.name)));
        // Events that a crash has taken had numbers that will be given again.
        const Offset kept = place ? std::stoull(*place) : static_cast<Offset>(row.begin);
        const Offset begin = std::min(kept, group->durable_end());
        by_group_[group->row().id].push_back(
            std::make_shared<Subscription>(Subscription{.group = group,
                                                        .row = std::move(row),
                                                        .pattern = std::move(pattern),
                                                        .place = begin,
                                                        .is_new = false}));
    }
    return {};
}

void Subscriptions::start(ports::LogDestinations destinations) {
    destinations_ = std::move(destinations);
    for (const auto& [id, list] : by_group_) {
        for (const Pointer& subscription : list) scope_.spawn(run(subscription));
    }
}

Result<void> Subscriptions::resume(const GroupPointer& group) {
    MILL_CHECK(recover(group));
    const auto list = by_group_.find(group->row().id);
    if (list == by_group_.end()) return {};
    for (const Pointer& subscription : list->second) scope_.spawn(run(subscription));
    return {};
}

std::vector<SubscriptionRow> Subscriptions::of(const Group& group) const {
    std::vector<SubscriptionRow> rows;
    if (const auto found = by_group_.find(group.row().id); found != by_group_.end()) {
        for (const Pointer& subscription : found->second) {
            if (!subscription->is_new) rows.push_back(subscription->row);
        }
    }
    std::ranges::sort(rows, {}, &SubscriptionRow::name);
    return rows;
}

Subscriptions::Pointer Subscriptions::find(const Group& group, std::string_view name) const {
    const auto list = by_group_.find(group.row().id);
    if (list == by_group_.end()) return nullptr;
    const auto found =
        std::ranges::find(list->second, name, [](const Pointer& one) { return one->row.name; });
    return found == list->second.end() ? nullptr : *found;
}

void Subscriptions::forget(const Pointer& subscription) {
    subscription->is_ended = true;
    const auto list = by_group_.find(subscription->group->row().id);
    std::erase(list->second, subscription);
    if (list->second.empty()) by_group_.erase(list);
    subscription->group->changed().notify_all();
}

void Subscriptions::begin(Subscription subscription) {
    auto& list = by_group_[subscription.group->row().id];
    list.push_back(std::make_shared<Subscription>(std::move(subscription)));
    scope_.spawn(run(list.back()));
}

Result<ports::LogDestination*> Subscriptions::destination_of(const std::string& arn) const {
    const std::string vendor = vendor_of(arn);
    const auto found = destinations_.find(vendor);
    if (found != destinations_.end()) return found->second;
    return invalid_parameter(
        fmt::format("PutSubscriptionFilter operation cannot work with destinationArn for vendor "
                    "{}. Millrace delivers to functions of Lambda and streams of Kinesis.",
                    vendor.empty() ? arn : vendor));
}

Task<Result<void>> Subscriptions::test(GroupPointer group, SubscriptionRow row) {
    MILL_CO_TRY(ports::LogDestination * destination, destination_of(row.destination_arn));
    const std::string vendor = vendor_of(row.destination_arn);
    if (vendor == "lambda" && row.role_arn)
        co_return invalid_parameter("destinationArn for vendor lambda cannot be used with roleArn");
    if (vendor == "kinesis" && !row.role_arn)
        co_return invalid_parameter(
            "destinationArn for vendor kinesis cannot be used without roleArn");
    MILL_CO_CHECK(destination->check(source_of(*group), row.destination_arn));
    if (vendor == "lambda") co_return Result<void>();
    Bytes document = co_await zipped(control_document(machine_.clock.wall()));
    co_return co_await destination->deliver({.destination_arn = row.destination_arn,
                                             .partition_key = machine::uuid_v4(machine_.entropy),
                                             .document = std::move(document)});
}

Task<Result<void>> Subscriptions::put(GroupPointer group, SubscriptionRow row) {
    MILL_CO_TRY(FilterPattern pattern, FilterPattern::parse(row.pattern));
    if (group->is_closed()) co_return group_not_found();
    const std::string name = row.name;
    Pointer subscription = find(*group, name);
    if (!subscription) {
        auto& list = by_group_[group->row().id];
        if (list.size() >= subscriptions_max)
            co_return fail("LimitExceededException", "Resource limit exceeded.", 400);
        row.created_ms = epoch_ms(machine_.clock.wall());
        row.begin = static_cast<std::int64_t>(group->durable_end());
        subscription = std::make_shared<Subscription>(Subscription{
            .group = group, .row = row, .pattern = pattern, .place = group->durable_end()});
        list.push_back(subscription);
    } else {
        row.created_ms = subscription->row.created_ms;
        row.begin = subscription->row.begin;
    }
    const auto stored =
        co_await table_.commit({.puts = {{row_key(*group, name), wire::to_json(row)}}});
    if (!stored && subscription->is_new && !subscription->is_ended) forget(subscription);
    if (!stored || subscription->is_ended) co_return stored;
    subscription->row = std::move(row);
    subscription->pattern = std::move(pattern);
    if (std::exchange(subscription->is_new, false)) scope_.spawn(run(std::move(subscription)));
    co_return Result<void>();
}

// It ends before it is erased: it stores no place then that would outlive it, and one that is put
// meanwhile is another one.
Task<Result<void>> Subscriptions::remove(GroupPointer group, std::string name) {
    const Pointer found = find(*group, name);
    if (!found || found->is_new) {
        co_return fail("ResourceNotFoundException",
                       "The specified subscription filter does not exist.", 400);
    }
    forget(found);
    const auto erased =
        co_await table_.commit({.erases = {row_key(*group, name), place_key(*group, name)}});
    if (!erased && !group->is_closed() && !find(*group, name)) {
        Subscription again = *found;
        again.is_ended = false;
        begin(std::move(again));
    }
    co_return erased;
}

void Subscriptions::end(const Group& group, storage::Table::Commit& commit) {
    const auto list = by_group_.find(group.row().id);
    if (list == by_group_.end()) return;
    for (const Pointer& subscription : list->second) {
        subscription->is_ended = true;
        commit.erases.push_back(row_key(group, subscription->row.name));
        commit.erases.push_back(place_key(group, subscription->row.name));
    }
    by_group_.erase(list);
}

Task<void> Subscriptions::run(Pointer subscription) {
    Group& group = *subscription->group;
    while (!subscription->is_ended && !group.is_closed()) {
        if (group.durable_end() <= subscription->place) {
            co_await group.changed().wait();
            continue;
        }
        // What comes in the same moment goes into the same delivery.
        co_await machine::sleep_until(machine_.timers, machine_.clock.now() + gather_time);
        if (subscription->is_ended || group.is_closed()) co_return;
        const auto delivered = co_await deliver_chunk(subscription);
        if (delivered) continue;
        machine_.log.warning("logs.subscription_interrupted",
                             {{"group", group.row().name}, {"error", delivered.error().message}});
        co_await machine::sleep_until(machine_.timers, machine_.clock.now() + retry_first);
    }
}

Task<Result<void>> Subscriptions::deliver_chunk(Pointer subscription) {
    Group& group = *subscription->group;
    const Offset end = group.durable_end();
    Offset next = subscription->place;
    {
        MILL_CO_TRY(const auto batches, co_await group.read(subscription->place));
        for (const auto& batch : batches) next = std::max(next, batch.end());
        if (batches.empty()) next = end;  // trimmed away
        std::vector<LogMessage> messages = messages_in(batches, *subscription);
        for (LogMessage& message : messages) {
            if (subscription->is_ended) co_return Result<void>();
            co_await deliver(subscription, std::move(message));
        }
    }
    if (subscription->is_ended) co_return Result<void>();
    storage::Table::Commit commit;
    commit.puts.push_back({place_key(group, subscription->row.name), std::to_string(next)});
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    subscription->place = next;
    co_return Result<void>();
}

std::vector<LogMessage> Subscriptions::messages_in(const std::vector<storage::StoredBatch>& batches,
                                                   const Subscription& subscription) const {
    const Group& group = *subscription.group;
    const std::int64_t oldest = epoch_ms(machine_.clock.wall() - age_max);
    std::vector<LogMessage> messages;
    std::map<StreamNumber, std::size_t> open;  // the message that a stream's events go to
    for (const auto& batch : batches) {
        EventCursor cursor(*batch.payload);
        Offset at = batch.base;
        for (auto event = cursor.next(); event; event = cursor.next(), ++at) {
            if (at < subscription.place || event->ingestion_ms < oldest) continue;
            const std::string* stream = group.stream_name(event->stream);
            if (!stream || !subscription.pattern.matches(event->message)) continue;
            const auto [slot, is_first] = open.try_emplace(event->stream, messages.size());
            const std::string json = event_json(event_key(event->timestamp_ms, at), *event);
            const bool is_full = !is_first && messages[slot->second].events.size() + json.size() >
                                                  delivery_bytes_max;
            if (is_full) slot->second = messages.size();
            if (is_first || is_full) messages.push_back({*stream, {}});
            std::string& events = messages[slot->second].events;
            if (!events.empty()) events += ',';
            events += json;
        }
    }
    return messages;
}

// Until it is delivered, or never can be. The filter may get another destination meanwhile.
Task<void> Subscriptions::deliver(Pointer subscription, LogMessage message) {
    const SubscriptionRow& row = subscription->row;
    const Instant give_up = machine_.clock.now() + age_max;
    const Bytes document = co_await zipped(document_of(*subscription->group, row, message));
    Duration pause = retry_first;
    while (!subscription->is_ended) {
        const bool is_random = row.distribution == "Random";
        const auto delivered = co_await try_to_deliver(
            subscription,
            {.destination_arn = row.destination_arn,
             .partition_key = is_random ? machine::uuid_v4(machine_.entropy) : message.stream,
             .document = document});
        if (delivered) {
            subscription->is_failing = false;
            co_return;
        }
        const bool is_final =
            is_for_good(delivered.error()) || machine_.clock.now() + pause > give_up;
        tell_failure(*subscription, delivered.error(), is_final);
        if (is_final) co_return;
        co_await machine::sleep_until(machine_.timers, machine_.clock.now() + pause);
        pause = std::min(2 * pause, retry_max);
    }
}

Task<Result<void>> Subscriptions::try_to_deliver(Pointer subscription,
                                                 ports::LogDelivery delivery) {
    MILL_CO_TRY(ports::LogDestination * destination, destination_of(delivery.destination_arn));
    MILL_CO_CHECK(destination->check(source_of(*subscription->group), delivery.destination_arn));
    co_return co_await destination->deliver(std::move(delivery));
}

void Subscriptions::tell_failure(Subscription& subscription, const Error& error,
                                 bool is_final) const {
    if (std::exchange(subscription.is_failing, true)) return;
    machine_.log.warning("logs.subscription_failed",
                         {{"group", subscription.group->row().name},
                          {"filter", subscription.row.name},
                          {"destination", subscription.row.destination_arn},
                          {"error", error.message},
                          {"again", is_final ? "no" : "yes"}});
}

Task<Bytes> Subscriptions::zipped(std::string text) {
    struct Work {
        std::string text;
        Bytes zipped;
    };
    const auto work = std::make_shared<Work>(Work{std::move(text), {}});
    co_await machine::offload_brief(machine_.executor,
                                    [work] { work->zipped = wire::gzip(work->text); });
    co_return std::move(work->zipped);
}

}  // namespace mill::logs
