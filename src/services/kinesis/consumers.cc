// SPDX-License-Identifier: Apache-2.0
// Consumers of streams: registered, listed, deregistered, and dropped with their stream. Changes
// take the stream's turn, so that none crosses the stream's end.
#include <fmt/format.h>

#include <algorithm>

#include "model/arn.h"
#include "model/limits.h"
#include "services/kinesis/kinesis.h"
#include "services/kinesis/tags.h"

namespace mill::kinesis {
namespace {

std::string consumers_prefix(const std::string& stream_id) {
    return std::string(consumer_rows_prefix) + stream_id + "/";
}

Failure consumer_not_found(std::string_view name, std::string_view account) {
    return fail("ResourceNotFoundException",
                fmt::format("Consumer {}, account {} not found.", name, account), 400);
}

// Of "stream/orders/consumer/bill:1700000000".
struct ConsumerName {
    std::string stream_arn;
    std::string name;
    std::string account;
};

std::optional<ConsumerName> parse_consumer_arn(const std::string& text) {
    constexpr std::string_view middle = "/consumer/";
    const auto arn = model::parse_arn(text);
    const std::size_t cut = text.rfind(middle);
    const std::size_t colon = text.rfind(':');
    if (!arn || cut == std::string::npos || colon < cut) return std::nullopt;
    const std::size_t name = cut + middle.size();
    return ConsumerName{text.substr(0, cut), text.substr(name, colon - name), arn->account};
}

}  // namespace

Failure not_registered(const ConsumerRow& row) {
    const auto stream = model::parse_arn(row.stream_arn);
    return consumer_not_found(row.name, stream ? stream->account : "");
}

std::string ConsumerRow::table_key() const { return consumers_prefix(stream_id) + name; }

Result<void> Kinesis::recover_consumers() {
    MILL_TRY(const auto rows, table_.scan(consumer_rows_prefix));
    for (const auto& entry : rows) {
        MILL_TRY(ConsumerRow row, wire::from_json<ConsumerRow>(entry.value));
        auto consumer = std::make_shared<Consumer>(Consumer{std::move(row)});
        consumers_.emplace(entry.key, consumer);
        if (consumer->row.status != "ACTIVE") background_.spawn(finish_consumer(consumer));
    }
    return {};
}

std::vector<ConsumerPointer> Kinesis::list_consumers(const Stream& stream, const std::string& after,
                                                     std::size_t limit) const {
    const std::string prefix = consumers_prefix(stream.row().id);
    std::vector<ConsumerPointer> found;
    for (auto at = consumers_.upper_bound(prefix + after);
         at != consumers_.end() && found.size() < limit && at->first.starts_with(prefix); ++at) {
        found.push_back(at->second);
    }
    return found;
}

std::int64_t Kinesis::consumer_count(const Stream& stream) const {
    if (consumers_.empty()) return 0;  // every DescribeStreamSummary asks
    const std::string prefix = consumers_prefix(stream.row().id);
    std::int64_t count = 0;
    for (auto at = consumers_.lower_bound(prefix);
         at != consumers_.end() && at->first.starts_with(prefix); ++at) {
        ++count;
    }
    return count;
}

Result<ConsumerPointer> Kinesis::find_consumer(const std::string& consumer_arn) const {
    const auto parts = parse_consumer_arn(consumer_arn);
    if (!parts) {
        return invalid_argument(fmt::format("{} is not the ARN of a consumer.", consumer_arn));
    }
    MILL_TRY(const auto stream, find_stream(parts->stream_arn));
    const auto found = consumers_.find(consumers_prefix(stream->row().id) + parts->name);
    if (found == consumers_.end() || found->second->row.arn() != consumer_arn) {
        return consumer_not_found(parts->name, parts->account);
    }
    return found->second;
}

Result<ConsumerPointer> Kinesis::find_consumer(
    const std::optional<std::string>& stream_arn, const std::optional<std::string>& name,
    const std::optional<std::string>& consumer_arn) const {
    if (consumer_arn) return find_consumer(*consumer_arn);
    if (!stream_arn || !name) {
        return invalid_argument(
            "Either ConsumerARN or both StreamARN and ConsumerName must be provided.");
    }
    MILL_TRY(const auto stream, find_stream(*stream_arn));
    const auto found = consumers_.find(consumers_prefix(stream->row().id) + *name);
    if (found == consumers_.end()) return consumer_not_found(*name, stream->row().account);
    return found->second;
}

Result<Kinesis::Resource> Kinesis::find_resource(const std::string& arn) const {
    if (arn.find("/consumer/") != std::string::npos) {
        MILL_TRY(auto consumer, find_consumer(arn));
        return Resource{.consumer = std::move(consumer)};
    }
    MILL_TRY(auto stream, find_stream(arn));
    return Resource{.stream = std::move(stream)};
}

// The stream of a consumer that is still registered.
Result<StreamPointer> Kinesis::stream_of(const Consumer& consumer) const {
    if (consumer.is_gone) return not_registered(consumer.row);
    auto stream = find_stream(consumer.row.stream_arn);
    if (!stream || (*stream)->row().id != consumer.row.stream_id) {
        return not_registered(consumer.row);
    }
    return stream;
}

// At most so many consumers are in the making.
Result<void> Kinesis::check_creating_consumers(const std::string& account,
                                               const std::string& region) const {
    if (!options_.aws_limits) return {};
    constexpr std::int64_t most = limits::kinesis::aws::creating_max;
    const std::string streams = fmt::format("arn:aws:kinesis:{}:{}:stream/", region, account);
    const auto is_creating = [&](const auto& entry) {
        const ConsumerRow& row = entry.second->row;
        return row.status == "CREATING" && row.stream_arn.starts_with(streams);
    };
    if (std::ranges::count_if(consumers_, is_creating) < most) return {};
    return fail("LimitExceededException",
                fmt::format("The account {} has {} consumers in the CREATING state in {}, the most "
                            "that it may have. Wait until one is ACTIVE.",
                            account, most, region),
                400);
}

Task<Result<ConsumerPointer>> Kinesis::register_consumer(StreamPointer stream, std::string name,
                                                         std::map<std::string, std::string> tags) {
    const auto turn = co_await stream->turn();
    const StreamRow& owner = stream->row();
    if (stream->is_gone) co_return stream_not_found(owner.name, owner.account);
    MILL_CO_CHECK(check_active(owner));
    MILL_CO_TRY(const AccountRow account, account_row(owner.account, owner.region));
    const std::int64_t limit = account.is_committed(now())
                                   ? limits::kinesis::consumers_max_committed
                                   : limits::kinesis::consumers_max;
    auto consumer = std::make_shared<Consumer>();
    ConsumerRow row{.stream_id = owner.id,
                    .stream_arn = owner.arn(),
                    .name = std::move(name),
                    .status = options_.transition == Duration(0) ? "ACTIVE" : "CREATING",
                    .created_ms = epoch_ms(now()),
                    .tags = {},
                    .policy = {}};
    MILL_CO_CHECK(merge_tags(row, tags));
    const std::string key = row.table_key();
    if (consumers_.contains(key)) {
        co_return fail("ResourceInUseException",
                       fmt::format("Consumer {} under stream {} already exists for account {}.",
                                   row.name, owner.name, owner.account),
                       400);
    }
    if (consumer_count(*stream) >= limit) {
        co_return fail("LimitExceededException",
                       fmt::format("Stream {} under account {} has {} registered consumers, the "
                                   "most that it may have.",
                                   owner.name, owner.account, limit),
                       400);
    }
    MILL_CO_CHECK(check_creating_consumers(owner.account, owner.region));
    storage::Table::Commit commit;
    commit.puts.push_back({key, wire::to_json(row)});
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    consumer->row = std::move(row);
    consumers_.emplace(key, consumer);
    if (consumer->row.status != "ACTIVE") background_.spawn(finish_consumer(consumer));
    co_return consumer;
}

Task<Result<void>> Kinesis::change_consumer(ConsumerPointer consumer, ConsumerChange change) {
    MILL_CO_TRY(const auto stream, stream_of(*consumer));
    const auto turn = co_await stream->turn();
    if (consumer->is_gone) co_return not_registered(consumer->row);
    ConsumerRow row = consumer->row;
    MILL_CO_CHECK(change(row));
    storage::Table::Commit commit;
    commit.puts.push_back({row.table_key(), wire::to_json(row)});
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    consumer->row = std::move(row);
    stream->wake();
    co_return Result<void>();
}

Task<Result<void>> Kinesis::erase_consumer(ConsumerPointer consumer) {
    MILL_CO_TRY(const auto stream, stream_of(*consumer));
    const auto turn = co_await stream->turn();
    if (consumer->is_gone) co_return Result<void>();
    const std::string key = consumer->row.table_key();
    storage::Table::Commit commit;
    commit.erases.push_back(key);
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    consumer->is_gone = true;
    consumers_.erase(key);
    stream->wake();
    co_return Result<void>();
}

Task<Result<void>> Kinesis::deregister_consumer(ConsumerPointer consumer) {
    if (options_.transition == Duration(0)) co_return co_await erase_consumer(consumer);
    if (consumer->row.status == "DELETING") co_return Result<void>();
    const bool is_creating = consumer->row.status == "CREATING";  // its task is under way
    MILL_CO_CHECK(co_await change_consumer(consumer, [](ConsumerRow& row) {
        row.status = "DELETING";
        return Result<void>();
    }));
    if (!is_creating) background_.spawn(finish_consumer(consumer));
    co_return Result<void>();
}

// From CREATING to ACTIVE, from DELETING to gone: until it succeeds, as it has been promised.
Task<void> Kinesis::finish_consumer(ConsumerPointer consumer) {
    Duration delay = options_.transition;
    while (!consumer->is_gone && consumer->row.status != "ACTIVE") {
        co_await machine::sleep_until(machine_.timers, machine_.clock.now() + delay);
        if (consumer->is_gone) co_return;
        Result<void> done;
        if (consumer->row.status == "DELETING") {
            done = co_await erase_consumer(consumer);
        } else {
            done = co_await change_consumer(consumer, [](ConsumerRow& row) {
                if (row.status == "CREATING") row.status = "ACTIVE";
                return Result<void>();
            });
        }
        if (done || consumer->is_gone) continue;
        machine_.log.warning("kinesis.not_finished",
                             {{"consumer", consumer->row.arn()}, {"error", done.error().message}});
        delay = limits::kinesis::transition_retry_delay;
    }
}

// The rows that go with their stream; forget_consumers() once that is durable.
std::vector<std::string> Kinesis::consumer_keys(const Stream& stream) const {
    std::vector<std::string> keys;
    for (const auto& consumer : list_consumers(stream, {}, consumers_.size())) {
        keys.push_back(consumer->row.table_key());
    }
    return keys;
}

void Kinesis::forget_consumers(const std::vector<std::string>& keys) {
    for (const std::string& key : keys) {
        const auto found = consumers_.find(key);
        if (found == consumers_.end()) continue;
        found->second->is_gone = true;
        consumers_.erase(found);
    }
}

}  // namespace mill::kinesis
