// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/environments/log_lines.h"

#include <fmt/format.h>

#include "services/lambda/functions/function_shapes.h"
#include "services/lambda/functions/runtime_names.h"

namespace mill::lambda {
namespace {

double milliseconds(Duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

std::int64_t whole_milliseconds_up(Duration duration) {
    return std::chrono::ceil<std::chrono::milliseconds>(duration).count();
}

}  // namespace

std::string init_start_line(const Function& function) {
    const std::string_view python = python_version(function.runtime);
    const std::string version =
        python.empty() ? function.runtime : fmt::format("python:{}", python);
    return fmt::format("INIT_START Runtime Version: {}\tRuntime Version ARN: {}\n", version,
                       runtime_version_arn(function));
}

std::string start_line(const std::string& request_id, const Function& function) {
    return fmt::format("START RequestId: {} Version: {}\n", request_id, function.version);
}

std::string end_line(const std::string& request_id) {
    return fmt::format("END RequestId: {}\n", request_id);
}

std::string report_line(const Report& report) {
    // Since August 2025 the init of functions deployed as zips is billed too.
    const Duration billed = report.duration + report.init_duration.value_or(Duration::zero());
    constexpr std::int64_t mib = 1024 * 1024;
    std::string line = fmt::format(
        "REPORT RequestId: {}\tDuration: {:.2f} ms\tBilled Duration: {} ms\tMemory Size: {} "
        "MB\tMax Memory Used: {} MB\t",
        report.request_id, milliseconds(report.duration), whole_milliseconds_up(billed),
        report.memory_mb, (report.peak_memory_bytes + mib - 1) / mib);
    if (report.init_duration)
        line += fmt::format("Init Duration: {:.2f} ms\t", milliseconds(*report.init_duration));
    if (report.status == "error") {
        line += fmt::format("Status: error\tError Type: {}", report.error_type);
    } else if (!report.status.empty()) {
        line += "Status: " + report.status;
    }
    return line + "\n";
}

std::string init_report_line(Duration duration, std::string_view phase, std::string_view status,
                             std::string_view error_type) {
    std::string line = fmt::format("INIT_REPORT Init Duration: {:.2f} ms\tPhase: {}\tStatus: {}",
                                   milliseconds(duration), phase, status);
    if (!error_type.empty()) line += fmt::format("\tError Type: {}", error_type);
    return line + "\n";
}

std::string log_stream_name(WallTime now, const Function& function,
                            const std::string& random_32_hex) {
    const std::string date = iso8601_s(now);  // "2026-01-12T..."
    return fmt::format("{}/{}/{}/{}[{}]{}", date.substr(0, 4), date.substr(5, 2), date.substr(8, 2),
                       function.log_group.empty() ? std::string() : function.name, function.version,
                       random_32_hex);
}

}  // namespace mill::lambda
