// SPDX-License-Identifier: Apache-2.0
// For tests: Lambda on the simulated machine and the memory engine, asked in HTTP as clients do,
// and functions as scripts that speak the Runtime API.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engines/memory/memory.h"
#include "services/lambda/functions/zip_archive.h"
#include "services/lambda/lambda.h"
#include "sim/machine/sim_machine.h"
#include "storage/contract/troubled_table.h"
#include "wire/http_client.h"
#include "wire/protocol.h"

namespace mill::lambda {

// One stream with one shard and no records, while `exists`.
class EmptyStream final : public ports::RecordSource {
  public:
    explicit EmptyStream(machine::Timers& timers) : timers_(timers) {}
    Result<void> check_source(const std::string&) override {
        if (!exists) return gone();
        return {};
    }
    Result<std::string> incarnation(const std::string&) override {
        if (!exists) return gone();
        return "1";
    }
    Result<std::vector<ports::SourceShard>> shards(const std::string&) override {
        if (!exists) return gone();
        return std::vector<ports::SourceShard>{{.shard_id = "shardId-000000000000"}};
    }
    Result<ports::Position> trim_horizon(const std::string&, const std::string&) override {
        return 0;
    }
    Result<ports::Position> latest(const std::string&, const std::string&) override { return 0; }
    Task<Result<ports::Position>> at_time(std::string, std::string, WallTime) override {
        co_return ports::Position{0};
    }
    Task<Result<ports::SourceRun>> read_after(std::string, std::string, ports::Position from,
                                              std::uint32_t, std::uint64_t) override {
        if (!exists) co_return gone();
        co_return ports::SourceRun{.next = from};
    }
    Task<void> wait_beyond(std::string, std::string, ports::Position, Instant deadline) override {
        co_await machine::sleep_until(timers_, deadline);
    }
    bool exists = false;

  private:
    static Failure gone() { return fail("ResourceNotFoundException", "no such stream", 400); }
    machine::Timers& timers_;
};

class KeptLogs final : public ports::LogSink {
  public:
    void append(const std::string&, const std::string&, const std::string& group,
                const std::string& stream, std::vector<ports::LogEvent> added) override {
        for (ports::LogEvent& event : added) {
            streams[group + " " + stream].push_back(event.message);
            all.push_back(std::move(event.message));
        }
    }
    std::string text() const {
        std::string out;
        for (const std::string& message : all) out += message;
        return out;
    }
    std::map<std::string, std::vector<std::string>> streams;
    std::vector<std::string> all;
};

class KeptObjects final : public ports::ObjectStore {
  public:
    Task<Result<Bytes>> get_object(std::string bucket, std::string key) override {
        const auto found = objects.find(bucket + "/" + key);
        if (found == objects.end())
            co_return fail("NoSuchKey", "The specified key does not exist.", 404);
        co_return found->second;
    }
    std::map<std::string, Bytes> objects;
};

inline wire::http::Request api_request(const std::string& method, const std::string& path,
                                       Bytes body = {}) {
    wire::http::Request request{
        .method = method, .target = "/2018-06-01/runtime" + path, .body = std::move(body)};
    request.headers.set("host", "127.0.0.1");
    return request;
}

// The calls of a runtime, for scripts.
class Runtime {
  public:
    explicit Runtime(sim::ScriptContext& context)
        : client_(context.machine.network, *machine::parse_endpoint(context.runtime_api)) {}
    // The event's answer, or an empty one if the server is gone.
    Task<wire::http::Response> next() {
        auto event = co_await client_.send(api_request("GET", "/invocation/next"));
        if (!event) co_return wire::http::Response{.status = 0};
        request_id_ = event->headers.get("lambda-runtime-aws-request-id");
        co_return *std::move(event);
    }
    Task<int> respond(Bytes body) {
        co_return co_await post("/invocation/" + request_id_ + "/response", std::move(body), {});
    }
    Task<int> fail_invocation(Bytes body, std::string type) {
        co_return co_await post("/invocation/" + request_id_ + "/error", std::move(body),
                                std::move(type));
    }
    Task<int> post(std::string path, Bytes body, std::string error_type) {
        wire::http::Request request = api_request("POST", path, std::move(body));
        if (!error_type.empty())
            request.headers.set("lambda-runtime-function-error-type", error_type);
        auto answer = co_await client_.send(std::move(request));
        last_body_ = answer ? answer->body : Bytes();
        co_return answer ? answer->status : 0;
    }
    const std::string& request_id() const { return request_id_; }
    const Bytes& last_body() const { return last_body_; }

  private:
    wire::http::Client client_;
    std::string request_id_;
    Bytes last_body_;
};

// As a disk answers: the commit is seen at once.
inline constexpr storage::contract::Slowness answered_late{.after = std::chrono::milliseconds(1)};

class World {
  public:
    explicit World(sim::Seed seed = 1, Options given = {})
        : sim(seed), engine_(memory::make_engine(sim.machine())), options_(given) {
        options_.directory = "/data/lambda";
        options_.runtimes = "/share/runtimes";
        options_.endpoint_url = "http://127.0.0.1:4566";
        start();
    }
    void start() {
        auto opened = Lambda::open(sim.machine(), engine_, source, logs, objects, options_);
        MILL_ASSERT(opened.has_value());
        lambda = *std::move(opened);
        lambda->set_failure_destinations(destinations);
        lambda->start();
    }
    storage::Engine& engine() { return engine_; }
    void slow_commits_down() {
        lambda.reset();
        engine_.table = std::make_unique<storage::contract::TroubledTable>(
            sim.machine(), std::move(engine_.table), answered_late);
        start();
    }
    // As a crash of the server: what was durable stays.
    void restart() {
        sim.kill_software();
        lambda.reset();
        start();
    }
    wire::http::Response call(std::string method, std::string target, Bytes body = {},
                              std::vector<std::pair<std::string, std::string>> headers = {}) {
        return sim.await(
            ask(this, std::move(method), std::move(target), std::move(body), std::move(headers)));
    }
    static Task<wire::http::Response> ask(
        World* world, std::string method, std::string target, Bytes body,
        std::vector<std::pair<std::string, std::string>> headers) {
        wire::http::Request request{.method = method, .target = target, .body = std::move(body)};
        for (const auto& [name, value] : headers) request.headers.set(name, value);
        const wire::Service service = world->lambda->service();
        const auto route = wire::match_route(service, request);
        if (!route) co_return wire::http::Response{.status = 404};
        wire::JsonReader reader;
        auto input = wire::read_input(service, *route, request, reader);
        if (!input) co_return wire::write_error(service, input.error(), {});
        auto output =
            co_await route->operation->invoke(world->lambda.get(), Caller{}, *std::move(input));
        if (!output) co_return wire::write_error(service, output.error(), {});
        co_return wire::write_output(service, *route->operation, *output, "id");
    }
    // A provided.al2023 function whose processes run the script.
    wire::http::Response create(const std::string& name, sim::Script script,
                                const std::string& extra = "") {
        sim.register_script(name + ".handler", std::move(script));
        return call(
            "POST", "/2015-03-31/functions",
            "{\"FunctionName\":\"" + name + "\",\"Runtime\":\"provided.al2023\",\"Handler\":\"" +
                name + ".handler\",\"Role\":\"arn:aws:iam::000000000000:role/r\"" + extra +
                ",\"Code\":{\"ZipFile\":\"" + base64_encode(*zip_of("bootstrap", "#!")) + "\"}}");
    }
    wire::http::Response invoke(const std::string& name, Bytes payload,
                                std::vector<std::pair<std::string, std::string>> headers = {}) {
        return call("POST", "/2015-03-31/functions/" + name + "/invocations", std::move(payload),
                    std::move(headers));
    }
    // Log messages with ids, durations and the like left out.
    std::vector<std::string> log_words() const {
        std::vector<std::string> out;
        for (const std::string& message : logs.all) {
            const bool own = message.starts_with("START") || message.starts_with("END") ||
                             message.starts_with("REPORT") || message.starts_with("INIT_");
            out.push_back(own ? message.substr(0, message.find(' ')) : message);
        }
        return out;
    }

    sim::SimMachine sim;
    EmptyStream source{sim.machine().timers};
    KeptLogs logs;
    KeptObjects objects;
    ports::FailureDestinations destinations;  // from the next start() on

  private:
    storage::Engine engine_;
    Options options_;

  public:
    std::unique_ptr<Lambda> lambda;
};

// Answers every event with its own payload.
inline Task<machine::ExitStatus> echo(sim::ScriptContext context) {
    Runtime runtime(context);
    for (;;) {
        const wire::http::Response event = co_await runtime.next();
        if (event.status != 200) co_return machine::ExitStatus{};
        co_await runtime.respond(event.body);
    }
}

}  // namespace mill::lambda
