// SPDX-License-Identifier: Apache-2.0
// The lines that Lambda itself writes into a function's log, in the text format. Pure.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-view.html
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "services/lambda/functions/function.h"

namespace mill::lambda {

struct Report {
    std::string request_id;
    Duration duration{};
    std::optional<Duration> init_duration;  // of a cold start whose init went well
    std::int64_t memory_mb = 128;
    std::int64_t peak_memory_bytes = 0;
    std::string status;      // "timeout", "error", or empty
    std::string error_type;  // with status "error"
};

std::string init_start_line(const Function& function);
std::string start_line(const std::string& request_id, const Function& function);
std::string end_line(const std::string& request_id);
std::string report_line(const Report& report);
// phase "init" or "invoke", status "timeout" or "error".
std::string init_report_line(Duration duration, std::string_view phase, std::string_view status,
                             std::string_view error_type);
// "2026/01/12/[<version>]<32 hex>"; in groups of the user's own choice with the function's name
// before the version.
std::string log_stream_name(WallTime now, const Function& function,
                            const std::string& random_32_hex);

}  // namespace mill::lambda
