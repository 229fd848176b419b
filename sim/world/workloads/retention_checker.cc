// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/retention_checker.h"

#include <fmt/format.h>

#include <set>

namespace mill::sim {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t violations_max = 10;
// The clock may have been ahead once, by as much as it has ever shown or will have been stepped.
constexpr auto margin = std::chrono::minutes(30);

class Checker {
  public:
    Checker(const std::vector<KeptPut>& puts, const Look& look,
            const std::map<std::string, milliseconds>& kept)
        : puts_(puts), look_(look), kept_(kept) {
        for (const KeptPut& put : puts) by_key_[put.key] = &put;
    }

    std::vector<std::string> violations() {
        for (const auto& [stream, records] : look_.records) check_read(stream, records);
        for (const KeptPut& put : puts_) check_kept(put);
        return std::move(violations_);
    }

  private:
    void broken(std::string what) {
        if (violations_.size() < violations_max) violations_.push_back(std::move(what));
    }

    static std::string place(const std::string& stream, const std::string& shard,
                             const std::string& number) {
        return stream + " " + shard + " " + number;
    }

    void check_read(const std::string& stream, const std::vector<StoredRecord>& records) {
        const milliseconds kept = kept_.at(stream);
        const StoredRecord* before = nullptr;
        for (const StoredRecord& record : records) {
            const std::string& number = record.sequence_number;
            found_[place(stream, record.shard_id, number)] = record.partition_key;
            if (!keys_.insert(record.partition_key).second)
                broken(record.partition_key + ": is there twice");
            const auto put = by_key_.find(record.partition_key);
            if (put == by_key_.end() || put->second->stream != stream) {
                broken(record.partition_key + ": nobody has put it into " + stream);
            } else if (put->second->data != record.data) {
                broken(record.partition_key + ": its bytes have changed");
            }
            if (record.arrival + kept < look_.earliest)
                broken(fmt::format("{}: is read {} ms beyond retention", record.partition_key,
                                   (look_.earliest - record.arrival - kept).count()));
            if (before && before->shard_id == record.shard_id && !is_less(*before, record))
                broken(fmt::format("{}: is read after {}", number, before->sequence_number));
            before = &record;
        }
    }

    void check_kept(const KeptPut& put) {
        const milliseconds kept = kept_.at(put.stream);
        if (!put.is_acknowledged || put.began + kept <= look_.latest + margin) return;
        const auto found = found_.find(place(put.stream, put.shard_id, put.sequence_number));
        if (found == found_.end() || found->second != put.key)
            broken(fmt::format("{}: is gone from {} {} ms before its time", put.key, put.stream,
                               (put.began + kept - look_.latest).count()));
    }

    // Numbers have no leading zeros.
    static bool is_less(const StoredRecord& a, const StoredRecord& b) {
        const std::string& x = a.sequence_number;
        const std::string& y = b.sequence_number;
        return x.size() != y.size() ? x.size() < y.size() : x < y;
    }

    const std::vector<KeptPut>& puts_;
    const Look& look_;
    const std::map<std::string, milliseconds>& kept_;
    std::map<std::string, const KeptPut*> by_key_;
    std::map<std::string, std::string> found_;
    std::set<std::string> keys_;
    std::vector<std::string> violations_;
};

}  // namespace

std::vector<std::string> retention_violations(const std::vector<KeptPut>& puts, const Look& look,
                                              const std::map<std::string, milliseconds>& kept) {
    return Checker(puts, look, kept).violations();
}

std::uint64_t room_max(std::uint64_t kept_bytes, std::uint64_t segment_file_bytes_max,
                       std::uint64_t segment_bytes, std::uint64_t percent) {
    constexpr std::uint64_t files_beside = 4;
    const std::uint64_t files = kept_bytes * 100 / percent / segment_bytes + files_beside;
    return files * segment_file_bytes_max;
}

}  // namespace mill::sim
