// SPDX-License-Identifier: Apache-2.0
#include "services/sqs/queue_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "model/arn.h"
#include "services/sqs/errors.h"
#include "wire/value.h"

namespace mill::sqs {
namespace {

struct NumberAttribute {
    std::string_view name;
    std::int64_t min, max, otherwise;
};
constexpr std::array<NumberAttribute, 6> number_attributes = {{
    {"DelaySeconds", 0, limits::sqs::delay_seconds_max, 0},
    {"KmsDataKeyReusePeriodSeconds", 60, 86'400, 300},
    {"MaximumMessageSize", limits::sqs::message_bytes_floor, limits::sqs::message_bytes_max,
     limits::sqs::message_bytes_max},
    {"MessageRetentionPeriod", limits::sqs::retention_seconds_min,
     limits::sqs::retention_seconds_max, limits::sqs::retention_seconds_default},
    {"ReceiveMessageWaitTimeSeconds", 0, limits::sqs::wait_seconds_max, 0},
    {"VisibilityTimeout", 0, limits::sqs::visibility_seconds_max,
     limits::sqs::visibility_seconds_default},
}};
constexpr std::string_view other_attributes[] = {"Policy",
                                                 "RedrivePolicy",
                                                 "RedriveAllowPolicy",
                                                 "KmsMasterKeyId",
                                                 "FifoQueue",
                                                 "SqsManagedSseEnabled",
                                                 "FifoThroughputLimit",
                                                 "DeduplicationScope",
                                                 "ContentBasedDeduplication"};
constexpr std::string_view fifo_attributes[] = {"ContentBasedDeduplication", "DeduplicationScope",
                                                "FifoThroughputLimit"};
constexpr std::string_view told_attributes[] = {"All",
                                                "QueueArn",
                                                "CreatedTimestamp",
                                                "LastModifiedTimestamp",
                                                "ApproximateNumberOfMessages",
                                                "ApproximateNumberOfMessagesDelayed",
                                                "ApproximateNumberOfMessagesNotVisible"};

bool is_among(std::span<const std::string_view> names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

std::optional<std::int64_t> number_in(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

Failure invalid_value(std::string_view name, std::string_view reason = {}) {
    return fail("InvalidAttributeValue",
                fmt::format("Invalid value for the parameter {}.{}{}", name,
                            reason.empty() ? "" : " Reason: ", reason),
                400);
}

Result<void> check_boolean(const std::string& name, const std::string& value) {
    if (value == "true" || value == "false") return {};
    return invalid_value(name, "It is true or false.");
}

std::string text_of(const wire::Value* value) {
    if (!value) return {};
    if (const auto* number = value->integer()) return std::to_string(*number);
    return value->string() ? *value->string() : std::string();
}

Result<void> check_redrive_policy(const std::string& value, bool is_fifo) {
    const auto policy = wire::parse_json(value);
    if (!policy || !policy->members())
        return invalid_parameter(
            fmt::format("Value {} for parameter RedrivePolicy is invalid. Reason: Redrive policy "
                        "is not a valid JSON map.",
                        value));
    const auto invalid = [&](std::string_view reason) {
        return invalid_parameter(fmt::format(
            "Value {} for parameter RedrivePolicy is invalid. Reason: {}", value, reason));
    };
    const std::string target = text_of(policy->find("deadLetterTargetArn"));
    const std::string count = text_of(policy->find("maxReceiveCount"));
    if (target.empty())
        return invalid("Redrive policy does not contain mandatory attribute: deadLetterTargetArn.");
    if (count.empty())
        return invalid("Redrive policy does not contain mandatory attribute: maxReceiveCount.");
    const auto number = number_in(count);
    if (!number || *number < 1 || *number > limits::sqs::receives_max) {
        return invalid(
            fmt::format("Invalid value for maxReceiveCount: {}, valid values are from 1 to {} both "
                        "inclusive.",
                        count, limits::sqs::receives_max));
    }
    const auto arn = model::parse_arn(target);
    if (!arn || arn->service != "sqs") return invalid("Dead letter target is not a queue's ARN.");
    if (is_fifo_name(arn->resource) != is_fifo)
        return invalid("Dead-letter queue must be same type of queue as the source.");
    return {};
}

Result<void> check_redrive_allow_policy(const std::string& value) {
    const auto policy = wire::parse_json(value);
    const auto invalid = [&](std::string_view reason) {
        return invalid_parameter(fmt::format(
            "Value {} for parameter RedriveAllowPolicy is invalid. Reason: {}", value, reason));
    };
    if (!policy || !policy->members()) return invalid("It is not a valid JSON map.");
    const std::string permission = text_of(policy->find("redrivePermission"));
    const wire::Value* sources = policy->find("sourceQueueArns");
    if (permission != "allowAll" && permission != "denyAll" && permission != "byQueue")
        return invalid("redrivePermission is allowAll, denyAll or byQueue.");
    if ((permission == "byQueue") != (sources && sources->items()))
        return invalid("sourceQueueArns goes with byQueue, and with it only.");
    constexpr std::size_t sources_max = 10;
    if (sources && sources->items() && sources->items()->size() > sources_max)
        return invalid("sourceQueueArns may have up to 10 ARNs.");
    return {};
}

Result<void> check_other(const std::string& name, const std::string& value, bool is_fifo) {
    if (name == "FifoQueue" || name == "ContentBasedDeduplication" ||
        name == "SqsManagedSseEnabled") {
        return check_boolean(name, value);
    }
    if (value.empty()) return {};
    if (name == "RedrivePolicy") return check_redrive_policy(value, is_fifo);
    if (name == "RedriveAllowPolicy") return check_redrive_allow_policy(value);
    if (name == "Policy") {
        const auto policy = wire::parse_json(value);
        if (!policy || !policy->members()) return invalid_value(name, "It is not a JSON document.");
    }
    if (name == "DeduplicationScope" && value != "queue" && value != "messageGroup")
        return invalid_value(name, "It is queue or messageGroup.");
    if (name == "FifoThroughputLimit" && value != "perQueue" && value != "perMessageGroupId")
        return invalid_value(name, "It is perQueue or perMessageGroupId.");
    return {};
}

Result<void> check_attribute(const std::string& name, const std::string& value, bool is_fifo) {
    for (const NumberAttribute& attribute : number_attributes) {
        if (attribute.name != name) continue;
        const auto number = number_in(value);
        if (!number || *number < attribute.min || *number > attribute.max)
            return invalid_value(
                name, fmt::format("It lies between {} and {}.", attribute.min, attribute.max));
        return {};
    }
    const bool is_foreign = !is_fifo && (name == "FifoQueue" || is_among(fifo_attributes, name));
    if (is_foreign || !is_among(other_attributes, name))
        return fail("InvalidAttributeName", fmt::format("Unknown Attribute {}.", name), 400);
    return check_other(name, value, is_fifo);
}

}  // namespace

bool is_fifo_name(std::string_view name) { return name.ends_with(".fifo"); }

Result<void> check_queue_name(const std::string& name) {
    std::string_view stem = name;
    if (is_fifo_name(name)) stem.remove_suffix(std::string_view(".fifo").size());
    const bool good = !stem.empty() && name.size() <= limits::sqs::name_length_max &&
                      std::ranges::all_of(stem, [](char c) {
                          return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                                 (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
                      });
    if (good) return {};
    return invalid_parameter(
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
}

Result<void> check_attributes(const Attributes& attributes, bool is_fifo, bool is_new) {
    const auto fifo = attributes.find("FifoQueue");
    const bool says_fifo = fifo != attributes.end() && fifo->second == "true";
    if (is_new && says_fifo != is_fifo) {
        return invalid_parameter(
            is_fifo ? "The name of a FIFO queue can only be used with FifoQueue set to true."
                    : "The name of a FIFO queue can only include alphanumeric characters, hyphens, "
                      "or underscores, must end with .fifo suffix and be 1 to 80 in length.");
    }
    for (const auto& [name, value] : attributes) MILL_CHECK(check_attribute(name, value, is_fifo));
    if (!is_new && fifo != attributes.end() && !says_fifo)
        return fail("InvalidAttributeName", "FifoQueue cannot be changed.", 400);
    return {};
}

Attributes with_changes(Attributes attributes, const Attributes& changes) {
    for (const auto& [name, value] : changes) {
        if (value.empty()) {
            attributes.erase(name);
        } else {
            attributes.insert_or_assign(name, value);
        }
    }
    // One kind of encryption excludes the other.
    if (changes.contains("KmsMasterKeyId")) attributes.erase("SqsManagedSseEnabled");
    return attributes;
}

Attributes with_defaults(const Attributes& attributes) {
    Attributes all = attributes;
    const bool has_key = attributes.contains("KmsMasterKeyId");
    for (const NumberAttribute& attribute : number_attributes) {
        if (attribute.name == "KmsDataKeyReusePeriodSeconds" && !has_key) continue;
        all.try_emplace(std::string(attribute.name), std::to_string(attribute.otherwise));
    }
    all.try_emplace("SqsManagedSseEnabled", has_key ? "false" : "true");
    if (attributes.contains("FifoQueue")) {
        all.try_emplace("ContentBasedDeduplication", "false");
        all.try_emplace("DeduplicationScope", "queue");
        all.try_emplace("FifoThroughputLimit", "perQueue");
    }
    return all;
}

QueueSettings settings_of(const Attributes& attributes) {
    const Attributes all = with_defaults(attributes);
    const auto number = [&](const char* name) { return number_in(all.at(name)).value_or(0); };
    const auto text = [&](const char* name) {
        const auto at = all.find(name);
        return at == all.end() ? std::string() : at->second;
    };
    QueueSettings settings;
    settings.is_fifo = text("FifoQueue") == "true";
    settings.content_based_deduplication = text("ContentBasedDeduplication") == "true";
    settings.deduplicates_per_group = text("DeduplicationScope") == "messageGroup";
    settings.delay_seconds = number("DelaySeconds");
    settings.message_bytes_max = number("MaximumMessageSize");
    settings.retention_seconds = number("MessageRetentionPeriod");
    settings.wait_seconds = number("ReceiveMessageWaitTimeSeconds");
    settings.visibility_seconds = number("VisibilityTimeout");
    if (const auto policy = wire::parse_json(text("RedrivePolicy"))) {
        settings.dead_letter_arn = text_of(policy->find("deadLetterTargetArn"));
        const auto count = number_in(text_of(policy->find("maxReceiveCount")));
        settings.receives_max = static_cast<std::uint32_t>(count.value_or(0));
    }
    if (const auto policy = wire::parse_json(text("RedriveAllowPolicy"))) {
        settings.redrive_permission = text_of(policy->find("redrivePermission"));
        const wire::Value* sources = policy->find("sourceQueueArns");
        if (sources && sources->items()) {
            for (const wire::Value& source : *sources->items())
                settings.redrive_sources.push_back(text_of(&source));
        }
    }
    return settings;
}

bool is_attribute(const std::string& name) {
    return is_among(told_attributes, name) || is_among(other_attributes, name) ||
           std::ranges::find(number_attributes, name, &NumberAttribute::name) !=
               number_attributes.end();
}

}  // namespace mill::sqs
