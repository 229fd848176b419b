// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/backup_checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace mill::sim {
namespace {

constexpr std::size_t violations_max = 10;

// Numbers have no leading zeros.
bool is_less(const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

class Checker {
  public:
    using Put = WritingHistory::Put;
    using Mark = WritingHistory::Mark;
    using Moment = WritingHistory::Moment;

    Checker(const WritingHistory& history, const BackupTaken& backup, const RestoredState& restored)
        : history_(history), backup_(backup), restored_(restored) {
        for (const Put& put : history.puts) puts_[put.key] = &put;
        for (const Mark& mark : history.marks) marks_[mark.name] = &mark;
    }

    std::vector<std::string> violations() {
        for (const auto& [stream, records] : restored_.records) check_records(stream, records);
        for (const std::string& name : restored_.marks) check_mark(name);
        for (const Put& put : history_.puts) check_put(put);
        for (const Mark& mark : history_.marks) {
            if (!kept_.contains(mark.name)) check_missing(mark.name, mark.acknowledged);
        }
        check_order();
        for (const auto& [shard, position, records] : restored_.checkpoints) {
            if (position > records)
                broken(fmt::format("{}: the checkpoint stands at {} of {} records", shard, position,
                                   records));
        }
        return std::move(violations_);
    }

  private:
    void broken(const std::string& what) {
        if (violations_.size() < violations_max)
            violations_.push_back(backup_.directory + ": " + what);
    }

    void check_records(const std::string& stream, const std::vector<StoredRecord>& records) {
        const StoredRecord* before = nullptr;
        for (const StoredRecord& record : records) {
            const std::string& key = record.partition_key;
            if (before && before->shard_id == record.shard_id &&
                !is_less(before->sequence_number, record.sequence_number))
                broken(fmt::format("{} is read after {}", record.sequence_number,
                                   before->sequence_number));
            before = &record;
            const auto found = puts_.find(key);
            if (found == puts_.end() || found->second->stream != stream ||
                found->second->began > backup_.ended) {
                broken(key + ": nobody had sent it to " + stream);
                continue;
            }
            const Put& put = *found->second;
            if (put.data != record.data) broken(key + ": its bytes have changed");
            if (put.acknowledged != 0 &&
                (put.shard_id != record.shard_id || put.sequence_number != record.sequence_number))
                broken(key + ": lies at another place than was acknowledged");
            if (!kept_.insert(key).second) broken(key + ": is there twice");
            latest_begin_ = std::max(latest_begin_, put.began);
        }
    }

    void check_mark(const std::string& name) {
        const auto found = marks_.find(name);
        if (found == marks_.end() || found->second->began > backup_.ended)
            return broken(name + ": nobody had asked for it");
        kept_.insert(name);
        latest_begin_ = std::max(latest_begin_, found->second->began);
    }

    void check_put(const Put& put) {
        if (put.acknowledged == 0 || kept_.contains(put.key)) return;
        const auto deletion = history_.deletions.find(put.stream);
        const bool may_be_gone =
            deletion != history_.deletions.end() && deletion->second < backup_.ended;
        if (may_be_gone && !restored_.records.contains(put.stream)) return;
        check_missing(put.key + " in " + put.stream, put.acknowledged);
    }

    void check_missing(const std::string& what, Moment acknowledged) {
        if (acknowledged == 0) return;
        if (acknowledged < backup_.began)
            broken(what + ": was acknowledged before the backup began, and is missing");
        else if (acknowledged < latest_begin_)
            broken(what + ": is missing, and what began later is there");
    }

    // One that began after another was acknowledged lies behind it.
    void check_order() {
        std::map<std::string, std::vector<const Put*>> shards;
        for (const auto& [key, put] : puts_) {
            if (!kept_.contains(key)) continue;
            if (put->acknowledged != 0) shards[put->stream + " " + put->shard_id].push_back(put);
        }
        for (auto& [shard, puts] : shards) {
            std::ranges::sort(puts, is_less, &Put::sequence_number);
            Moment latest = 0;  // begin of those before
            for (const Put* put : puts) {
                if (put->acknowledged < latest)
                    broken(shard + ": " + put->key +
                           " lies behind one that began after it was acknowledged");
                latest = std::max(latest, put->began);
            }
        }
    }

    const WritingHistory& history_;
    const BackupTaken& backup_;
    const RestoredState& restored_;
    std::map<std::string, const Put*> puts_;
    std::map<std::string, const Mark*> marks_;
    std::set<std::string> kept_;  // of both
    Moment latest_begin_ = 0;     // of what is there
    std::vector<std::string> violations_;
};

}  // namespace

std::vector<std::string> backup_violations(const WritingHistory& history, const BackupTaken& backup,
                                           const RestoredState& restored) {
    return Checker(history, backup, restored).violations();
}

}  // namespace mill::sim
