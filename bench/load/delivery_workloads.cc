// SPDX-License-Identifier: Apache-2.0
// Workloads that follow records to their reader: a poller of GetRecords, or the consumer function
// (bench/functions/consumer.cc) which reports on a stream of its own.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

#include "base/bytes.h"
#include "bench/load/setup.h"
#include "bench/load/workloads.h"
#include "bench/stamp.h"

namespace mill::bench {
namespace {

constexpr std::uint64_t second_ns = 1'000'000'000;
constexpr std::uint64_t report_ns_max = 5 * second_ns;
constexpr auto report_poll = std::chrono::milliseconds(10);

// Calls `take` with the data of each record of a GetRecords answer.
template <class Take>
void each_data(std::string_view body, Take take) {
    while (true) {
        const std::string_view text = text_member(body, "Data");
        if (text.data() == nullptr) return;
        if (const auto data = base64_decode(text)) take(*data);
        body = body.substr(static_cast<std::size_t>(text.data() - body.data()));
    }
}

// Makes PutRecord requests whose data says when it was made.
class StampedPuts {
  public:
    explicit StampedPuts(const Options& o)
        : writer_(o.port, o.sign), stream_(o.stream), size_(o.size) {}

    std::string next() {
        sent_.push_back(now_ns());
        return request({.id = sent_.size() - 1, .put_ns = sent_.back()});
    }
    std::string body(const Stamp& stamp) {
        std::string data;
        append_raw(data, stamp);
        if (data.size() < size_) data += source_.data(size_ - data.size());
        return put_record_body(stream_, source_.key(), data);
    }
    // Those sent from `from_ns` on.
    std::uint64_t sent_since(std::uint64_t from_ns) const {
        return static_cast<std::uint64_t>(
            std::ranges::count_if(sent_, [&](std::uint64_t t) { return t >= from_ns; }));
    }
    std::uint64_t sent() const { return sent_.size(); }

  private:
    std::string request(const Stamp& stamp) {
        auto made = writer_.kinesis("PutRecord", body(stamp));
        return writer_.bytes(made);
    }
    RequestWriter writer_;
    RecordSource source_;
    std::string stream_;
    std::size_t size_;
    std::vector<std::uint64_t> sent_;
};

void add(const Delivered& delivered, std::uint64_t from_ns, Findings& findings) {
    if (delivered.put_ns < from_ns) return;
    ++findings.delivered;
    findings.delivery.add(delivered.got_ns - delivered.put_ns);
}

// Connection 0 puts, connection 1 polls the shard from its tip.
class PutPoll final : public Workload {
  public:
    explicit PutPoll(const Options& o) : writer_(o.port, o.sign), puts_(o), limit_(o.limit) {
        const SetupClient setup(o.port);
        const auto shards = setup.shards(o.stream);
        if (shards.size() != 1) give_up("put-poll wants a stream of one shard");
        iterator_ = setup.iterator(o.stream, shards.front(), "LATEST");
    }
    bool measured(std::size_t connection) const override { return connection == 0; }
    std::string_view next(std::size_t connection) override {
        if (connection == 0) return put_ = puts_.next();
        auto request = writer_.kinesis("GetRecords", get_records_body(iterator_, limit_));
        return poll_ = writer_.bytes(request);
    }
    void answered(std::size_t connection, const Answer& answer) override {
        if (connection == 1) take(answer.body);
    }
    bool settled() const override { return delivered_.size() >= puts_.sent(); }
    void finish(std::uint64_t from_ns, Findings& findings) override {
        findings.expected = puts_.sent_since(from_ns);
        for (const Delivered& d : delivered_) add(d, from_ns, findings);
    }

  private:
    void take(std::string_view body) {
        const std::uint64_t now = now_ns();
        each_data(body, [&](std::string_view data) {
            const auto stamp = read_raw<Stamp>(data);
            if (stamp) delivered_.push_back({stamp->id, stamp->put_ns, now});
        });
        const std::string_view next = text_member(body, "NextShardIterator");
        if (!next.empty()) iterator_ = next;
    }
    RequestWriter writer_;
    StampedPuts puts_;
    std::size_t limit_;
    std::string iterator_;
    std::string put_;
    std::string poll_;
    std::vector<Delivered> delivered_;
};

// The stream on which the consumer function reports.
class Reports {
  public:
    explicit Reports(const Options& o) : setup_(o.port) {
        for (const auto& shard : setup_.shards(o.report_stream)) {
            iterators_.push_back(setup_.iterator(o.report_stream, shard, "LATEST"));
        }
    }
    // What came since the last call, as `take(Report, details)`.
    template <class Take>
    void poll(Take take) {
        for (std::string& iterator : iterators_) {
            const std::string body =
                setup_.kinesis("GetRecords", get_records_body(iterator, 10'000));
            each_data(body, [&](std::string_view data) {
                if (const auto head = read_raw<Report>(data)) {
                    take(*head, data.substr(sizeof(Report)));
                }
            });
            iterator = text_member(body, "NextShardIterator");
        }
    }

  private:
    SetupClient setup_;
    std::vector<std::string> iterators_;
};

class PutConsume final : public Workload {
  public:
    explicit PutConsume(const Options& o) : setup_(o.port), puts_(o), reports_(o) {}
    std::string_view next(std::size_t) override { return put_ = puts_.next(); }
    void finish(std::uint64_t from_ns, Findings& findings) override {
        findings.expected = puts_.sent_since(from_ns);
        // In the order of the shard: once this is delivered, so is all that came before.
        setup_.kinesis("PutRecord", puts_.body({.flush = 1}));
        const std::uint64_t deadline = now_ns() + report_ns_max;
        bool is_over = false;
        while (!is_over && now_ns() < deadline) {
            std::this_thread::sleep_for(report_poll);
            reports_.poll([&](const Report& head, std::string_view details) {
                for (std::uint32_t i = 0; i < head.details; ++i) {
                    Delivered d;
                    std::memcpy(&d, details.data() + i * sizeof d, sizeof d);
                    add(d, from_ns, findings);
                }
                is_over = is_over || head.details == 0;
            });
        }
        if (!is_over) give_up("the consumer function does not report");
    }

  private:
    SetupClient setup_;
    StampedPuts puts_;
    Reports reports_;
    std::string put_;
};

// Nothing is sent: the records are there already, and a mapping begins to deliver them.
class Deliver final : public Workload {
  public:
    explicit Deliver(const Options& o)
        : reports_(o), awaited_(o.records), deadline_(now_ns() + to_ns(o.seconds)) {
        if (awaited_ == 0) give_up("deliver needs --records");
    }
    std::string_view next(std::size_t) override { return {}; }
    bool finished() const override { return true; }
    void finish(std::uint64_t, Findings& findings) override {
        std::uint64_t first_batch = 0;
        std::uint64_t first_ns = 0;
        std::uint64_t last_ns = 0;
        while (findings.delivered < awaited_ && now_ns() < deadline_) {
            std::this_thread::sleep_for(report_poll);
            reports_.poll([&](const Report& head, std::string_view) {
                if (first_ns == 0) {
                    first_ns = head.got_ns;
                    first_batch = head.records;
                }
                last_ns = std::max(last_ns, head.got_ns);
                findings.delivered += head.records;
            });
        }
        findings.expected = awaited_;
        // A batch is counted when it arrives: the first marks the start.
        if (last_ns > first_ns) {
            findings.records_per_second = static_cast<double>(findings.delivered - first_batch) *
                                          second_ns / static_cast<double>(last_ns - first_ns);
        }
    }

  private:
    static std::uint64_t to_ns(double seconds) {
        return static_cast<std::uint64_t>(seconds * second_ns);
    }
    Reports reports_;
    std::uint64_t awaited_;
    std::uint64_t deadline_;
};

}  // namespace

std::unique_ptr<Workload> make_put_poll(const Options& o) { return std::make_unique<PutPoll>(o); }
std::unique_ptr<Workload> make_put_consume(const Options& o) {
    return std::make_unique<PutConsume>(o);
}
std::unique_ptr<Workload> make_deliver(const Options& o) { return std::make_unique<Deliver>(o); }

}  // namespace mill::bench
