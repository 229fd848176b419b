// SPDX-License-Identifier: Apache-2.0
#include "app/mill.h"

#include <fmt/format.h>

#include "app/backup.h"
#include "app/check_data.h"
#include "services/cloudformation/cloudformation.h"
#include "services/ecr/ecr.h"
#include "services/iam/iam.h"
#include "services/kinesis/log_destination.h"
#include "services/kms/kms.h"
#include "services/lambda/log_destination.h"
#include "services/lambda/mapping_requests.h"
#include "services/lambda/urls/url_requests.h"
#include "services/logs/logs.h"
#include "services/logs/resource_provider.h"
#include "services/s3/s3.h"
#include "services/sns/sns.h"
#include "services/sqs/sqs.h"
#include "services/ssm/ssm.h"
#include "services/sts/sts.h"

namespace mill::app {
namespace {

wire::http::Response text_answer(int status, std::string text, const char* type = "text/plain") {
    wire::http::Response response{.status = status, .body = std::move(text)};
    response.headers.set("content-type", type);
    return response;
}

// Tells somebody of what goes into the logs.
class ToldLogs final : public ports::LogSink {
  public:
    ToldLogs(ports::LogSink& logs, std::function<void(const std::string&)> tell)
        : logs_(logs), tell_(std::move(tell)) {}
    void append(const std::string& account, const std::string& region, const std::string& group,
                const std::string& stream, std::vector<ports::LogEvent> events) override {
        for (const ports::LogEvent& event : events) tell_(event.message);
        logs_.append(account, region, group, stream, std::move(events));
    }

  private:
    ports::LogSink& logs_;
    std::function<void(const std::string&)> tell_;
};

}  // namespace

// Members are destroyed from the last to the first: the front door before the services, those
// before the engine.
struct Mill::State {
    State(Machine& m, storage::Engine e, Options o)
        : machine(m), engine(std::move(e)), options(std::move(o)) {}

    ~State() {
        gateway.reset();
        cloudformation.reset();  // its tasks stand in all the others
        if (logs) logs->subscriptions().stop();
        if (s3) s3->stop();
        if (lambda) lambda->end_tasks();  // they stand in SNS, which goes first
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    Result<void> open_services();
    Result<void> listen();
    Task<wire::http::Response> answer(wire::http::Request request);
    Task<wire::http::Response> back_up(wire::http::Request request);
    wire::Value health() const;
    std::string metrics() const;
    const std::string& durability() const {
        return options.durability_label.empty() ? engine.durability : options.durability_label;
    }

    Machine& machine;
    storage::Engine engine;
    Options options;
    std::vector<machine::Endpoint> endpoints;
    WallTime started_at;
    Instant started;
    std::unique_ptr<s3::S3> s3;
    std::unique_ptr<iam::Iam> iam;
    std::unique_ptr<sts::Sts> sts;
    std::unique_ptr<ssm::Ssm> ssm;
    std::unique_ptr<ecr::Ecr> ecr;
    std::unique_ptr<kms::Kms> kms;
    std::unique_ptr<logs::Logs> logs;
    std::unique_ptr<logs::LogResources> log_resources;
    std::unique_ptr<ports::LogSink> told_logs;  // of Options::on_function_log
    std::unique_ptr<sqs::Sqs> sqs;
    std::unique_ptr<kinesis::Kinesis> kinesis;
    std::unique_ptr<kinesis::LogDestination> log_streams;
    std::unique_ptr<lambda::Lambda> lambda;
    std::unique_ptr<lambda::LogDestination> log_functions;
    // Goes before those whom it tells.
    std::unique_ptr<sns::Sns> sns;
    std::unique_ptr<cloudformation::CloudFormation> cloudformation;
    std::unique_ptr<gateway::Gateway> gateway;
};

Result<void> Mill::State::open_services() {
    MILL_TRY(s3, s3::S3::open(machine, engine, options.directory + objects_directory));
    MILL_TRY(iam, iam::Iam::open(machine, engine));
    MILL_TRY(sts, sts::Sts::open(machine, engine, *iam));
    MILL_TRY(ssm, ssm::Ssm::open(machine, engine));
    MILL_TRY(ecr, ecr::Ecr::open(machine, engine));
    MILL_TRY(kms, kms::Kms::open(machine, engine));
    MILL_TRY(logs, logs::Logs::open(machine, engine));
    log_resources = std::make_unique<logs::LogResources>(*logs);
    MILL_TRY(sqs, sqs::Sqs::open(machine, engine, options.sqs));
    MILL_TRY(kinesis, kinesis::Kinesis::open(machine, engine, options.kinesis));
    if (options.on_function_log)
        told_logs = std::make_unique<ToldLogs>(*logs, options.on_function_log);
    MILL_TRY(lambda,
             lambda::Lambda::open(machine, engine, *kinesis, told_logs ? *told_logs : *logs, *s3,
                                  {.directory = options.directory + functions_directory,
                                   .runtimes = options.runtimes,
                                   .code_folders = options.lambda_code_folders,
                                   .idle_max = options.lambda_idle_max,
                                   .environments_max = options.lambda_environments_max}));
    log_streams = std::make_unique<kinesis::LogDestination>(*kinesis);
    log_functions = std::make_unique<lambda::LogDestination>(*lambda);
    MILL_TRY(sns, sns::Sns::open(machine, engine, *sqs, *lambda, options.ca_bundle));
    std::vector<ports::ResourceProvider*> providers = {
        kinesis.get(), lambda.get(), iam.get(), sqs.get(), sns.get(),
        ssm.get(),     ecr.get(),    kms.get(), s3.get(),  log_resources.get()};
    MILL_TRY(cloudformation,
             cloudformation::CloudFormation::open(machine, engine, std::move(providers), *s3,
                                                  options.cloudformation));
    cloudformation->set_parameter_store(*ssm);
    return {};
}

Result<void> Mill::State::listen() {
    std::optional<Error> refused;
    for (const machine::Endpoint& at : options.listen) {
        auto bound = gateway->listen(at);
        if (bound) {
            endpoints.push_back(*bound);
        } else if (bound.error().code == "net.in_use") {
            return std::unexpected(std::move(bound).error());
        } else {
            machine.log.warning("not_listening",
                                {{"at", at.text()}, {"reason", bound.error().message}});
            refused = std::move(bound).error();
        }
    }
    if (!endpoints.empty()) return {};
    return refused ? std::unexpected(*std::move(refused)) : fail("net", "no address to listen on");
}

wire::Value Mill::State::health() const {
    wire::Value urls = wire::Value::list();
    for (const machine::Endpoint& endpoint : endpoints) urls.push_back("http://" + endpoint.text());
    const auto uptime = std::chrono::floor<std::chrono::seconds>(machine.clock.now() - started);
    wire::Value health = wire::Value::map();
    health["status"] = "running";
    health["version"] = version();
    health["started_at"] = iso8601_ms(started_at);
    health["uptime_seconds"] = static_cast<std::int64_t>(uptime.count());
    health["endpoints"] = std::move(urls);
    health["data"] = options.data_label.empty() ? options.directory : options.data_label;
    health["durability"] = durability();
    health["isolation"] = machine.processes.isolation();
    return health;
}

std::string Mill::State::metrics() const {
    return fmt::format(
               "# HELP millrace_build_info The version that runs.\n"
               "# TYPE millrace_build_info gauge\n"
               "millrace_build_info{{version=\"{}\"}} 1\n"
               "# HELP process_start_time_seconds Start time of the server since the Unix epoch.\n"
               "# TYPE process_start_time_seconds gauge\n"
               "process_start_time_seconds {:.3f}\n",
               version(), static_cast<double>(epoch_ms(started_at)) / 1000) +
           gateway->metrics_text() + lambda->metrics_text();
}

// POST /_millrace/backup?to=DIRECTORY[&from=the data directory that is meant], signed with the root
// key for the service "millrace". Functions share the host's network and could ask as well, but
// cannot read the key, which lies in the data directory (mode 0600). A signature and not the key
// itself goes over the wire: whatever listens at the port of a server that has gone learns nothing
// by it, and a request that is played again finds its directory in use.
Task<wire::http::Response> Mill::State::back_up(wire::http::Request request) {
    if (request.method != "POST") co_return text_answer(405, "A backup is asked for by POST.\n");
    if (options.root_key.secret_key.empty())
        co_return text_answer(403,
                              "This server has no root key, so nobody may ask for a backup.\n");
    const auto verified = wire::verify(request, options.root_key, "millrace", machine.clock.wall());
    if (!verified) {
        machine.log.warning("backup.refused", {{"reason", verified.error().message}});
        co_return text_answer(
            verified.error().status,
            fmt::format("{}: {} A backup is asked for with the key in root-key.json of the data "
                        "directory, as 'millrace backup' does.\n",
                        verified.error().code, verified.error().message));
    }
    std::string from = options.directory;
    std::string to;
    for (auto& [name, value] : wire::http::parse_query(request.query(), false)) {
        if (name == "from") from = std::move(value);
        if (name == "to") to = std::move(value);
    }
    if (from != options.directory) {
        co_return text_answer(
            409,
            fmt::format("This server's data directory is '{}'. Name the one that has '{}' with "
                        "--endpoint URL.\n",
                        options.directory, from));
    }
    const s3::S3::Keeping keeping(*s3);
    const auto made = co_await back_up_running(machine, engine, from, to);
    if (made) co_return text_answer(200, "The backup is whole.\n");
    machine.log.error("backup.failed", {{"to", to}, {"error", made.error().message}});
    co_return text_answer(409, made.error().message + "\n");
}

Task<wire::http::Response> Mill::State::answer(wire::http::Request request) {
    const std::string_view path = request.path();
    if (path == "/_millrace/health")
        co_return text_answer(200, write_json(health()) + "\n", "application/json");
    if (path == "/metrics") co_return text_answer(200, metrics(), "text/plain; version=0.0.4");
    if (path == "/_millrace/backup") co_return co_await back_up(std::move(request));
    if (path.starts_with(lambda::mappings_path))
        co_return co_await lambda::answer_about_mapping(*lambda, std::move(request));
    co_return text_answer(404,
                          "Known here: /_millrace/health, /metrics, /_millrace/mappings/UUID, "
                          "POST /_millrace/backup\n");
}

Mill::Mill(Machine& machine, storage::Engine engine, Options options)
    : state_(std::make_unique<State>(machine, std::move(engine), std::move(options))) {}

Mill::~Mill() = default;

Result<void> Mill::start() {
    State& s = *state_;
    s.started_at = s.machine.clock.wall();
    s.started = s.machine.clock.now();
    MILL_CHECK(s.open_services());
    s.gateway = std::make_unique<gateway::Gateway>(
        s.machine, s.options.gateway,
        std::vector<wire::Service>{s.kinesis->service(), s.lambda->service(), s.logs->service(),
                                   s.cloudformation->service(), s.s3->service(), s.sqs->service(),
                                   s.sqs->query_service(), s.sns->service(), s.iam->service(),
                                   s.sts->service(), s.ssm->service(), s.ecr->service(),
                                   s.kms->service()});
    s.gateway->set_streamed(s3::streamed_operations());
    s.gateway->set_held(kinesis::held_operations());
    s.gateway->set_local(
        [&s](wire::http::Request request) { return s.answer(std::move(request)); });
    s.gateway->set_site(
        {lambda::is_for_function_url,
         [&s](wire::http::Request request, gateway::Gateway::Visitor visitor) {
             return lambda::answer_function_url(
                 *s.lambda, std::move(request),
                 {std::move(visitor.address), visitor.is_foreign, std::move(visitor.caller)});
         }});
    if (s.options.kinesis.aws_limits) {
        s.gateway->set_throttle([&kinesis = *s.kinesis](const wire::Service& service,
                                                        const wire::Operation& operation,
                                                        const Caller& caller, wire::Input& input) {
            return service.instance == &kinesis ? kinesis.admit(operation, caller, input)
                                                : Result<void>();
        });
    }
    MILL_CHECK(s.listen());
    // Requests are taken up only when this function has returned to the executor.
    s.lambda->set_failure_destinations(
        {{"s3", s.s3.get()}, {"sqs", s.sqs.get()}, {"sns", s.sns.get()}});
    s.lambda->set_queue_source(*s.sqs);
    s.lambda->set_key_store(*s.kms);
    s.lambda->set_endpoint_url("http://" + s.endpoints.front().text());
    s.sqs->set_endpoint_url("http://" + s.endpoints.front().text());
    s.sqs->start();
    s.sns->set_endpoint_url("http://" + s.endpoints.front().text());
    s.sns->start();
    MILL_CHECK(s.s3->start(*s.lambda, {{"sqs", s.sqs.get()}, {"sns", s.sns.get()}}));
    s.logs->subscriptions().start(
        {{"kinesis", s.log_streams.get()}, {"lambda", s.log_functions.get()}});
    s.cloudformation->start();
    s.lambda->start();
    return {};
}

Task<void> Mill::stop(Instant deadline) {
    State& s = *state_;
    if (s.gateway) co_await s.gateway->drain(deadline);
    if (s.lambda) co_await s.lambda->stop(deadline);
    if (s.engine.settle) co_await s.engine.settle();
}

const std::vector<machine::Endpoint>& Mill::endpoints() const { return state_->endpoints; }

const std::string& Mill::durability() const { return state_->durability(); }

std::string version() { return MILL_VERSION; }

}  // namespace mill::app
