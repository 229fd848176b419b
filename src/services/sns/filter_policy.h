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

    // Null is not accepted.
    bool accepts(const wire::Value* document) const;

    struct Rule;
    struct Node;

  private:
    std::shared_ptr<const Node> root_;
};

// What policies look at of one message; made when it is asked for first, whatever the number of
// subscriptions. The message outlives it.
class FilterDocuments {
  public:
    explicit FilterDocuments(const Message& message) : message_(message) {}
    const wire::Value* attributes();
    // Null if the body for that protocol is no JSON object.
    const wire::Value* body(const std::string& protocol);

  private:
    const Message& message_;
    std::optional<wire::Value> attributes_;
    std::map<const std::string*, std::optional<wire::Value>> bodies_;  // by where the text is
};

}  // namespace mill::sns
