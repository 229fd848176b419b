// SPDX-License-Identifier: Apache-2.0
// Functions as destinations of subscription filters: invoked asynchronously, with the retries and
// destinations of such invocations.
// https://docs.aws.amazon.com/lambda/latest/dg/services-cloudwatchlogs.html
#pragma once

#include "services/lambda/lambda.h"
#include "services/ports/log_destination.h"

namespace mill::lambda {

class LogDestination final : public ports::LogDestination {
  public:
    explicit LogDestination(Lambda& lambda) : lambda_(lambda) {}
    // Also refuses the group that the function itself logs to: it would never come to rest.
    Result<void> check(const ports::LogSource& source, const std::string& arn) override;
    Task<Result<void>> deliver(ports::LogDelivery delivery) override;

  private:
    Lambda& lambda_;
};

}  // namespace mill::lambda
