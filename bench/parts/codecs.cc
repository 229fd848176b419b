// SPDX-License-Identifier: Apache-2.0
// The pure parts of a put and of a delivery.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "base/bytes.h"
#include "model/hash_range.h"
#include "services/lambda/mappings/kinesis_event.h"
#include "storage/record_batch.h"
#include "wire/sigv4.h"
#include "wire/value.h"

namespace mill {
namespace {

constexpr int records = 500;
const WallTime arrival = from_epoch_ms(1'700'000'000'123);

Bytes data_of(std::size_t bytes) {
    Bytes data(bytes, '\0');
    std::uint32_t state = 1;
    for (char& c : data) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    return data;
}

std::string put_records_body(std::size_t bytes) {
    const std::string data = base64_encode(data_of(bytes));
    std::string body = R"({"Records":[)";
    for (int i = 0; i < records; ++i) {
        body += fmt::format(R"({}{{"Data":"{}","PartitionKey":"{:016x}"}})", i ? "," : "", data,
                            i * 2654435761U);
    }
    return body + R"(],"StreamName":"bench"})";
}

void count_bytes(benchmark::State& state, std::size_t bytes) {
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}
void count_records(benchmark::State& state, int each) {
    state.SetItemsProcessed(state.iterations() * each);
}

void json_in(benchmark::State& state) {
    const std::string body = put_records_body(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) benchmark::DoNotOptimize(wire::parse_json(body));
    count_bytes(state, body.size());
    count_records(state, records);
}
BENCHMARK(json_in)->Name("JSON in, PutRecords of 500, bytes each")->Arg(100)->Arg(1024);

void base64_in(benchmark::State& state) {
    const std::string text = base64_encode(data_of(1024));
    for (auto _ : state) benchmark::DoNotOptimize(base64_decode(text));
    count_bytes(state, text.size());
}
BENCHMARK(base64_in)->Name("base64 in, 1 KiB");

void base64_out(benchmark::State& state) {
    const Bytes data = data_of(1024);
    std::string out;
    for (auto _ : state) {
        out.clear();
        base64_append(data, out);
        benchmark::DoNotOptimize(out);
    }
    count_bytes(state, data.size());
}
BENCHMARK(base64_out)->Name("base64 out, 1 KiB");

void route(benchmark::State& state) {
    const auto shards = static_cast<std::uint32_t>(state.range(0));
    std::vector<model::HashRange> ranges;
    for (std::uint32_t i = 0; i < shards; ++i) ranges.push_back(model::initial_range(i, shards));
    std::string key = "0123456789abcdef";
    for (auto _ : state) {
        key[0] = static_cast<char>(key[0] ^ 1);
        benchmark::DoNotOptimize(model::owning_shard(ranges, model::hash_key_of(key)));
    }
    count_records(state, 1);
}
BENCHMARK(route)->Name("MD5 routing, shards")->Arg(4)->Arg(1000);

void batch_out(benchmark::State& state) {
    const Bytes data = data_of(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        storage::BatchBuilder builder;
        for (int i = 0; i < records; ++i) builder.add(arrival, "0123456789abcdef", data);
        benchmark::DoNotOptimize(builder.take());
    }
    count_records(state, records);
}
BENCHMARK(batch_out)->Name("batch encode, 500 records, bytes each")->Arg(100)->Arg(1024);

void crc(benchmark::State& state) {
    const Bytes data = data_of(64 * 1024);
    for (auto _ : state) benchmark::DoNotOptimize(crc32c(data));
    count_bytes(state, data.size());
}
BENCHMARK(crc)->Name("CRC-32C, 64 KiB");

void event(benchmark::State& state) {
    constexpr int batch = 1000;
    const lambda::RecordRenderer renderer(
        {.stream_arn = "arn:aws:kinesis:us-east-1:000000000000:stream/bench",
         .shard_id = "shardId-000000000000",
         .role_arn = "arn:aws:iam::000000000000:role/bench",
         .region = "us-east-1"});
    const Bytes data = data_of(100);
    const ports::SourceRecord record{
        .sequence_number = "49590338271490256608559692538361571095921575989136588898",
        .partition_key = "0123456789abcdef",
        .data = data,
        .arrival = arrival};
    for (auto _ : state) {
        std::vector<lambda::RenderedRecord> rendered;
        for (int i = 0; i < batch; ++i) rendered.push_back(renderer.render(record));
        benchmark::DoNotOptimize(lambda::render_event(rendered));
    }
    count_records(state, batch);
}
BENCHMARK(event)->Name("Lambda event of 1,000 records of 100 B");

void sigv4(benchmark::State& state) {
    const wire::Credentials credentials{.access_key = "AKIDEXAMPLE", .secret_key = "example"};
    wire::http::Request plain{.method = "POST", .target = "/"};
    plain.headers.set("host", "127.0.0.1:4566");
    plain.headers.set("content-type", "application/x-amz-json-1.1");
    plain.headers.set("x-amz-target", "Kinesis_20131202.PutRecord");
    plain.body = data_of(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        wire::http::Request request = plain;
        wire::sign(request, credentials, "us-east-1", "kinesis", arrival);
        benchmark::DoNotOptimize(request);
    }
    count_bytes(state, plain.body.size());
}
BENCHMARK(sigv4)->Name("SigV4 of a body, bytes")->Arg(200)->Arg(64 * 1024);

}  // namespace
}  // namespace mill
