// SPDX-License-Identifier: Apache-2.0
// AccountRow: what UpdateAccountSettings keeps, for each account and region: the commitment to a
// minimum of throughput (On-demand Advantage), which lasts for a day at least.
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateAccountSettings.html
#pragma once

#include <string>

#include "wire/shape.h"

namespace mill::kinesis {

// Members may be added, never renamed: older stores are read.
struct AccountRow {
    std::int64_t started_ms = 0;  // 0: there never was a commitment
    std::int64_t ended_ms = 0;    // 0: it lasts; may lie ahead

    static constexpr std::int64_t commitment_ms_min = 24 * 3600 * 1000;

    std::int64_t earliest_end_ms() const { return started_ms + commitment_ms_min; }
    bool is_committed(WallTime now) const {
        return started_ms != 0 && (ended_ms == 0 || epoch_ms(now) < ended_ms);
    }

    static constexpr auto shape() {
        return wire::structure("AccountRow", wire::member<&AccountRow::started_ms>("started_ms"),
                               wire::member<&AccountRow::ended_ms>("ended_ms"));
    }
};

// The answer of DescribeAccountSettings and UpdateAccountSettings.
struct Commitment {
    std::string status;
    std::optional<WallTime> started_at;
    std::optional<WallTime> ended_at;
    std::optional<WallTime> earliest_allowed_end_at;

    static constexpr auto shape() {
        using C = Commitment;
        return wire::structure(
            "MinimumThroughputBillingCommitmentOutput", wire::member<&C::status>("Status"),
            wire::member<&C::started_at>("StartedAt"), wire::member<&C::ended_at>("EndedAt"),
            wire::member<&C::earliest_allowed_end_at>("EarliestAllowedEndAt"));
    }
};

struct AccountSettings {
    Commitment commitment;

    static constexpr auto shape() {
        return wire::structure("AccountSettings", wire::member<&AccountSettings::commitment>(
                                                      "MinimumThroughputBillingCommitment"));
    }
};

inline AccountSettings describe(const AccountRow& row, WallTime now) {
    Commitment commitment;
    const bool is_ending = row.ended_ms != 0;
    commitment.status = !row.is_committed(now) ? "DISABLED"
                        : is_ending            ? "ENABLED_UNTIL_EARLIEST_ALLOWED_END"
                                               : "ENABLED";
    if (row.started_ms != 0) {
        commitment.started_at = from_epoch_ms(row.started_ms);
        commitment.earliest_allowed_end_at = from_epoch_ms(row.earliest_end_ms());
    }
    if (is_ending) commitment.ended_at = from_epoch_ms(row.ended_ms);
    return {std::move(commitment)};
}

}  // namespace mill::kinesis
