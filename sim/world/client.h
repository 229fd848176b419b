// SPDX-License-Identifier: Apache-2.0
// A client of the AWS HTTP APIs, as an SDK would be one: signed JSON over the simulated network, a
// connection per call and no retries, so that an error after sending means "nobody knows". Outlives
// its tasks' use of it; keeps no state.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "machine/machine.h"
#include "sim/world/event_reader.h"
#include "wire/http.h"
#include "wire/sigv4.h"
#include "wire/value.h"

namespace mill::sim {

struct PutAnswer {
    std::string shard_id;
    std::string sequence_number;
};

struct KeyedRecord {
    std::string partition_key;
    Bytes data;
};

struct StoredRecord {
    std::string shard_id;
    std::string sequence_number;
    std::string partition_key;
    Bytes data;
    WallTime arrival;
};

struct MappingSettings {
    std::int64_t batch_size = 10;
    std::int64_t window_seconds = 0;
    std::int64_t parallelization = 1;
    std::string starting_position = "TRIM_HORIZON";
    std::string source_arn = {};            // a consumer's, in place of the stream's
    wire::Value more = wire::Value::map();  // members of CreateEventSourceMapping beside these
};

class Client {
  public:
    // `machine` is whose network and clock are used: SimMachine::outside().
    Client(Machine& machine, machine::Endpoint server)
        : machine_(machine), server_(std::move(server)) {}

    Task<Result<void>> request_stream(std::string name, std::int64_t shards);  // done when answered
    Task<Result<void>> create_stream(std::string name,
                                     std::int64_t shards);  // done when it is ACTIVE
    Task<Result<std::string>> stream_arn(std::string name);
    Task<Result<PutAnswer>> put(std::string stream, std::string key, Bytes data);
    // Empty places are records that were refused.
    Task<Result<std::vector<std::optional<PutAnswer>>>> put_all(std::string stream,
                                                                std::vector<KeyedRecord> records);
    // All that the stream holds: shard by shard, in order.
    Task<Result<std::vector<StoredRecord>>> records(std::string stream);
    Task<Result<void>> request_function(std::string name, std::int64_t timeout_seconds);
    // A function on provided.al2023; the script that is registered under its name runs it. Done
    // when it is Active.
    Task<Result<void>> create_function(std::string name, std::int64_t timeout_seconds);
    Task<Result<Bytes>> invoke(std::string function, Bytes payload);
    Task<Result<std::string>> create_mapping(std::string function, std::string stream,
                                             MappingSettings settings);  // UUID
    // A new consumer's ARN.
    Task<Result<std::string>> register_consumer(std::string stream, std::string name);
    // What `millrace mapping rewind`, `replay-failed` and `show` ask for.
    Task<Result<void>> rewind_mapping(std::string uuid, std::string to);
    Task<Result<wire::Value>> replay_failed(std::string uuid);
    Task<Result<wire::Value>> show_mapping(std::string uuid);
    // "Enabled: OK": its state and the result of its last batch.
    Task<Result<std::string>> mapping_status(std::string uuid);

    Task<Result<void>> create_bucket(std::string name);
    Task<Result<std::vector<Bytes>>> objects(std::string bucket);

    // Everything of one shard that lies in retention.
    Task<Result<std::vector<StoredRecord>>> shard_records(std::string stream, std::string shard_id);
    Task<Result<std::vector<std::string>>> shard_ids(std::string stream);

    // An operation of CloudFormation; the answer's XML.
    Task<Result<Bytes>> call_cloudformation(
        std::string action, std::vector<std::pair<std::string, std::string>> parameters);
    // An operation of any service that speaks Query; the answer's XML.
    Task<Result<Bytes>> call_query(std::string service, std::string version, std::string action,
                                   std::vector<std::pair<std::string, std::string>> parameters);
    // Asks the server for a backup into that directory, signed with its root key.
    Task<Result<void>> back_up(std::string to, wire::Credentials root_key);
    Task<Result<std::vector<std::string>>> stream_names();
    Task<Result<void>> delete_stream(std::string name);
    // Any operation of a JSON service ("kinesis", "Kinesis_20131202.ListStreams").
    Task<Result<wire::Value>> call(std::string service, std::string target, wire::Value input);
    // One of them that answers with events; the request's errors as call() gives them.
    Task<Result<std::unique_ptr<EventReader>>> open_events(std::string service, std::string target,
                                                           wire::Value input);
    // Any operation of lambda; `input` null means no body.
    Task<Result<wire::Value>> call_lambda(std::string method, std::string path, wire::Value input);

  private:
    wire::http::Request json_request(std::string target, const wire::Value& input) const;
    void sign(wire::http::Request& request, const std::string& service) const;
    Task<Result<wire::http::Response>> exchange(std::string service, wire::http::Request request);
    Task<Result<wire::Value>> send(std::string service, wire::http::Request request);
    Task<Result<wire::Value>> ask_mapping(std::string method, std::string path);
    Task<Result<void>> read_shard(std::string stream, std::string shard_id,
                                  std::vector<StoredRecord>* into);
    Task<void> pause();

    Machine& machine_;
    machine::Endpoint server_;
};

}  // namespace mill::sim
