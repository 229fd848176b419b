// SPDX-License-Identifier: Apache-2.0
// MoveTask: dead letters on their way back. Its row survives a restart: what was RUNNING goes on.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "wire/shape.h"

namespace mill::sqs {

constexpr std::string_view move_rows_prefix = "sqs/move/";

// Members may be added, never renamed: older stores are read.
struct MoveTaskRow {
    std::string id;
    std::string source_arn;
    std::optional<std::string> destination_arn;  // none: where each message came from
    std::optional<std::int64_t> per_second;
    std::string status;  // RUNNING, COMPLETED, CANCELLING, CANCELLED, FAILED
    std::int64_t started_ms = 0;
    std::int64_t moved = 0;
    std::int64_t to_move = 0;
    std::optional<std::string> failure;

    // Keys of a queue's tasks sort by the time of their start.
    std::string table_key() const;
    bool is_active() const { return status == "RUNNING" || status == "CANCELLING"; }

    static constexpr auto shape() {
        using R = MoveTaskRow;
        return wire::structure(
            "MoveTaskRow", wire::member<&R::id>("id"), wire::member<&R::source_arn>("source_arn"),
            wire::member<&R::destination_arn>("destination_arn"),
            wire::member<&R::per_second>("per_second"), wire::member<&R::status>("status"),
            wire::member<&R::started_ms>("started_ms"), wire::member<&R::moved>("moved"),
            wire::member<&R::to_move>("to_move"), wire::member<&R::failure>("failure"));
    }
};

using MoveTaskPointer = std::shared_ptr<MoveTaskRow>;

}  // namespace mill::sqs
