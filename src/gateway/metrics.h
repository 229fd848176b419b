// SPDX-License-Identifier: Apache-2.0
// Counts of answered requests. Labels come from the services' tables only, so that their number is
// bounded.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

namespace mill::gateway {

class RequestCounts {
  public:
    // The texts must outlive this.
    void add(std::string_view service, std::string_view operation, int status) {
        ++counts_[{service, operation, status}];
    }
    // Prometheus' text format. https://prometheus.io/docs/instrumenting/exposition_formats/
    std::string text() const {
        std::string out =
            "# HELP millrace_requests_total Requests answered.\n"
            "# TYPE millrace_requests_total counter\n";
        for (const auto& [key, count] : counts_) {
            const auto& [service, operation, status] = key;
            out.append("millrace_requests_total{service=\"").append(service);
            out.append("\",operation=\"").append(operation);
            out.append("\",status=\"").append(std::to_string(status));
            out.append("\"} ").append(std::to_string(count)).append("\n");
        }
        return out;
    }

  private:
    std::map<std::tuple<std::string_view, std::string_view, int>, std::uint64_t> counts_;
};

}  // namespace mill::gateway
