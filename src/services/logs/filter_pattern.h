// SPDX-License-Identifier: Apache-2.0
// Filter patterns for unstructured text: terms that must all occur, "quoted phrases", ?any of
// these, -none of these.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mill::logs {

class FilterPattern {
  public:
    // InvalidParameterException; for JSON, space-delimited and regular expression patterns it says
    // what is supported.
    static Result<FilterPattern> parse(std::string_view text);
    bool matches(std::string_view message) const;

  private:
    std::vector<std::string> all_;
    std::vector<std::string> any_;  // ignored where all_ has terms, as on AWS
    std::vector<std::string> none_;
};

}  // namespace mill::logs
