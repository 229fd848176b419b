// SPDX-License-Identifier: Apache-2.0
// ARNs: arn:partition:service:region:account:resource.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/caller.h"

namespace mill::model {

struct Arn {
    std::string partition = "aws";
    std::string service;
    std::string region;
    std::string account;
    std::string resource;  // everything after the fifth colon: "stream/orders", "function:name:1"

    std::string text() const {
        return "arn:" + partition + ":" + service + ":" + region + ":" + account + ":" + resource;
    }
    bool operator==(const Arn&) const = default;
};

inline std::optional<Arn> parse_arn(std::string_view text) {
    std::string_view parts[5];
    for (auto& part : parts) {
        const std::size_t colon = text.find(':');
        if (colon == std::string_view::npos) return std::nullopt;
        part = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    }
    if (parts[0] != "arn" || parts[1].empty() || parts[2].empty() || text.empty())
        return std::nullopt;
    return Arn{std::string(parts[1]), std::string(parts[2]), std::string(parts[3]),
               std::string(parts[4]), std::string(text)};
}

inline Arn arn_of(const Caller& caller, std::string service, std::string resource) {
    return Arn{"aws", std::move(service), caller.region, caller.account, std::move(resource)};
}

}  // namespace mill::model
