// SPDX-License-Identifier: Apache-2.0
// Changes of a stream's row: retention and tags. Texts from moto and kinesalite, which have them
// from AWS.
#include <fmt/format.h>

#include <algorithm>

#include "model/limits.h"
#include "services/kinesis/kinesis.h"

namespace mill::kinesis {
namespace {

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

// Unicode letters, digits, white space, _ . / = + - % @ and colon; what is not ASCII is taken as a
// letter.
bool is_tag_text(std::string_view text) {
    return std::ranges::all_of(text, [](unsigned char c) {
        return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
               (c >= 'A' && c <= 'Z') ||
               std::string_view(" _./=+-%@:").contains(static_cast<char>(c));
    });
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

Task<Result<void>> Kinesis::add_tags(StreamPointer stream,
                                     std::map<std::string, std::string> tags) {
    for (const auto& [key, value] : tags) {
        if (is_tag_text(key) && is_tag_text(value)) continue;
        co_return invalid_argument(
            "Some tags contain invalid characters. Valid characters: Unicode letters, digits, "
            "white space, _ . / = + - % @.");
    }
    const auto merge = [tags = std::move(tags)](StreamRow& row) -> Result<void> {
        for (const auto& [key, value] : tags) row.tags.insert_or_assign(key, value);
        if (row.tags.size() <= static_cast<std::size_t>(limits::kinesis::tags_max)) return {};
        return invalid_argument(
            fmt::format("Failed to add tags to stream {} under account {} because a given stream "
                        "cannot have more than {} tags "
                        "associated with it.",
                        row.name, row.account, limits::kinesis::tags_max));
    };
    co_return co_await change_row(std::move(stream), merge);
}

Task<Result<void>> Kinesis::remove_tags(StreamPointer stream, std::vector<std::string> keys) {
    const auto erase = [keys = std::move(keys)](StreamRow& row) -> Result<void> {
        for (const auto& key : keys) row.tags.erase(key);
        return {};
    };
    co_return co_await change_row(std::move(stream), erase);
}

}  // namespace mill::kinesis
