// SPDX-License-Identifier: Apache-2.0
// A function as it is kept in the Table: $LATEST in "lambda/function/<account>/<region>/<name>",
// what was published of it in "lambda/version/<account>/<region>/<name>/<number>". Members may be
// added, never renamed.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/lambda/functions/function_name.h"
#include "wire/shape.h"

namespace mill::lambda {

// What a function keeps of a layer's version, which may be deleted meanwhile.
struct FunctionLayer {
    std::string arn;
    std::string code_sha256;  // hexadecimal: the blob's name
    std::int64_t code_bytes = 0;

    static constexpr auto shape() {
        using L = FunctionLayer;
        return wire::structure("FunctionLayer", wire::member<&L::arn>("Arn"),
                               wire::member<&L::code_sha256>("CodeSha256"),
                               wire::member<&L::code_bytes>("CodeSize"));
    }
};

struct Function {
    std::string account;
    std::string region;
    std::string name;
    std::string runtime;
    std::string role;
    std::string handler;
    std::string description;
    std::int64_t timeout_seconds = 3;
    std::int64_t memory_mb = 128;
    std::int64_t scratch_mb = 512;
    std::optional<std::map<std::string, std::string>> variables;  // absent if never set
    std::vector<std::string> architectures = {"x86_64"};
    std::string tracing_mode = "PassThrough";
    std::string log_group;  // empty: /aws/lambda/<name>
    std::map<std::string, std::string> tags;
    std::string code_sha256;  // hexadecimal: the blob's name
    std::int64_t code_bytes = 0;
    std::vector<FunctionLayer> layers;  // the later over the earlier
    std::string last_modified;          // "2026-01-12T15:37:17.000+0000"
    std::string revision_id;            // new with each change, also when a version is published
    std::string version = std::string(latest_version);
    // Environments of one build are interchangeable: new with each change of code or configuration.
    std::string build_id;
    std::int64_t last_version = 0;  // of $LATEST: the highest number given yet, also if it is gone
    std::optional<std::int64_t> reserved_concurrency;  // of $LATEST, for all versions together
    std::string dead_letter_arn;    // of a queue or topic for events that fail; empty: none
    std::string published_content;  // of a version: content_of() what it was made of

    static constexpr auto shape() {
        using F = Function;
        return wire::structure(
            "Function", wire::member<&F::account>("Account"), wire::member<&F::region>("Region"),
            wire::member<&F::name>("FunctionName"), wire::member<&F::runtime>("Runtime"),
            wire::member<&F::role>("Role"), wire::member<&F::handler>("Handler"),
            wire::member<&F::description>("Description"),
            wire::member<&F::timeout_seconds>("Timeout"), wire::member<&F::memory_mb>("MemorySize"),
            wire::member<&F::scratch_mb>("EphemeralStorageSize"),
            wire::member<&F::variables>("Variables"),
            wire::member<&F::architectures>("Architectures"),
            wire::member<&F::tracing_mode>("TracingMode"), wire::member<&F::log_group>("LogGroup"),
            wire::member<&F::tags>("Tags"), wire::member<&F::code_sha256>("CodeSha256"),
            wire::member<&F::code_bytes>("CodeSize"), wire::member<&F::layers>("Layers"),
            wire::member<&F::last_modified>("LastModified"),
            wire::member<&F::revision_id>("RevisionId"), wire::member<&F::version>("Version"),
            wire::member<&F::build_id>("BuildId"), wire::member<&F::last_version>("LastVersion"),
            wire::member<&F::reserved_concurrency>("ReservedConcurrentExecutions"),
            wire::member<&F::published_content>("PublishedContent"),
            wire::member<&F::dead_letter_arn>("DeadLetterTargetArn"));
    }
    FunctionId id() const { return {account, region, name}; }
    bool is_published() const { return version != latest_version; }
    // With the version's number, if it has one.
    std::string arn() const { return is_published() ? id().arn() + ":" + version : id().arn(); }
    std::string effective_log_group() const {
        return log_group.empty() ? "/aws/lambda/" + name : log_group;
    }
};

// The zips that a function lives on: its own and those of its layers.
std::vector<std::string> blobs_of(const std::vector<FunctionLayer>& layers);
void add_blobs(const Function& function, std::set<std::string>& used);

// Immutable once published; a change makes a new one, and whoever holds the old one finishes with
// it.
using FunctionPtr = std::shared_ptr<const Function>;

}  // namespace mill::lambda
