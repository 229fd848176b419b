// SPDX-License-Identifier: Apache-2.0
// Takes batches of stamped records and reports on the stream REPORT_STREAM: with REPORT=batches how
// many came with each batch, with REPORT=flush each record's times, but only once a record asks for
// it, so that reporting does not disturb what is measured.
#include <millrace/kinesis.h>
#include <millrace/lambda.h>
#include <time.h>

#include <cstdlib>

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

class Consumer {
  public:
    json handle(const json& event) {
        const std::uint64_t got = now_ns();
        const json& records = event.at("Records");
        if (by_batch_) {  // counts only: the records themselves are not decoded
            report({.records = records.size(), .got_ns = got}, {});
            return nullptr;
        }
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
                report({.details = count, .records = count, .got_ns = got}, details);
                details.clear();
                count = 0;
            }
        }
        report({.got_ns = got}, {});  // the end
        delivered_.clear();
    }

    void report(Report head, const std::string& details) {
        std::string data;
        mill::bench::append_raw(data, head);
        kinesis_.put_record(stream_, "report", data + details);
    }

    millrace::Kinesis kinesis_;
    std::string stream_ = variable("REPORT_STREAM");
    bool by_batch_ = variable("REPORT") == "batches";
    std::vector<Delivered> delivered_;
};

}  // namespace

int main() {
    Consumer consumer;
    return millrace::run([&consumer](const json& event, const millrace::Context&) -> json {
        return consumer.handle(event);
    });
}
