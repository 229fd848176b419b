// SPDX-License-Identifier: Apache-2.0
// Workloads whose requests are all alike, and the drain.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "bench/load/setup.h"
#include "bench/load/workloads.h"

namespace mill::bench {
namespace {

// So many different requests take turns: caches must not hold one record only.
constexpr std::size_t variants_max = 1024;
constexpr std::size_t variants_min = 4;
constexpr std::size_t variants_bytes = 32 * 1024 * 1024;

std::size_t count_of(std::string_view text, std::string_view what) {
    std::size_t count = 0;
    const char* at = text.data();
    const char* end = at + text.size();
    while ((at = static_cast<const char*>(
                ::memmem(at, static_cast<std::size_t>(end - at), what.data(), what.size())))) {
        ++count;
        at += what.size();
    }
    return count;
}

// Requests made beforehand; signed anew each time if that is asked for.
class Repeated final : public Workload {
  public:
    Repeated(RequestWriter writer, std::vector<wire::http::Request> requests, int connections,
             std::uint64_t records, std::uint64_t payload_bytes)
        : writer_(writer),
          requests_(std::move(requests)),
          signed_(static_cast<std::size_t>(connections)),
          records_(records),
          payload_bytes_(payload_bytes) {
        if (writer_.signs()) return;
        for (auto& request : requests_) bytes_.push_back(writer_.bytes(request));
    }
    std::string_view next(std::size_t connection) override {
        turn_ = turn_ + 1 < requests_.size() ? turn_ + 1 : 0;
        if (!writer_.signs()) return bytes_[turn_];
        return signed_[connection] = writer_.bytes(requests_[turn_]);
    }
    // Each record that was put has its sequence number.
    std::optional<std::uint64_t> digest(std::size_t, const Answer& answer) override {
        const bool is_put = records_ > 0;
        if (is_put && count_of(answer.body, "\"SequenceNumber\"") != records_) return std::nullopt;
        return records_;
    }
    std::uint64_t payload_bytes() const override { return payload_bytes_; }

  private:
    RequestWriter writer_;
    std::vector<wire::http::Request> requests_;
    std::vector<std::string> bytes_;
    std::vector<std::string> signed_;
    std::size_t turn_ = 0;
    std::uint64_t records_;
    std::uint64_t payload_bytes_;
};

// Each connection reads one shard from the oldest record to the tip, then again.
class Drain final : public Workload {
  public:
    explicit Drain(const Options& options)
        : writer_(options.port, options.sign), limit_(options.limit), size_(options.size) {
        const SetupClient setup(options.port);
        const auto shards = setup.shards(options.stream);
        if (shards.empty()) give_up("the stream has no shards");
        for (int i = 0; i < options.connections; ++i) {
            const auto& shard = shards[static_cast<std::size_t>(i) % shards.size()];
            const std::string start = setup.iterator(options.stream, shard, "TRIM_HORIZON");
            readers_.push_back({.start = start, .iterator = start});
        }
    }
    std::string_view next(std::size_t connection) override {
        Reader& r = readers_[connection];
        auto request = writer_.kinesis("GetRecords", get_records_body(r.iterator, limit_));
        return r.request = writer_.bytes(request);
    }
    void answered(std::size_t connection, const Answer& answer) override {
        Reader& r = readers_[connection];
        // At the front or the end of the answer; the records between need not be looked at.
        const std::string_view tail = answer.body.substr(
            answer.body.size() - std::min<std::size_t>(answer.body.size(), 2048));
        std::string_view next = text_member(answer.body.substr(0, 2048), "NextShardIterator");
        if (next.empty()) next = text_member(tail, "NextShardIterator");
        if (next.empty()) next = text_member(answer.body, "NextShardIterator");
        r.iterator = next.empty() || answer.body.size() < 2048 ? r.start : std::string(next);
    }
    std::optional<std::uint64_t> digest(std::size_t, const Answer& answer) override {
        const std::uint64_t records = count_of(answer.body, "\"SequenceNumber\"");
        all_ += records;
        ++answers_;
        return records;
    }
    // Of the usual answer.
    std::uint64_t payload_bytes() const override { return answers_ ? all_ * size_ / answers_ : 0; }

  private:
    struct Reader {
        std::string start;
        std::string iterator;
        std::string request = {};
    };
    RequestWriter writer_;
    std::size_t limit_;
    std::size_t size_;
    std::vector<Reader> readers_;
    std::uint64_t all_ = 0;
    std::uint64_t answers_ = 0;
};

std::size_t variants(std::size_t bytes) {
    return std::clamp(variants_bytes / std::max<std::size_t>(bytes, 1), variants_min, variants_max);
}

}  // namespace

std::unique_ptr<Workload> make_put_record(const Options& o) {
    RecordSource source;
    const RequestWriter writer(o.port, o.sign);
    std::vector<wire::http::Request> requests;
    for (std::size_t i = 0; i < variants(o.size); ++i) {
        requests.push_back(writer.kinesis(
            "PutRecord", put_record_body(o.stream, source.key(), source.data(o.size))));
    }
    return std::make_unique<Repeated>(writer, std::move(requests), o.connections, 1, o.size);
}

std::unique_ptr<Workload> make_put_records(const Options& o) {
    RecordSource source;
    const RequestWriter writer(o.port, o.sign);
    std::vector<wire::http::Request> requests;
    for (std::size_t i = 0; i < variants(o.size * o.count); ++i) {
        requests.push_back(
            writer.kinesis("PutRecords", put_records_body(o.stream, o.count, o.size, source)));
    }
    return std::make_unique<Repeated>(writer, std::move(requests), o.connections, o.count,
                                      o.size * o.count);
}

std::unique_ptr<Workload> make_get_records(const Options& o) { return std::make_unique<Drain>(o); }

std::unique_ptr<Workload> make_stream_call(const Options& o, std::string_view operation) {
    const RequestWriter writer(o.port, o.sign);
    std::vector<wire::http::Request> requests{
        writer.kinesis(operation, fmt::format(R"({{"StreamName":"{}"}})", o.stream))};
    return std::make_unique<Repeated>(writer, std::move(requests), o.connections, 0, 0);
}

std::unique_ptr<Workload> make_invoke(const Options& o) {
    const RequestWriter writer(o.port, o.sign);
    std::vector<wire::http::Request> requests{writer.invoke(o.function, "{}")};
    return std::make_unique<Repeated>(writer, std::move(requests), o.connections, 0, 0);
}

}  // namespace mill::bench
