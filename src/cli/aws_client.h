// SPDX-License-Identifier: Apache-2.0
// Calls AWS APIs at a Millrace server, signed as the SDKs do. For the sam verbs and the demo: no
// protocol of our own.
#pragma once

#include <utility>
#include <vector>

#include "machine/machine.h"
#include "wire/http_client.h"
#include "wire/sigv4.h"
#include "wire/value.h"

namespace mill::cli {

struct Target {
    machine::Endpoint endpoint;
    std::string region = "us-east-1";
    wire::Credentials credentials{.access_key = "test", .secret_key = "test", .session_token = {}};
};

class AwsClient {
  public:
    AwsClient(Machine& machine, Target target) : machine_(machine), target_(std::move(target)) {}

    using Parameters = std::vector<std::pair<std::string, std::string>>;
    // AWS JSON: json("kinesis", "Kinesis_20131202.ListShards", input).
    Task<Result<wire::Value>> json(std::string service, std::string target, wire::Value input);
    // Query: the Result element of the answer; <member> lists become lists, elements without
    // children texts.
    Task<Result<wire::Value>> query(std::string service, std::string version, std::string action,
                                    Parameters parameters);
    // REST: any status below 400 is a success.
    Task<Result<wire::http::Response>> rest(std::string service, wire::http::Request request);
    const Target& target() const { return target_; }

  private:
    Machine& machine_;
    Target target_;
};

// CloudFormation, the one Query service the verbs use.
Task<Result<wire::Value>> cloudformation(AwsClient& client, std::string action,
                                         AwsClient::Parameters parameters);

}  // namespace mill::cli
