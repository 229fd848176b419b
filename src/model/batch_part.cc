// SPDX-License-Identifier: Apache-2.0
#include "model/batch_part.h"

namespace mill::model {

Settled settle(BatchPart part, const Verdict& verdict) {
    if (const auto* retry = std::get_if<Retry>(&verdict)) {
        part.begin += retry->from;
        if (retry->from > 0) {
            part.failures = part.throttles = 0;
            part.invocations = 1;  // the one that reported them
        }
        ++(retry->counts ? part.failures : part.throttles);
        return {.left = {part}, .given_up = {}, .done = part.begin};
    }
    if (const auto* bisect = std::get_if<Bisect>(&verdict)) {
        const std::size_t middle = part.begin + bisect->middle;
        return {.left = {{.begin = part.begin, .end = middle, .failures = part.failures},
                         {.begin = middle, .end = part.end, .failures = part.failures}},
                .given_up = {},
                .done = part.begin};
    }
    const auto* discard = std::get_if<Discard>(&verdict);
    if (!discard) return {.left = {}, .given_up = {}, .done = part.end};
    BatchPart given_up = part;
    given_up.begin += discard->from;
    given_up.end = part.begin += discard->to;
    Settled settled{.left = {}, .given_up = given_up, .done = part.begin};
    if (part.begin < part.end) settled.left.push_back(part);
    return settled;
}

}  // namespace mill::model
