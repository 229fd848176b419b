// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/kinesis.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <chrono>
#include <thread>

#include "base/bytes.h"
#include "tests/crash/verdict.h"

namespace mill::crash {
namespace {

namespace json = simdjson::dom;

constexpr auto poll_pause = std::chrono::milliseconds(2);
constexpr int polls_max = 15'000;

json::element parsed(json::parser& parser, const std::string& body) {
    json::element root;
    if (parser.parse(body).get(root)) give_up("an answer is not JSON: " + body.substr(0, 200));
    return root;
}

std::string text(json::element object, const char* name) {
    std::string_view value;
    if (object[name].get(value)) return "";
    return std::string(value);
}

std::string refusal(const Reply& reply) {
    return fmt::format("{} {}", reply.status, reply.body.substr(0, 300));
}

std::string named(const std::string& stream) {
    return fmt::format(R"({{"StreamName":"{}"}})", stream);
}

PutAnswer put_answer(json::element object) {
    return {.shard = text(object, "ShardId"),
            .number = text(object, "SequenceNumber"),
            .error = text(object, "ErrorCode")};
}

void append_entry(std::string& body, const Put& put) {
    body += R"({"PartitionKey":")" + put.key + R"(","Data":")";
    base64_append(data_of(put.key, put.bytes), body);
    body += "\"}";
}

Reply must_answer(Connection& server, std::string_view operation, const std::string& body) {
    auto reply = server.kinesis(operation, body);
    if (!reply) give_up(fmt::format("{}: the server went away", operation));
    if (reply->status != 200) give_up(fmt::format("{}: {}", operation, refusal(*reply)));
    return std::move(*reply);
}

Found found(json::element record) {
    std::string_view data;
    if (record["Data"].get(data)) give_up("a record without data");
    Found one{.number = text(record, "SequenceNumber"), .key = text(record, "PartitionKey")};
    std::string expected;
    // The key ends in the size.
    const auto dash = one.key.rfind('-');
    const std::size_t bytes =
        dash == std::string::npos ? 0 : std::strtoull(one.key.c_str() + dash + 1, nullptr, 10);
    base64_append(data_of(one.key, bytes), expected);
    one.is_whole = data == expected;
    return one;
}

struct Page {
    Shard records;
    std::string next;
};

std::string iterator_body(const std::string& stream, const std::string& shard,
                          const std::string& after) {
    if (after.empty())
        return fmt::format(
            R"({{"StreamName":"{}","ShardId":"{}","ShardIteratorType":"TRIM_HORIZON"}})", stream,
            shard);
    return fmt::format(
        R"({{"StreamName":"{}","ShardId":"{}","ShardIteratorType":"AFTER_SEQUENCE_NUMBER",)"
        R"("StartingSequenceNumber":"{}"}})",
        stream, shard, after);
}

Page page_of(json::parser& parser, const Reply& reply) {
    const auto answer = parsed(parser, reply.body);
    Page page{.next = text(answer, "NextShardIterator")};
    json::array records;
    if (answer["Records"].get(records)) give_up("GetRecords without Records");
    for (const json::element record : records) page.records.push_back(found(record));
    return page;
}

std::string get_body(const std::string& iterator) {
    return fmt::format(R"({{"ShardIterator":"{}"}})", iterator);
}

}  // namespace

std::optional<std::vector<PutAnswer>> put_record(Connection& server, const Put& put) {
    std::string body =
        fmt::format(R"({{"StreamName":"{}","PartitionKey":"{}","Data":")", put.stream, put.key);
    base64_append(data_of(put.key, put.bytes), body);
    body += "\"}";
    const auto reply = server.kinesis("PutRecord", body);
    if (!reply) return std::nullopt;
    if (reply->status != 200) return std::vector<PutAnswer>{{.error = refusal(*reply)}};
    json::parser parser;
    return std::vector{put_answer(parsed(parser, reply->body))};
}

std::optional<std::vector<PutAnswer>> put_records(Connection& server,
                                                  const std::vector<Put>& puts) {
    std::string body = fmt::format(R"({{"StreamName":"{}","Records":[)", puts.front().stream);
    for (const Put& put : puts) {
        if (&put != &puts.front()) body += ',';
        append_entry(body, put);
    }
    const auto reply = server.kinesis("PutRecords", body + "]}");
    if (!reply) return std::nullopt;
    if (reply->status != 200)
        return std::vector<PutAnswer>(puts.size(), {.error = refusal(*reply)});
    json::parser parser;
    json::array records;
    if (parsed(parser, reply->body)["Records"].get(records)) give_up("PutRecords without Records");
    std::vector<PutAnswer> answers;
    for (const json::element record : records) answers.push_back(put_answer(record));
    if (answers.size() != puts.size()) give_up("PutRecords answered for other records");
    return answers;
}

std::optional<std::string> create_stream(Connection& server, const std::string& name, int shards) {
    const auto reply = server.kinesis(
        "CreateStream", fmt::format(R"({{"StreamName":"{}","ShardCount":{}}})", name, shards));
    if (!reply) return std::nullopt;
    return reply->status == 200 ? "200" : refusal(*reply);
}

std::optional<std::string> delete_stream(Connection& server, const std::string& name) {
    const auto reply = server.kinesis("DeleteStream", named(name));
    if (!reply) return std::nullopt;
    return reply->status == 200 ? "200" : refusal(*reply);
}

std::optional<std::string> stream_status(Connection& server, const std::string& name) {
    const auto reply = server.kinesis("DescribeStreamSummary", named(name));
    if (!reply) return std::nullopt;
    if (reply->status == 400 && reply->body.find("ResourceNotFound") != std::string::npos)
        return "";
    if (reply->status != 200) give_up("DescribeStreamSummary: " + refusal(*reply));
    json::parser parser;
    std::string_view status;
    if (parsed(parser, reply->body)["StreamDescriptionSummary"]["StreamStatus"].get(status))
        give_up("a stream without a status");
    return std::string(status);
}

void await_active(Connection& server, const std::string& name) {
    for (int n = 0; n < polls_max; ++n) {
        const auto status = stream_status(server, name);
        if (!status) give_up(name + " was not made: the server went away");
        if (*status == "ACTIVE") return;
        std::this_thread::sleep_for(poll_pause);
    }
    give_up(name + " does not become ACTIVE");
}

Shard read_shard(Connection& server, const std::string& stream, const std::string& shard,
                 const std::string& after) {
    json::parser parser;
    const Reply start =
        must_answer(server, "GetShardIterator", iterator_body(stream, shard, after));
    std::string iterator = text(parsed(parser, start.body), "ShardIterator");
    Shard all;
    while (true) {
        Page page = page_of(parser, must_answer(server, "GetRecords", get_body(iterator)));
        if (page.records.empty()) return all;
        std::move(page.records.begin(), page.records.end(), std::back_inserter(all));
        iterator = std::move(page.next);
    }
}

std::optional<Shard> read_page(Connection& server, const std::string& stream,
                               const std::string& shard, const std::string& after) {
    json::parser parser;
    const auto start = server.kinesis("GetShardIterator", iterator_body(stream, shard, after));
    if (!start) return std::nullopt;
    if (start->status != 200) give_up("GetShardIterator: " + refusal(*start));
    const auto reply =
        server.kinesis("GetRecords", get_body(text(parsed(parser, start->body), "ShardIterator")));
    if (!reply) return std::nullopt;
    if (reply->status != 200) give_up("GetRecords: " + refusal(*reply));
    return page_of(parser, *reply).records;
}

std::vector<std::string> shard_ids(Connection& server, const std::string& stream) {
    json::parser parser;
    const Reply reply = must_answer(server, "ListShards", named(stream));
    json::array shards;
    if (parsed(parser, reply.body)["Shards"].get(shards)) give_up("ListShards without Shards");
    std::vector<std::string> ids;
    for (const json::element shard : shards) ids.push_back(text(shard, "ShardId"));
    return ids;
}

}  // namespace mill::crash
