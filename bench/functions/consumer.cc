// SPDX-License-Identifier: Apache-2.0
// Takes batches of records and reports on the stream REPORT_STREAM. With REPORT=batches how many it
// has decoded, each time another REPORT_EVERY are; with REPORT=flush each stamped record's times,
// but only once a record asks for it, so that reporting does not disturb what is measured.
#include <millrace/kinesis.h>
#include <millrace/lambda.h>
#include <sched.h>
#include <time.h>

#include <cstdlib>

#include "base/bytes.h"
#include "bench/stamp.h"

namespace {

using mill::bench::Delivered;
using mill::bench::Report;
using mill::bench::Stamp;
using millrace::json;

constexpr std::size_t details_max = 30'000;  // of one report; a record holds 1 MiB

std::uint64_t now_ns() {
    timespec t;
    ::clock_gettime(CLOCK_MONOTONIC, &t);
    return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000 +
           static_cast<std::uint64_t>(t.tv_nsec);
}

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

// The server's children run where it runs; with CORE=n this one has a core of its own.
void take_core() {
    const std::string core = variable("CORE");
    if (core.empty()) return;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(std::strtoul(core.c_str(), nullptr, 10), &set);
    ::sched_setaffinity(0, sizeof set, &set);
}

class Reporter {
  public:
    void report(const Report& head, const std::string& details = {}) {
        std::string data;
        mill::bench::append_raw(data, head);
        kinesis_.put_record(stream_, "report", data + details);
    }

  private:
    millrace::Kinesis kinesis_;
    std::string stream_ = variable("REPORT_STREAM");
};

class Counter {
  public:
    std::string handle(std::string_view event) {
        constexpr std::string_view mark = R"("data":")";
        const std::uint64_t got = now_ns();
        for (std::size_t at = event.find(mark); at != event.npos; at = event.find(mark, at)) {
            at += mark.size();
            const std::size_t end = event.find('"', at);
            if (!mill::base64_decode(event.substr(at, end - at)))
                throw std::invalid_argument("data is not base64");
            at = end;
            ++records_;
        }
        if (records_ >= every_) reporter_.report({.records = records_, .got_ns = got});
        if (records_ >= every_) records_ = 0;
        return "null";
    }

  private:
    Reporter reporter_;
    std::uint64_t every_ = std::strtoull(variable("REPORT_EVERY").c_str(), nullptr, 10);
    std::uint64_t records_ = 0;
};

class Recorder {
  public:
    json handle(const json& event) {
        const std::uint64_t got = now_ns();
        for (const auto& record : millrace::kinesis_records(event)) take(record.data, got);
        return nullptr;
    }

  private:
    void take(const std::string& data, std::uint64_t got) {
        const auto stamp = mill::bench::read_raw<Stamp>(data);
        if (!stamp) return;
        if (!stamp->flush) {
            delivered_.push_back({stamp->id, stamp->put_ns, got});
            return;
        }
        std::string details;
        std::uint32_t count = 0;
        for (std::size_t i = 0; i < delivered_.size(); ++i) {
            mill::bench::append_raw(details, delivered_[i]);
            if (++count == details_max || i + 1 == delivered_.size()) {
                reporter_.report({.details = count, .records = count, .got_ns = got}, details);
                details.clear();
                count = 0;
            }
        }
        reporter_.report({.got_ns = got});  // the end
        delivered_.clear();
    }

    Reporter reporter_;
    std::vector<Delivered> delivered_;
};

}  // namespace

int main() {
    take_core();
    if (variable("REPORT") == "batches") {
        Counter counter;
        return millrace::run_raw(
            [&counter](std::string_view event, const millrace::Context&) -> std::string {
                return counter.handle(event);
            });
    }
    Recorder recorder;
    return millrace::run([&recorder](const json& event, const millrace::Context&) -> json {
        return recorder.handle(event);
    });
}
