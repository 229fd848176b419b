// SPDX-License-Identifier: Apache-2.0
// What the resources of Kinesis in a template share. Pure.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/value.h"

namespace mill::kinesis {

inline constexpr std::string_view stream_type = "AWS::Kinesis::Stream";
inline constexpr std::string_view consumer_type = "AWS::Kinesis::StreamConsumer";

// Refuses a property that is not among `known`, by name.
Result<void> check_known(std::string_view type, const wire::Value& properties,
                         std::span<const std::string_view> known);
bool is_stream_name(std::string_view name);
// Of the list Tags; empty without one.
std::map<std::string, std::string> tags_property(const wire::Value& properties);

}  // namespace mill::kinesis
