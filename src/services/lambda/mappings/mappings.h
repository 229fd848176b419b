// SPDX-License-Identifier: Apache-2.0
// Event source mappings: which stream or queue feeds which function, and the pollers that do it.
//
// Owns the rows "lambda/mapping/<uuid>", "lambda/checkpoint/<uuid>/<shard>",
// "lambda/source/<uuid>", which names the stream that the checkpoints are of, and
// "lambda/result/<uuid>". A mapping's starting position is resolved for every shard when it is
// created and stored with it, so records put after the answer are never missed. After a crash
// polling goes on from the checkpoints: the batch in flight is delivered again, nothing is skipped.
// Cost: one coroutine per shard, asleep until the shard's next append. A queue keeps itself what
// was not handled yet: nothing but the mapping is stored here (queue_run.h).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "machine/machine.h"
#include "services/lambda/mappings/checkpoints.h"
#include "services/lambda/mappings/discards.h"
#include "services/lambda/mappings/mapping.h"
#include "services/lambda/mappings/mapping_counts.h"
#include "services/lambda/mappings/mapping_options.h"
#include "services/ports/failure_destination.h"
#include "services/ports/invoker.h"
#include "services/ports/key_store.h"
#include "services/ports/queue_source.h"
#include "services/ports/record_source.h"
#include "storage/stream_log.h"

namespace mill::lambda {

struct FunctionTarget {
    std::string arn;   // as named, with the qualifier if there was one
    std::string role;  // the execution role's ARN
    std::int64_t timeout_seconds = 3;
};
// By name, partial or full ARN; ResourceNotFoundException as GetFunction words it.
using FunctionLookup =
    std::function<Result<FunctionTarget>(const Caller& caller, const std::string& function)>;

class MappingRun;

class Mappings {
  public:
    struct Create {
        std::string function;  // as the caller named it
        std::string source_arn;
        std::string starting_position;  // empty: none
        std::optional<WallTime> starting_time;
        MappingSettings settings;
        bool enabled = true;
        std::map<std::string, std::string> tags = {};
    };
    struct Update {
        std::optional<std::string> function;
        std::optional<bool> enabled;
        SettingsChange settings;
    };

    static Result<std::unique_ptr<Mappings>> open(Machine& machine, storage::Table& table,
                                                  ports::RecordSource& source,
                                                  ports::Invoker& invoker,
                                                  FunctionLookup functions);
    ~Mappings();
    // Where documents on failed records can go. Before start().
    void set_destinations(ports::FailureDestinations destinations) {
        destinations_ = std::move(destinations);
    }

    // Before start(). Without them nothing reads queues.
    void set_queues(ports::QueueSource& queues) { queues_ = &queues; }
    // Without them a KMSKeyArn is not looked up.
    void set_keys(const ports::KeyStore& keys) { keys_ = &keys; }

    void start();       // begins polling, finishes changes that a crash interrupted
    Task<void> stop();  // waits for deliveries under way, then ends polling
    void end_tasks();   // at once

    Task<Result<MappingDescription>> create(Caller caller, Create request);
    Result<MappingDescription> get(const Caller& caller, const std::string& uuid) const;
    // Sorted by UUID; empty filters match everything. Those of a version or an alias are not those
    // of its function.
    std::vector<MappingDescription> list(const Caller& caller, const std::string& source_arn,
                                         const std::string& function_arn) const;
    Task<Result<MappingDescription>> update(Caller caller, std::string uuid, Update request);
    Task<Result<MappingDescription>> remove(Caller caller, std::string uuid);
    Result<std::map<std::string, std::string>> tags(const Caller& caller,
                                                    const std::string& uuid) const;
    Task<Result<void>> set_tags(Caller caller, std::string uuid,
                                std::map<std::string, std::string> tags);

    // Beyond AWS, for `millrace mapping`: of whatever account. What goes on, shard by shard.
    Result<wire::Value> status(const std::string& uuid) const;
    // Sets the checkpoints anew, durably, once deliveries under way are done: to "TRIM_HORIZON",
    // a time (ISO 8601 or epoch seconds), or a sequence number: that record's shard, and the shards
    // that were made of it.
    Task<Result<void>> rewind(std::string uuid, std::string to);
    // Drives the records that were given up through the function once more.
    Task<Result<wire::Value>> replay_discarded(std::string uuid);
    // In Prometheus' text format.
    std::string metrics_text() const;

    // Whether a function that runs for so long can handle what queues feed it with:
    // InvalidParameterValueException.
    Result<void> check_timeout(const std::string& function_arn, std::int64_t seconds) const;

    // Until a change under way (State Creating, Updating, Deleting ...) is finished. For stacks.
    Task<void> settled(std::string uuid);

  private:
    struct Entry {
        Mapping mapping;
        std::shared_ptr<Discards> discards;  // a replay may outlive the entry
        MappingCounts counts;
        std::unique_ptr<MappingRun> run;
        bool changing = false;  // whoever sets it may await: nobody else removes the entry
        Entry(storage::Table& table, Mapping mapping);
        ~Entry();
    };
    Mappings(Machine& machine, storage::Table& table, ports::RecordSource& source,
             ports::Invoker& invoker, FunctionLookup functions);
    Result<void> check_new(const Create& request) const;
    // That it is there, and lets a function of that time-out handle what it gives.
    Result<void> check_source(const Caller& caller, const std::string& source_arn,
                              std::int64_t timeout_seconds) const;
    Result<void> check_key(const Caller& caller, const std::string& key_arn) const;
    // Of any mapping but `itself`.
    Result<void> check_unique(const std::string& source_arn, const std::string& function_arn,
                              const std::string& itself = {}) const;
    Result<Entry*> entry_of(const std::string& uuid) const;
    Task<Result<std::vector<storage::Table::Entry>>> rewound(Mapping mapping, std::string to);
    Result<void> load();
    Result<Entry*> find(const Caller& caller, const std::string& uuid) const;
    MappingDescription describe(const Entry& entry) const;
    Task<Result<std::vector<storage::Table::Entry>>> first_checkpoints(Mapping mapping);
    Task<Result<void>> store(Mapping mapping);
    // Carries out a change: ends the run, then starts it anew, leaves it off, or removes the
    // mapping.
    Task<Result<void>> erase(Mapping mapping);
    Task<void> apply(std::string uuid);
    Task<void> keep_results();
    void start_run(Entry& entry);
    // Of an entry that is changing: deliveries under way are settled, then the run is gone.
    Task<void> end_run(Entry& entry);

    Machine& machine_;
    storage::Table& table_;
    ports::RecordSource& source_;
    ports::Invoker& invoker_;
    ports::FailureDestinations destinations_;
    ports::QueueSource* queues_ = nullptr;
    const ports::KeyStore* keys_ = nullptr;
    FunctionLookup functions_;
    std::map<std::string, std::unique_ptr<Entry>> entries_;  // by UUID
    machine::Signal changed_;
    bool started_ = false;
    Scope changes_;  // last: its tasks use everything above
};

}  // namespace mill::lambda
