// SPDX-License-Identifier: Apache-2.0
// FilterPolicy: which messages a subscription wants, by their attributes or by their JSON body.
// Compiled once; matching costs what the policy says.
// https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "services/sns/message.h"
#include "wire/value.h"

namespace mill::sns {

class FilterPolicy {
  public:
    // InvalidParameter, saying what is wrong. Nested policies are for bodies only.
    static Result<FilterPolicy> compile(const std::string& json, bool of_body);

    bool accepts_attributes(const MessageAttributes& attributes) const;
    // A body that is no JSON object is not accepted.
    bool accepts_body(const std::string& body) const;

    struct Rule;
    struct Node;

  private:
    std::shared_ptr<const Node> root_;
};

}  // namespace mill::sns
