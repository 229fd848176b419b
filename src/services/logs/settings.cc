// SPDX-License-Identifier: Apache-2.0
// What a group may be told, by the API or by a template, and the tokens of lists.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/arn.h"
#include "services/logs/declarations.h"

namespace mill::logs {
namespace {

constexpr std::array<std::int64_t, 22> allowed_days = {1,    3,    5,    7,    14,   30,  60,  90,
                                                       120,  150,  180,  365,  400,  545, 731, 1096,
                                                       1827, 2192, 2557, 2922, 3288, 3653};

}  // namespace

Result<void> check_retention(std::int64_t days) {
    if (std::ranges::find(allowed_days, days) != allowed_days.end()) return {};
    return invalid_parameter(
        fmt::format("1 validation error detected: Value '{}' at 'retentionInDays' failed to "
                    "satisfy constraint: Member "
                    "must satisfy enum value set: [{}]",
                    days, fmt::join(allowed_days, ", ")));
}

std::string token_of_name(std::string_view name) { return base64_encode(name); }

Result<std::string> name_of_token(const std::optional<std::string>& token) {
    auto name = base64_decode(token.value_or(""));
    if (!name) return invalid_parameter("The specified nextToken is invalid.");
    return *std::move(name);
}

Result<GroupPointer> tagged_group(const Logs& logs, const Caller& caller, const std::string& arn) {
    const auto parsed = model::parse_arn(arn);
    if (!parsed || parsed->service != "logs" || !parsed->resource.starts_with("log-group:") ||
        parsed->resource.contains(":log-stream:")) {
        return invalid_parameter("Only log groups have tags; this is not the ARN of one: " + arn);
    }
    const bool is_wild = arn.ends_with(":*");
    return logs.find_group(caller, std::nullopt, arn.substr(0, arn.size() - (is_wild ? 2 : 0)));
}

Result<Tags> with_tags(Tags tags, const Tags& added) {
    for (const auto& [key, value] : added) tags[key] = value;
    if (tags.size() <= static_cast<std::size_t>(tags_max)) return tags;
    return fail("TooManyTagsException",
                fmt::format("A resource can have no more than {} tags.", tags_max), 400);
}

}  // namespace mill::logs
