// SPDX-License-Identifier: Apache-2.0
// Changes of a stream's row: retention, tags, policy. Texts from moto and kinesalite, which have
// them from AWS.
#include <fmt/format.h>

#include <algorithm>

#include "model/limits.h"
#include "services/kinesis/kinesis.h"
#include "services/kinesis/tags.h"

namespace mill::kinesis {
namespace {

using Tags = std::map<std::string, std::string>;

constexpr std::string_view account_rows_prefix = "kinesis/account/";

std::string account_key(const std::string& account, const std::string& region) {
    return std::string(account_rows_prefix) + account + "/" + region;
}

Result<void> set_retention(StreamRow& row, std::int64_t hours, bool is_increase) {
    MILL_CHECK(check_active(row));
    if (is_increase ? hours < row.retention_hours : hours > row.retention_hours) {
        return invalid_argument(
            fmt::format("Requested retention period ({} hours) for stream {} can not be {} than "
                        "existing retention period "
                        "({} hours). Use {}RetentionPeriod API.",
                        hours, row.name, is_increase ? "shorter" : "longer", row.retention_hours,
                        is_increase ? "Decrease" : "Increase"));
    }
    row.retention_hours = hours;
    return {};
}

// Tags change once the stream is there.
Result<void> check_created(const StreamRow& row) {
    return row.status == "CREATING" ? check_active(row) : Result<void>();
}

}  // namespace

Result<void> Kinesis::check_retention(std::int64_t hours) const {
    if (hours < options_.retention_hours_min) {
        return invalid_argument(
            fmt::format("Minimum allowed retention period is {} hours. Requested retention period "
                        "({} hours) is too short.",
                        options_.retention_hours_min, hours));
    }
    if (hours > limits::kinesis::retention_hours_max) {
        return invalid_argument(
            fmt::format("Maximum allowed retention period is {} hours. Requested retention period "
                        "({} hours) is too long.",
                        limits::kinesis::retention_hours_max, hours));
    }
    return {};
}

Task<Result<void>> Kinesis::change_retention(StreamPointer stream, std::int64_t hours,
                                             bool is_increase) {
    MILL_CO_CHECK(check_retention(hours));
    MILL_CO_CHECK(co_await change_row(stream, [hours, is_increase](StreamRow& row) {
        return set_retention(row, hours, is_increase);
    }));
    co_return Result<void>();
}

Task<Result<void>> Kinesis::increase_retention(StreamPointer stream, std::int64_t hours) {
    return change_retention(std::move(stream), hours, true);
}

Task<Result<void>> Kinesis::decrease_retention(StreamPointer stream, std::int64_t hours) {
    return change_retention(std::move(stream), hours, false);
}

Task<Result<void>> Kinesis::add_tags(StreamPointer stream, Tags tags) {
    const auto merge = [tags = std::move(tags)](StreamRow& row) -> Result<void> {
        MILL_CHECK(check_created(row));
        return merge_tags(row, tags);
    };
    co_return co_await change_row(std::move(stream), merge);
}

Task<Result<void>> Kinesis::remove_tags(StreamPointer stream, std::vector<std::string> keys) {
    const auto erase = [keys = std::move(keys)](StreamRow& row) -> Result<void> {
        MILL_CHECK(check_created(row));
        for (const auto& key : keys) row.tags.erase(key);
        return {};
    };
    co_return co_await change_row(std::move(stream), erase);
}

Task<Result<void>> Kinesis::tag_resource(Resource resource, Tags tags) {
    if (resource.stream) co_return co_await add_tags(resource.stream, std::move(tags));
    const auto merge = [tags = std::move(tags)](ConsumerRow& row) { return merge_tags(row, tags); };
    co_return co_await change_consumer(resource.consumer, merge);
}

Task<Result<void>> Kinesis::untag_resource(Resource resource, std::vector<std::string> keys) {
    if (resource.stream) co_return co_await remove_tags(resource.stream, std::move(keys));
    const auto erase = [keys = std::move(keys)](ConsumerRow& row) {
        for (const auto& key : keys) row.tags.erase(key);
        return Result<void>();
    };
    co_return co_await change_consumer(resource.consumer, erase);
}

Task<Result<void>> Kinesis::set_policy(Resource resource, std::string policy) {
    const auto set = [policy = std::move(policy)](auto& row) {
        row.policy = policy;
        return Result<void>();
    };
    if (resource.stream) co_return co_await change_row(resource.stream, set);
    co_return co_await change_consumer(resource.consumer, set);
}

Result<AccountRow> Kinesis::account_row(const std::string& account,
                                        const std::string& region) const {
    MILL_TRY(const auto text, table_.get(account_key(account, region)));
    if (!text) return AccountRow{};
    return wire::from_json<AccountRow>(*text);
}

Result<void> Kinesis::check_warm_throughput(const StreamRow& row, std::int64_t mibps) const {
    if (row.mode != "ON_DEMAND") {
        return fail(
            "ValidationException",
            fmt::format("Stream {} under account {} is in PROVISIONED mode: warm throughput "
                        "is for streams in ON_DEMAND mode.",
                        row.name, row.account),
            400);
    }
    MILL_TRY(const AccountRow account, account_row(row.account, row.region));
    if (!account.is_committed(now())) {
        return fail("ValidationException",
                    "Warm throughput needs MinimumThroughputBillingCommitment: enable it with "
                    "UpdateAccountSettings.",
                    400);
    }
    if (mibps <= limits::kinesis::warm_mibps_max) return {};
    return fail("LimitExceededException",
                fmt::format("WarmThroughputMiBps {} is above the limit of {}.", mibps,
                            limits::kinesis::warm_mibps_max),
                400);
}

Task<Result<AccountRow>> Kinesis::set_commitment(Caller caller, bool is_enabled) {
    MILL_CO_TRY(AccountRow row, account_row(caller.account, caller.region));
    const bool is_committed = row.is_committed(now());
    if (is_enabled) {
        if (!is_committed) row.started_ms = epoch_ms(now());
        row.ended_ms = 0;
    } else if (is_committed && row.ended_ms == 0) {
        row.ended_ms = std::max(epoch_ms(now()), row.earliest_end_ms());
    }
    storage::Table::Commit commit;
    commit.puts.push_back({account_key(caller.account, caller.region), wire::to_json(row)});
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    co_return row;
}

}  // namespace mill::kinesis
