// SPDX-License-Identifier: Apache-2.0
#include "cli/demo.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/sam.h"

namespace mill::cli {
namespace {

constexpr int invocations = 5;
constexpr auto line_deadline = std::chrono::seconds(15);
constexpr auto line_interval = std::chrono::milliseconds(20);

struct Step {
    std::string name;
    double seconds = 0;
};

class Demo {
  public:
    Demo(Session& session, Arguments arguments)
        : session_(session),
          arguments_(std::move(arguments)),
          project_(arguments_.get("--project", ".")) {}

    Task<Result<void>> run();

  private:
    Result<void> start_server();
    Task<Result<void>> deploy();
    Task<Result<void>> invoke_all();
    Task<Result<wire::Value>> invoke_once(int number);
    Task<Result<std::string>> consumer_line(std::string order_id);
    Task<Result<void>> read_stream();
    Task<Result<void>> delete_stack();
    Task<Result<std::string>> stack_output(std::string key);
    void finish();

    void begin(std::string name) {
        session_.out("\n" + session_.bold("== " + name) + "\n");
        steps_.push_back({std::move(name)});
        began_ = session_.machine.clock.now();
    }
    void end() {
        steps_.back().seconds =
            std::chrono::duration<double>(session_.machine.clock.now() - began_).count();
    }
    void command(const std::string& text) {
        session_.out(session_.dim("$ ") + session_.cyan(text) + "\n");
    }
    SamOptions options(const std::string& verb) const;

    Session& session_;
    Arguments arguments_;
    std::string project_;
    std::unique_ptr<Background> server_;
    std::string endpoint_;
    std::string data_;
    std::unique_ptr<AwsClient> client_;
    std::vector<Step> steps_;
    Instant began_{};
    std::size_t records_ = 0;
};

std::string text_at(const wire::Value& value, std::initializer_list<std::string_view> path) {
    const wire::Value* at = &value;
    for (const std::string_view name : path) {
        if (at->items() && !at->items()->empty()) at = &at->items()->front();
        at = at->find(name);
        if (!at) return {};
    }
    return at->string() ? *at->string() : std::string();
}

Result<void> Demo::start_server() {
    begin("Start the server");
    MILL_TRY(const CommandResult made,
             session_.run({.argv = {"mktemp", "-d", "-t", "millrace-demo.XXXXXX"}}));
    if (made.exit_code != 0) return fail("demo", made.output);
    data_ = made.output.substr(0, made.output.find('\n'));
    const std::string listen = arguments_.get("--listen", "127.0.0.1:4566");
    Command serve{.argv = {session_.program, "serve", "--data", data_, "--listen", listen}};
    command("millrace serve --data " + data_ + " --listen " + listen);
    auto started = session_.start(serve);
    Result<std::string> ready =
        started ? (*started)->read_line() : std::unexpected(started.error());
    if (!ready && !arguments_.has("--listen")) {
        session_.out(session_.yellow(ready.error().message) + "\nTrying a free port instead.\n");
        serve.argv.back() = "127.0.0.1:0";
        started = session_.start(serve);
        ready = started ? (*started)->read_line() : std::unexpected(started.error());
    }
    if (!ready) return std::unexpected(ready.error());
    server_ = *std::move(started);
    session_.out(*ready + "\n");
    const std::size_t url = ready->find("http://");
    if (url == std::string::npos)
        return fail("demo", "the server's first line names no endpoint: " + *ready);
    endpoint_ = ready->substr(url, ready->find_first_of(" ,)", url) - url);
    MILL_TRY(Target target, find_target(session_, endpoint_, "us-east-1"));
    client_ = std::make_unique<AwsClient>(session_.machine, std::move(target));
    command("eval \"$(millrace env)\"");
    end();
    return {};
}

SamOptions Demo::options(const std::string& verb) const {
    SamOptions options;
    options.directory = project_;
    if (auto config = load_sam_config(session_.machine.files, join_path(project_, "samconfig.toml"),
                                      "default", verb)) {
        options.config = *std::move(config);
    }
    options.config["endpoint_url"] = {endpoint_};
    options.config["region"] = {"us-east-1"};
    options.config["no_prompts"] = {"true"};
    return options;
}

Task<Result<void>> Demo::deploy() {
    begin("Build the functions");
    command("millrace sam build");
    MILL_CO_CHECK(co_await sam_build(session_, options("build")));
    end();
    begin("Deploy the stack");
    command("millrace sam deploy");
    MILL_CO_CHECK(co_await sam_deploy(session_, options("deploy")));
    end();
    co_return Result<void>();
}

Task<Result<wire::Value>> Demo::invoke_once(int number) {
    command("aws lambda invoke --function-name LambdaProducer --payload '{}' output.json");
    MILL_CO_TRY(const auto response,
                co_await client_->rest(
                    "lambda", {.method = "POST",
                               .target = "/2015-03-31/functions/LambdaProducer/invocations",
                               .body = "{}"}));
    if (response.headers.find("x-amz-function-error")) {
        co_return fail("demo", fmt::format("invocation {} of LambdaProducer failed: {}", number,
                                           response.body));
    }
    session_.out(response.body + "\n");
    co_return wire::parse_json(response.body);
}

// The consumer's line about an order, as soon as it is in the log.
Task<Result<std::string>> Demo::consumer_line(std::string order_id) {
    const Instant deadline = session_.machine.clock.now() + line_deadline;
    wire::Value input;
    input["logGroupName"] = "/aws/lambda/LambdaConsumer";
    input["filterPattern"] = "\"" + order_id + "\"";
    while (session_.machine.clock.now() < deadline) {
        auto answer = co_await client_->json("logs", "Logs_20140328.FilterLogEvents", input);
        if (!answer && answer.error().code != "ResourceNotFoundException")
            co_return std::unexpected(answer.error());
        if (answer) {
            if (const std::string line = text_at(*answer, {"events", "message"}); !line.empty())
                co_return line;
        }
        co_await machine::sleep_until(session_.machine.timers,
                                      session_.machine.clock.now() + line_interval);
    }
    co_return fail("demo", "no line of LambdaConsumer about order " + order_id + " within 15 s");
}

Task<Result<void>> Demo::invoke_all() {
    begin("Invoke the producer five times; the consumer's lines as they arrive");
    command("millrace sam logs --name LambdaConsumer --tail");
    for (int number = 1; number <= invocations; ++number) {
        MILL_CO_TRY(const auto answer, co_await invoke_once(number));
        const std::string order_id = text_at(answer, {"order", "orderId"});
        const Instant answered = session_.machine.clock.now();
        MILL_CO_TRY(std::string line, co_await consumer_line(order_id));
        while (line.ends_with('\n')) line.pop_back();
        const auto ms =
            std::chrono::duration<double, std::milli>(session_.machine.clock.now() - answered)
                .count();
        session_.out("  " + session_.cyan("LambdaConsumer") + "  " + session_.green(line) +
                     session_.dim(fmt::format("  (+{:.1f} ms)", ms)) + "\n");
    }
    end();
    co_return Result<void>();
}

Task<Result<std::string>> Demo::stack_output(std::string key) {
    MILL_CO_TRY(const auto answer,
                co_await cloudformation(*client_, "DescribeStacks",
                                        {{"StackName", "kinesis-consumer-producer"}}));
    const wire::Value* stacks = answer.find("Stacks");
    const wire::Value* outputs =
        stacks && stacks->items() ? stacks->items()->front().find("Outputs") : nullptr;
    for (const wire::Value& output :
         outputs && outputs->items() ? *outputs->items() : wire::Value::List()) {
        if (wire::text_of(output, "OutputKey") == key)
            co_return wire::text_of(output, "OutputValue");
    }
    co_return fail("demo", "the stack has no output " + key);
}

Task<Result<void>> Demo::read_stream() {
    begin("Read the stream back");
    command(
        "aws cloudformation describe-stacks --stack-name kinesis-consumer-producer --query "
        "\"Stacks[0].Outputs[?OutputKey=='KinesisStreamName'].OutputValue\" --output text");
    MILL_CO_TRY(const std::string stream, co_await stack_output("KinesisStreamName"));
    session_.out(stream + "\n");
    wire::Value input;
    input["StreamName"] = stream;
    input["ShardId"] = "shardId-000000000000";
    input["ShardIteratorType"] = "TRIM_HORIZON";
    command("aws kinesis get-shard-iterator --stream-name " + stream +
            " --shard-id shardId-000000000000 --shard-iterator-type TRIM_HORIZON");
    MILL_CO_TRY(const auto iterator,
                co_await client_->json("kinesis", "Kinesis_20131202.GetShardIterator", input));
    command("aws kinesis get-records --shard-iterator ...");
    wire::Value request;
    request["ShardIterator"] = text_at(iterator, {"ShardIterator"});
    MILL_CO_TRY(const auto answer, co_await client_->json("kinesis", "Kinesis_20131202.GetRecords",
                                                          std::move(request)));
    const wire::Value* records = answer.find("Records");
    for (const wire::Value& record :
         records && records->items() ? *records->items() : wire::Value::List()) {
        MILL_CO_TRY(const Bytes data, base64_decode(wire::text_of(record, "Data")));
        session_.out("  " + session_.dim(wire::text_of(record, "SequenceNumber")) + "  " + data +
                     "\n");
        ++records_;
    }
    if (records_ != invocations) {
        co_return fail("demo",
                       fmt::format("the stream holds {} records, not {}", records_, invocations));
    }
    end();
    co_return Result<void>();
}

Task<Result<void>> Demo::delete_stack() {
    begin("Delete the stack");
    command("millrace sam delete --no-prompts");
    MILL_CO_CHECK(co_await sam_delete(session_, options("delete")));
    end();
    co_return Result<void>();
}

void Demo::finish() {
    session_.out("\n" + session_.bold("== Summary") + "\n");
    for (const char* built : {"MILLRACE_DEMO_INSTALL_S", "MILLRACE_DEMO_BUILD_S"}) {
        if (const std::string seconds = session_.variable(built); !seconds.empty()) {
            const bool install = std::string_view(built).find("INSTALL") != std::string_view::npos;
            session_.out(fmt::format("  {:>8} s  {}\n", seconds,
                                     install ? "Install packages" : "Build Millrace"));
        }
    }
    for (const Step& step : steps_)
        session_.out(fmt::format("  {:>8.3f} s  {}\n", step.seconds, step.name));
    session_.out(
        session_.green(fmt::format("{} orders produced, consumed and read back.", records_)) +
        "\n");
}

Task<Result<void>> Demo::run() {
    MILL_CO_CHECK(start_server());
    MILL_CO_CHECK(co_await deploy());
    MILL_CO_CHECK(co_await invoke_all());
    MILL_CO_CHECK(co_await read_stream());
    if (arguments_.has("--keep")) {
        finish();
        session_.out(fmt::format(
            "\nThe server runs on as process {} with its data in {}.\n"
            "  export AWS_ENDPOINT_URL={}   # or: eval \"$(millrace env --endpoint {})\"\n"
            "  kill {}                      # stops it\n",
            server_->pid(), data_, endpoint_, endpoint_, server_->pid()));
        server_->release();
        co_return Result<void>();
    }
    MILL_CO_CHECK(co_await delete_stack());
    begin("Stop the server");
    server_->terminate();
    end();
    if (auto removed = session_.machine.files.remove_tree(data_); !removed)
        session_.err(removed.error().message + "\n");
    finish();
    co_return Result<void>();
}

}  // namespace

std::string demo_help() {
    return "Usage: millrace demo [--project DIR] [--keep] [--listen HOST:PORT]\n"
           "\n"
           "Runs the whole walkthrough on a server of its own: build, deploy, five orders, read "
           "back, delete.\n"
           "\n"
           "  --project DIR       a project of the orders' layout (default: this folder)\n"
           "  --keep              leave the server running, with the pipeline on it\n"
           "  --listen HOST:PORT  where the server listens (default: 127.0.0.1:4566, or a free "
           "port if it is taken)\n"
           "\n"
           "Examples:\n"
           "  millrace demo --project examples/orders\n"
           "  millrace demo --project examples/orders --keep\n";
}

Task<int> demo(Session& session, std::vector<std::string> words) {
    auto arguments = Arguments::parse(
        words,
        {{"--project", {}}, {"--listen", {}}, {"--keep", {}, false}, {"--help", "-h", false}});
    if (!arguments) {
        session.err("millrace demo: " + arguments.error().message + "\n");
        co_return exit_usage;
    }
    if (arguments->has("--help")) {
        session.out(demo_help());
        co_return exit_ok;
    }
    Demo demo(session, *std::move(arguments));
    auto result = co_await demo.run();
    if (result) co_return exit_ok;
    session.err(session.red("Error: ") + result.error().message + "\n");
    co_return result.error().code == "net.unreachable" ? exit_unreachable : exit_failed;
}

}  // namespace mill::cli
