// SPDX-License-Identifier: Apache-2.0
// no_acked_loss: writers put records of 1 byte to 1 MiB into several streams, readers read all the
// while. What was acknowledged, or has once been read, stays readable under its number, once, with
// its bytes, and in the order in which it was acknowledged. A put is refused with InternalFailure
// only, and when the disk is well again writing goes on without a restart.
#pragma once

#include <map>

#include "sim/world/workload.h"

namespace mill::sim {

// What was put and read, as the clients saw it. A record is named by its partition key.
struct Ledger {
    struct Put {
        std::string stream;
        std::string key;
        std::size_t bytes = 0;
        std::uint64_t began = 0;
        std::uint64_t acknowledged = 0;  // 0: refused, or nobody knows
        std::string shard_id;
        std::string sequence_number;
    };
    struct Sighting {
        std::string stream;
        StoredRecord record;
    };
    std::uint64_t tick() { return ++now; }

    std::uint64_t now = 0;
    std::vector<Put> puts;
    std::map<std::string, std::string> seen;  // "stream shard number" to key: read at some time
    std::vector<Sighting> left;               // read in the end: shard by shard, in order
};

// The bytes that a record of that key and size has.
Bytes ledger_data(const std::string& key, std::size_t bytes);

std::vector<std::string> ledger_violations(const Ledger& ledger);

class NoAckedLoss final : public Workload {
  public:
    explicit NoAckedLoss(World& world) : world_(world) {}
    Task<Result<void>> set_up() override;
    void start() override;
    bool is_done() override { return writers_left_ == 0; }
    Task<Result<void>> finish() override;
    std::vector<std::string> violations() override;

  private:
    Task<void> write(int writer);
    Task<void> put_one(int writer);
    Task<void> put_some(int writer);
    Task<void> read();
    Task<Result<void>> check_writable(std::string stream);
    std::uint64_t random(std::uint64_t below) { return world_.machine().random(below); }
    Task<void> sleep(std::uint64_t ms_max);
    std::size_t begin(int writer, const std::string& stream, std::size_t bytes_max);
    const std::string& any_stream() { return streams_[random(streams_.size())]; }
    void acknowledge(std::size_t put, const PutAnswer& answer);
    void note_refusal(const std::string& what, const Error& error);

    World& world_;
    std::vector<std::string> streams_;
    std::map<std::string, std::vector<std::string>> shards_;
    Ledger ledger_;
    std::vector<std::string> refusals_;
    std::uint64_t number_ = 0;
    int writers_left_ = 0;
    Scope scope_;
};

}  // namespace mill::sim
