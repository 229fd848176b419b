// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/consumption_checker.h"

#include <algorithm>

namespace mill::sim {
namespace {

constexpr std::size_t violations_max = 10;

bool share_a_group(const ConsumptionHistory::Invocation& a,
                   const ConsumptionHistory::Invocation& b) {
    return std::ranges::any_of(a.groups,
                               [&](const std::string& group) { return b.groups.contains(group); });
}

}  // namespace

std::vector<std::string> consumption_violations(const QueueHistory& sent,
                                                const ConsumptionHistory& seen) {
    std::vector<std::string> violations;
    const auto short_name = [](const std::string& body) { return body.substr(0, body.find('.')); };
    for (const QueueHistory::Send& send : sent.sends) {
        const bool is_there = seen.handled.contains(send.body) || seen.dead.contains(send.body);
        if (send.acknowledged != 0 && !is_there)
            violations.push_back(short_name(send.body) + ": neither handled nor a dead letter");
    }
    for (const auto& one : seen.invocations) {
        for (const auto& other : seen.invocations) {
            const bool during = one.began < other.began && other.began < one.ended;
            if (during && share_a_group(one, other))
                violations.push_back(short_name(other.bodies.front()) +
                                     ": delivered while its group was in flight");
        }
    }
    violations.resize(std::min(violations.size(), violations_max));
    return violations;
}

}  // namespace mill::sim
