// SPDX-License-Identifier: Apache-2.0
// Streams as destinations of subscription filters: a delivery is one record, put as PutRecord does.
#pragma once

#include "services/kinesis/kinesis.h"
#include "services/ports/log_destination.h"

namespace mill::kinesis {

class LogDestination final : public ports::LogDestination {
  public:
    explicit LogDestination(Kinesis& kinesis) : kinesis_(kinesis) {}
    Result<void> check(const ports::LogSource& source, const std::string& arn) override;
    Task<Result<void>> deliver(ports::LogDelivery delivery) override;

  private:
    Kinesis& kinesis_;
};

}  // namespace mill::kinesis
