// SPDX-License-Identifier: Apache-2.0
// A Kinesis client for functions: puts records, signed with SigV4, over a connection that is kept.
// Endpoint, region and credentials come from the environment that Lambda sets
// (AWS_ENDPOINT_URL_KINESIS, AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID,
// AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN). Not thread-safe: one client per thread.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace millrace {

// What Kinesis answered, or why it could not be reached. what() is "Code: message".
class KinesisError : public std::runtime_error {
  public:
    KinesisError(std::string code, const std::string& message)
        : std::runtime_error(code + ": " + message), code_(std::move(code)) {}
    const std::string& code() const { return code_; }

  private:
    std::string code_;
};

struct PutRecordEntry {
    std::string partition_key;
    std::string data;
};

struct PutRecordResult {
    std::string shard_id;
    std::string sequence_number;
    std::string error_code;  // PutRecords only: empty for a record that was stored
    std::string error_message;
};

class Kinesis {
  public:
    Kinesis();  // throws KinesisError if the environment lacks a region or credentials
    ~Kinesis();
    Kinesis(Kinesis&&) noexcept;
    Kinesis& operator=(Kinesis&&) noexcept;

    // Throttling, server errors and broken connections are tried again, three attempts in all, as
    // the AWS SDKs do; a record whose answer was lost may then be stored twice.
    PutRecordResult put_record(const std::string& stream, const std::string& partition_key,
                               const std::string& data);
    // Up to 500. Records may fail one by one: look at error_code.
    std::vector<PutRecordResult> put_records(const std::string& stream,
                                             const std::vector<PutRecordEntry>& records);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace millrace
