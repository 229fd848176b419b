// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/pipeline.h"

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>

#include "base/bytes.h"
#include "tests/crash/verdict.h"

namespace mill::crash {
namespace {

constexpr int batch_size = 20;
constexpr int waits_max = 1200;  // of 50 ms at most

// A zip of one executable, "bootstrap".
std::string zip_of(const std::string& program) {
    zip_source_t* const buffer = zip_source_buffer_create(nullptr, 0, 0, nullptr);
    zip_source_keep(buffer);
    zip_t* const archive = zip_open_from_source(buffer, ZIP_TRUNCATE, nullptr);
    zip_source_t* const file = zip_source_file(archive, program.c_str(), 0, -1);
    const zip_int64_t index = zip_file_add(archive, "bootstrap", file, 0);
    if (index < 0) give_up("cannot pack " + program);
    const auto place = static_cast<zip_uint64_t>(index);
    zip_set_file_compression(archive, place, ZIP_CM_STORE, 0);
    zip_file_set_external_attributes(archive, place, 0, ZIP_OPSYS_UNIX, 0100755U << 16);
    if (zip_close(archive) < 0) give_up("cannot pack " + program);
    zip_stat_t status;
    zip_source_stat(buffer, &status);
    std::string bytes(status.size, '\0');
    zip_source_open(buffer);
    zip_source_read(buffer, bytes.data(), bytes.size());
    zip_source_close(buffer);
    zip_source_free(buffer);
    return bytes;
}

void must(const std::optional<Reply>& reply, const char* what) {
    if (!reply) give_up(fmt::format("{}: the server went away", what));
    if (reply->status >= 300)
        give_up(fmt::format("{}: {} {}", what, reply->status, reply->body.substr(0, 300)));
}

}  // namespace

void Pipeline::set_up(Connection& server) {
    std::string function = fmt::format(
        R"({{"FunctionName":"consumer","Runtime":"provided.al2023","Handler":"none","Timeout":20,)"
        R"("Role":"arn:aws:iam::000000000000:role/crash",)"
        R"("Environment":{{"Variables":{{"SINK_PORT":"{}"}}}},"Code":{{"ZipFile":")",
        sink_.port());
    base64_append(zip_of(consumer_), function);
    must(server.lambda("/2015-03-31/functions", function + "\"}}"), "CreateFunction");
    must(server.lambda(
             "/2015-03-31/event-source-mappings/",
             fmt::format(
                 R"({{"FunctionName":"consumer","BatchSize":{},"StartingPosition":"TRIM_HORIZON",)"
                 R"("EventSourceArn":"arn:aws:kinesis:us-east-1:000000000000:stream/{}"}})",
                 batch_size, stream)),
         "CreateEventSourceMapping");
}

std::vector<std::string> Pipeline::judge(const Shards& shards, const std::vector<Batch>& batches) {
    for (const auto& [shard, records] : shards) {
        // The batch that was on its way, and one that was answered just before the kill.
        deliveries_.try_emplace(shard, 2UL * batch_size).first->second.know(records);
    }
    std::vector<std::string> violations;
    for (const Batch& batch : batches) {
        const auto at = deliveries_.find(batch.shard);
        if (at == deliveries_.end())
            violations.push_back("a batch of no shard: " + batch.shard);
        else
            at->second.deliver(batch, violations);
    }
    return violations;
}

std::vector<std::string> Pipeline::judge(const Shards& shards) {
    return judge(shards, sink_.take());
}

std::vector<std::string> Pipeline::drain(const Shards& shards) {
    std::vector<std::string> violations = judge(shards);
    for (int n = 0; n < waits_max && violations.empty(); ++n) {
        if (std::ranges::all_of(deliveries_, [](const auto& d) { return d.second.is_complete(); }))
            return {};
        violations = judge(shards, sink_.wait());
    }
    if (violations.empty())
        violations.push_back("records of the mapping's stream are not delivered");
    return violations;
}

std::size_t Pipeline::delivered() const {
    std::size_t sum = 0;
    for (const auto& [shard, deliveries] : deliveries_) sum += deliveries.delivered();
    return sum;
}

std::size_t Pipeline::repeated() const {
    std::size_t sum = 0;
    for (const auto& [shard, deliveries] : deliveries_) sum += deliveries.repeated();
    return sum;
}

}  // namespace mill::crash
