// SPDX-License-Identifier: Apache-2.0
// Filter patterns: terms that must all occur ("phrases", ?any of these, -none of these, %regular
// expressions%), conditions on the properties of JSON ("{ $.status >= 500 && $.user.id = 1 }"), and
// on the fields of a line ("[ip, ..., status = 5*]").
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"

namespace mill::logs {

class FilterPattern {
  public:
    class Matcher {
      public:
        virtual ~Matcher() = default;
        virtual bool matches(std::string_view message) const = 0;
    };

    // InvalidParameterException.
    static Result<FilterPattern> parse(std::string_view text);
    bool matches(std::string_view message) const { return matcher_->matches(message); }

  private:
    explicit FilterPattern(std::shared_ptr<const Matcher> matcher) : matcher_(std::move(matcher)) {}
    std::shared_ptr<const Matcher> matcher_;
};

}  // namespace mill::logs
