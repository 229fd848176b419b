// SPDX-License-Identifier: Apache-2.0
#include "services/logs/log_events.h"

namespace mill::logs {
namespace {

constexpr std::size_t id_digits = 56;
constexpr char id_lead = '3';  // as the ids of our years begin on AWS

}  // namespace

std::string event_id(EventKey key) {
    const std::string digits = model::decimal(key);
    return id_lead + std::string(id_digits - 1 - digits.size(), '0') + digits;
}

std::optional<EventKey> parse_event_id(std::string_view text) {
    if (text.size() != id_digits || text.front() != id_lead) return std::nullopt;
    text.remove_prefix(1);
    while (text.size() > 1 && text.front() == '0') text.remove_prefix(1);
    return model::parse_hash_key(text);
}

}  // namespace mill::logs
