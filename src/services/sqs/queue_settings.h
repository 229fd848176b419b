// SPDX-License-Identifier: Apache-2.0
// QueueSettings: what a queue's attributes say. Attributes travel and are kept as text, as AWS has
// them; here they are checked, and read once.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/limits.h"

namespace mill::sqs {

using Attributes = std::map<std::string, std::string>;

struct QueueSettings {
    bool is_fifo = false;
    bool content_based_deduplication = false;
    bool deduplicates_per_group = false;
    std::int64_t delay_seconds = 0;
    std::int64_t message_bytes_max = limits::sqs::message_bytes_max;
    std::int64_t retention_seconds = limits::sqs::retention_seconds_default;
    std::int64_t wait_seconds = 0;
    std::int64_t visibility_seconds = limits::sqs::visibility_seconds_default;
    std::string dead_letter_arn;  // empty: none
    std::uint32_t receives_max = 0;
    // Whose dead letters may come here: allowAll, denyAll or byQueue.
    std::string redrive_permission = "allowAll";
    std::vector<std::string> redrive_sources;
};

// Of attributes that were checked.
QueueSettings settings_of(const Attributes& attributes);

// Those that a client may set, for a queue of that name. InvalidAttributeName,
// InvalidAttributeValue.
Result<void> check_attributes(const Attributes& attributes, bool is_fifo, bool is_new);
// Takes over the changes; an empty text takes an attribute away.
Attributes with_changes(Attributes attributes, const Attributes& changes);
// With the defaults of those that are not set.
Attributes with_defaults(const Attributes& attributes);
// Of a queue, also those that it only tells.
bool is_attribute(const std::string& name);

bool is_fifo_name(std::string_view name);
// InvalidParameterValue
Result<void> check_queue_name(const std::string& name);

}  // namespace mill::sqs
