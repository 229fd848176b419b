// SPDX-License-Identifier: Apache-2.0
// What the answer of a function that did not fail says of its batch: which items failed all the
// same, and what becomes of the state of a tumbling window. Pure.
// https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
// https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/retry_policy.h"

namespace mill::model {

struct AnswerRules {
    bool reports_item_failures = false;  // FunctionResponseTypes
    bool keeps_state = false;            // TumblingWindowInSeconds
};

struct FunctionAnswer {
    BatchOutcome outcome = Succeeded{};
    // Of all items that are reported. None, though the outcome is FailedFrom: the whole batch.
    std::vector<std::size_t> failed = {};
    // JSON, as the function wrote it. Empty: the window's state stays what it was.
    std::optional<std::string> state = {};
};

// `place_of` tells where in the batch the record with that sequence number is, if it is there.
// Where nothing of the answer counts it is not even parsed.
FunctionAnswer read_answer(
    std::string_view payload, AnswerRules rules,
    const std::function<std::optional<std::size_t>(std::string_view)>& place_of);

}  // namespace mill::model
