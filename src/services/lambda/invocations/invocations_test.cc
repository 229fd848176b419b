// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "services/lambda/lambda_fixture.h"

namespace mill::lambda {
namespace {

using machine::ExitStatus;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

std::string field(const wire::http::Response& response, std::string_view name) {
    const auto body = wire::parse_json(response.body);
    return body ? wire::text_of(*body, name) : response.body;
}

// Answers with how many events this process has had; prints before each answer.
Task<ExitStatus> counter(sim::ScriptContext context) {
    Runtime runtime(context);
    for (int count = 1;; ++count) {
        if ((co_await runtime.next()).status != 200) co_return ExitStatus{};
        context.print("event " + std::to_string(count) + "\nand more");
        co_await runtime.respond(std::to_string(count));
    }
}

Task<ExitStatus> hang(sim::ScriptContext context) {
    Runtime runtime(context);
    co_await runtime.next();
    context.print("working");
    co_await machine::sleep_until(context.machine.timers,
                                  context.machine.clock.now() + std::chrono::hours(1));
    co_return ExitStatus{};
}

Task<ExitStatus> exit_with_seven(sim::ScriptContext context) {
    Runtime runtime(context);
    co_await runtime.next();
    context.print("goodbye\n");
    co_return ExitStatus{.code = 7};
}

Task<ExitStatus> exit_silently(sim::ScriptContext context) {
    Runtime runtime(context);
    co_await runtime.next();
    co_return ExitStatus{};
}

Task<ExitStatus> throw_always(sim::ScriptContext context) {
    Runtime runtime(context);
    for (;;) {
        if ((co_await runtime.next()).status != 200) co_return ExitStatus{};
        co_await runtime.fail_invocation(R"({"errorType":"Bad","errorMessage":"no"})",
                                         "Function.Bad");
    }
}

Task<ExitStatus> fail_init(sim::ScriptContext context) {
    Runtime runtime(context);
    context.print("starting\n");
    co_await runtime.post("/init/error",
                          R"({"errorType":"Runtime.ImportModuleError","errorMessage":"none"})",
                          "Runtime.ImportModuleError");
    co_return ExitStatus{.code = 1};
}

Task<ExitStatus> never_ready(sim::ScriptContext context) {
    co_await machine::sleep_until(context.machine.timers,
                                  context.machine.clock.now() + std::chrono::hours(1));
    co_return ExitStatus{};
}

Task<ExitStatus> print_a_megabyte(sim::ScriptContext context) {
    Runtime runtime(context);
    for (;;) {
        if ((co_await runtime.next()).status != 200) co_return ExitStatus{};
        for (int i = 0; i < 1024; ++i) context.print(std::string(1023, 'x') + "\n");
        context.print(std::string(300 * 1024, 'y'));
        co_await runtime.respond("1");
    }
}

Task<ExitStatus> answer_too_much(sim::ScriptContext context) {
    Runtime runtime(context);
    for (;;) {
        if ((co_await runtime.next()).status != 200) co_return ExitStatus{};
        const int status = co_await runtime.respond(Bytes(6 * 1024 * 1024 + 101, '1'));
        context.print("status " + std::to_string(status) + "\n");
    }
}

// Breaks the order of calls, and reports what it got; then answers properly.
Task<ExitStatus> misbehave(sim::ScriptContext context) {
    Runtime runtime(context);
    std::string statuses = std::to_string(co_await runtime.post("/invocation/x/response", "1", {}));
    co_await runtime.next();
    const std::string id = runtime.request_id();
    statuses += " " + std::to_string(co_await runtime.post("/init/error", "{}", {}));
    statuses += " " + std::to_string(co_await runtime.post("/invocation/other/response", "1", {}));
    statuses += " " + std::to_string(co_await runtime.post("/nothing", "1", {}));
    co_await runtime.next();  // the same event again
    statuses += runtime.request_id() == id ? " same" : " other";
    co_await runtime.respond("\"" + statuses + "\"");
    context.print(std::to_string(co_await runtime.respond("2")) + "\n");
    co_await runtime.next();
    co_return ExitStatus{};
}

Task<ExitStatus> slow(sim::ScriptContext context) {
    Runtime runtime(context);
    for (;;) {
        if ((co_await runtime.next()).status != 200) co_return ExitStatus{};
        co_await machine::sleep_until(context.machine.timers,
                                      context.machine.clock.now() + std::chrono::seconds(1));
        co_await runtime.respond("1");
    }
}

Task<void> note(Task<wire::http::Response> call, std::vector<int>* statuses) {
    const wire::http::Response response = co_await std::move(call);
    statuses->push_back(response.status);
}

std::vector<int> invoke_at_once(World& world, const std::string& name, int count) {
    std::vector<int> statuses;
    Scope scope;
    for (int i = 0; i < count; ++i) {
        scope.spawn(note(
            World::ask(&world, "POST", "/2015-03-31/functions/" + name + "/invocations", "{}", {}),
            &statuses));
    }
    EXPECT_TRUE(
        world.sim.run_until([&] { return statuses.size() == static_cast<std::size_t>(count); }));
    return statuses;
}

TEST(Invoke, AnswersWithWhatTheRuntimePosted) {
    World world;
    world.create("echo", echo);
    const auto response = world.invoke("echo", R"({"order":1})");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, R"({"order":1})");
    EXPECT_EQ(response.headers.get("x-amz-executed-version"), "$LATEST");
    EXPECT_EQ(response.headers.get("x-amz-function-error"), "");
    EXPECT_EQ(world.invoke("echo", "").body, "{}") << "an empty payload is {} for the function";
}

Task<ExitStatus> tell_request_id(sim::ScriptContext context) {
    Runtime runtime(context);
    for (;;) {
        if ((co_await runtime.next()).status != 200) co_return ExitStatus{};
        co_await runtime.respond("\"" + runtime.request_id() + "\"");
    }
}

TEST(Invoke, TheRequestsIdIsTheOneThatTheFunctionSees) {
    World world;
    world.create("tell", tell_request_id);
    const auto response = world.invoke("tell", "{}");
    EXPECT_EQ("\"" + response.headers.get("x-amzn-requestid") + "\"", response.body);
    EXPECT_THAT(response.headers.get("x-amzn-trace-id"), HasSubstr("Root=1-"));
    const auto event = world.invoke("tell", "{}", {{"X-Amz-Invocation-Type", "Event"}});
    EXPECT_EQ(event.headers.get("x-amzn-requestid").size(), 36U);
}

TEST(Invoke, ReusesTheWarmEnvironment) {
    World world;
    world.create("counter", counter);
    EXPECT_EQ(world.invoke("counter", "{}").body, "1");
    EXPECT_EQ(world.invoke("counter", "{}").body, "2");
    EXPECT_EQ(world.logs.streams.size(), 1U);
}

TEST(Invoke, WritesTheLogInOrderWhateverTheTiming) {
    for (sim::Seed seed = 1; seed <= 50; ++seed) {
        World world(seed);
        world.create("counter", counter);
        world.invoke("counter", "{}");
        world.invoke("counter", "{}");
        EXPECT_THAT(world.log_words(),
                    ElementsAre("INIT_START", "START", "event 1\n", "and more", "END", "REPORT",
                                "START", "event 2\n", "and more", "END", "REPORT"))
            << "seed " << seed;
    }
}

TEST(Invoke, NamesStreamsAndReportsInitOnce) {
    World world;
    world.create("counter", counter);
    world.invoke("counter", "{}");
    world.invoke("counter", "{}");
    EXPECT_THAT(
        world.logs.streams.begin()->first,
        MatchesRegex("/aws/lambda/counter [0-9]{4}/[0-9]{2}/[0-9]{2}/\\[\\$LATEST\\][0-9a-f]{32}"));
    EXPECT_THAT(world.logs.all[5], HasSubstr("Init Duration: "));
    EXPECT_THAT(world.logs.all[10], Not(HasSubstr("Init Duration: ")));
}

TEST(Invoke, TailIsTheLastFourKilobytesOfThisInvocation) {
    World world;
    world.create("counter", counter);
    const auto first = world.invoke("counter", "{}", {{"x-amz-log-type", "Tail"}});
    const auto tail = base64_decode(first.headers.get("x-amz-log-result"));
    ASSERT_TRUE(tail);
    EXPECT_TRUE(tail->starts_with("START RequestId: ")) << *tail;
    EXPECT_THAT(*tail, HasSubstr("event 1\nand more\nEND RequestId: "));
    world.create("big", print_a_megabyte);
    const auto big = world.invoke("big", "{}", {{"x-amz-log-type", "Tail"}});
    EXPECT_EQ(base64_decode(big.headers.get("x-amz-log-result"))->size(), 4096U);
    EXPECT_FALSE(world.invoke("counter", "{}").headers.contains("x-amz-log-result"));
}

TEST(Invoke, ConcurrentInvocationsGetEnvironmentsOfTheirOwn) {
    World world;
    world.create("slow", slow, ",\"Timeout\":10");
    EXPECT_THAT(invoke_at_once(world, "slow", 3), ElementsAre(200, 200, 200));
    EXPECT_EQ(world.logs.streams.size(), 3U);
    EXPECT_EQ(world.invoke("slow", "{}").status, 200);
    EXPECT_EQ(world.logs.streams.size(), 3U);
}

TEST(Invoke, ThrottlesAtTheAccountsBound) {
    World world(1, {.environments_max = 2});
    world.create("slow", slow, ",\"Timeout\":10");
    EXPECT_THAT(invoke_at_once(world, "slow", 3), ElementsAre(429, 200, 200));
    // Idle environments of others make room.
    world.create("echo", echo);
    EXPECT_EQ(world.invoke("echo", "{}").status, 200);
}

TEST(Invoke, TimeoutEndsTheEnvironment) {
    World world;
    world.create("hang", hang, ",\"Timeout\":1");
    const auto response = world.invoke("hang", "{}");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.get("x-amz-function-error"), "Unhandled");
    EXPECT_EQ(field(response, "errorType"), "Sandbox.Timedout");
    EXPECT_THAT(
        field(response, "errorMessage"),
        MatchesRegex("RequestId: [0-9a-f-]{36} Error: Task timed out after 1\\.00 seconds"));
    ASSERT_EQ(world.logs.all.size(), 6U);
    EXPECT_EQ(world.logs.all[2], "working");
    EXPECT_THAT(world.logs.all[3], HasSubstr(" Task timed out after 1.00 seconds\n\n"));
    EXPECT_TRUE(world.logs.all[4].starts_with("END"));
    EXPECT_THAT(world.logs.all[5], HasSubstr("\tStatus: timeout\n"));
    world.invoke("hang", "{}");
    EXPECT_EQ(world.logs.streams.size(), 2U) << "a new environment";
}

TEST(Invoke, ExitIsAFunctionError) {
    World world;
    world.create("exits", exit_with_seven);
    const auto response = world.invoke("exits", "{}");
    EXPECT_EQ(field(response, "errorType"), "Runtime.ExitError");
    EXPECT_THAT(field(response, "errorMessage"),
                HasSubstr(" Error: Runtime exited with error: exit status 7"));
    EXPECT_EQ(world.log_words()[2], "goodbye\n") << "what was printed before the exit";
    EXPECT_THAT(world.logs.all[3],
                HasSubstr("Runtime exited with error: exit status 7\nRuntime.ExitError\n"));
    EXPECT_THAT(world.logs.all.back(),
                HasSubstr("\tStatus: error\tError Type: Runtime.ExitError\n"));
    world.create("silent", exit_silently);
    EXPECT_THAT(field(world.invoke("silent", "{}"), "errorMessage"),
                HasSubstr(" Error: Runtime exited without providing a reason"));
}

TEST(Invoke, CrashOfAProcessIsAFunctionErrorAndTheServerGoesOn) {
    World world;
    world.create("hang", hang, ",\"Timeout\":60");
    std::vector<int> statuses;
    Scope scope;
    scope.spawn(note(World::ask(&world, "POST", "/2015-03-31/functions/hang/invocations", "{}", {}),
                     &statuses));
    ASSERT_TRUE(world.sim.run_until([&] {
        return world.logs.text().find("working") != std::string::npos || world.logs.all.size() >= 2;
    }));
    world.sim.crash_processes();
    ASSERT_TRUE(world.sim.run_until([&] { return !statuses.empty(); }));
    EXPECT_THAT(world.logs.text(), HasSubstr("Runtime exited with error: "));
    world.create("echo", echo);
    EXPECT_EQ(world.invoke("echo", "1").body, "1");
}

TEST(Invoke, ErrorOfTheFunctionIsPassedOnAndTheEnvironmentStays) {
    World world;
    world.create("throws", throw_always);
    const auto response = world.invoke("throws", "{}");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, R"({"errorType":"Bad","errorMessage":"no"})");
    EXPECT_EQ(response.headers.get("x-amz-function-error"), "Unhandled");
    EXPECT_THAT(world.logs.all.back(), HasSubstr("Status: error\tError Type: Function.Bad"));
    world.invoke("throws", "{}");
    EXPECT_EQ(world.logs.streams.size(), 1U);
}

TEST(Invoke, FailedInitIsRepeatedInsideTheInvocationThenReported) {
    World world;
    world.create("broken", fail_init);
    const auto response = world.invoke("broken", "{}");
    EXPECT_EQ(response.headers.get("x-amz-function-error"), "Unhandled");
    EXPECT_EQ(response.body, R"({"errorType":"Runtime.ImportModuleError","errorMessage":"none"})");
    EXPECT_THAT(world.log_words(),
                ElementsAre("INIT_START", "starting\n", "INIT_REPORT", "starting\n", "INIT_REPORT",
                            "START", "END", "REPORT"));
    EXPECT_THAT(world.logs.all[2],
                HasSubstr("\tPhase: init\tStatus: error\tError Type: Runtime.ImportModuleError\n"));
    EXPECT_THAT(world.logs.all[4], HasSubstr("\tPhase: invoke\tStatus: error"));
}

TEST(Invoke, InitHasTenSecondsAndThenTheFunctionsTimeout) {
    World world;
    world.create("never", never_ready, ",\"Timeout\":4");
    const Instant before = world.sim.machine().clock.now();
    const auto response = world.invoke("never", "{}");
    EXPECT_EQ(field(response, "errorType"), "Sandbox.Timedout");
    const auto took =
        std::chrono::round<std::chrono::seconds>(world.sim.machine().clock.now() - before);
    EXPECT_EQ(took, std::chrono::seconds(14));
    EXPECT_THAT(
        world.logs.all[1],
        MatchesRegex("INIT_REPORT Init Duration: 10...\\... ms\tPhase: init\tStatus: timeout\n"));
}

TEST(Invoke, MissingBootstrapSaysSo) {
    World world;
    const auto created = world.call(
        "POST", "/2015-03-31/functions",
        "{\"FunctionName\":\"none\",\"Runtime\":\"provided.al2\",\"Handler\":\"x\",\"Role\":"
        "\"arn:aws:iam::000000000000:role/r\",\"Code\":{\"ZipFile\":\"" +
            base64_encode(*zip_of("readme.txt", "hello")) + "\"}}");
    ASSERT_EQ(created.status, 201) << created.body;
    const auto response = world.invoke("none", "{}");
    EXPECT_EQ(field(response, "errorType"), "Runtime.InvalidEntrypoint");
    EXPECT_THAT(
        field(response, "errorMessage"),
        HasSubstr(
            " Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"));
}

TEST(Invoke, AFullDiskIsNoFaultOfTheFunction) {
    World world;
    world.create("echo", echo);
    world.sim.fail_disk("make_directories", 0, "io.no_space");
    const auto response = world.invoke("echo", "{}");
    EXPECT_EQ(response.status, 500);
    EXPECT_THAT(response.body, HasSubstr("The service encountered an internal error."));
    EXPECT_EQ(response.headers.get("x-amz-function-error"), "");
    world.sim.heal_disk();
    EXPECT_EQ(world.invoke("echo", "{}").status, 200);
}

TEST(Invoke, OutputIsSplitIntoLinesAndLongLinesIntoEvents) {
    World world;
    world.create("big", print_a_megabyte);
    EXPECT_EQ(world.invoke("big", "{}").status, 200);
    std::size_t lines = 0;
    std::size_t long_bytes = 0;
    for (const std::string& message : world.logs.all) {
        EXPECT_LE(message.size(), 256U * 1024);
        if (message.starts_with('x')) ++lines;
        if (message.starts_with('y')) long_bytes += message.size();
    }
    EXPECT_EQ(lines, 1024U);
    EXPECT_EQ(long_bytes, 300U * 1024);
    EXPECT_TRUE(world.logs.all.back().starts_with("REPORT"));
}

TEST(Invoke, AnswerBeyondSixMegabytesIsRefusedToRuntimeAndCaller) {
    World world;
    world.create("much", answer_too_much, ",\"Timeout\":30");
    const auto response = world.invoke("much", "{}");
    EXPECT_EQ(field(response, "errorType"), "Function.ResponseSizeTooLarge");
    EXPECT_EQ(field(response, "errorMessage"),
              "Response payload size exceeded maximum allowed payload size (6291556 bytes).");
    EXPECT_THAT(world.logs.text(), HasSubstr("status 413\n"));
}

// What a web page in the user's browser can send: its origin, or a host name of its own.
Task<ExitStatus> call_as_a_page(sim::ScriptContext context) {
    Runtime runtime(context);
    co_await runtime.next();
    std::string statuses;
    for (const auto& [name, value] :
         {std::pair<std::string, std::string>{"origin", "http://evil.example"},
          {"host", "evil.example:9001"},
          {"host", "127.0.0.1.evil.example"}}) {
        wire::http::Client client(context.machine.network,
                                  *machine::parse_endpoint(context.runtime_api));
        auto request = api_request("GET", "/invocation/next");
        request.headers.set(name, value);
        const auto answer = co_await client.send(std::move(request));
        statuses += std::to_string(answer ? answer->status : 0) + " ";
    }
    co_await runtime.respond("\"" + statuses + "\"");
    co_await runtime.next();
    co_return ExitStatus{};
}

TEST(RuntimeApi, IsNotForWebPages) {
    World world;
    world.create("page", call_as_a_page);
    EXPECT_EQ(world.invoke("page", "{}").body, "\"403 403 403 \"");
}

TEST(RuntimeApi, KeepsTheOrderOfCalls) {
    World world;
    world.create("wrong", misbehave);
    EXPECT_EQ(world.invoke("wrong", "{}").body, "\"403 403 400 404 same\"");
    EXPECT_THAT(world.logs.text(), HasSubstr("403\n"));
}

TEST(Invoke, IdleEnvironmentsAreReaped) {
    World world(1, {.idle_max = std::chrono::minutes(5)});
    world.create("counter", counter);
    world.invoke("counter", "{}");
    world.sim.run_for(std::chrono::minutes(4));
    EXPECT_EQ(world.invoke("counter", "{}").body, "2");
    world.sim.run_for(std::chrono::minutes(6));
    EXPECT_EQ(world.invoke("counter", "{}").body, "1");
}

TEST(Invoke, ChangedFunctionGetsANewEnvironment) {
    World world;
    world.create("counter", counter);
    world.invoke("counter", "{}");
    const auto updated =
        world.call("PUT", "/2015-03-31/functions/counter/configuration", R"({"MemorySize":256})");
    ASSERT_EQ(updated.status, 200) << updated.body;
    EXPECT_EQ(world.invoke("counter", "{}").body, "1");
    EXPECT_THAT(world.logs.all.back(), HasSubstr("Memory Size: 256 MB"));
}

TEST(Invoke, ChecksItsInput) {
    World world;
    world.create("echo", echo);
    EXPECT_EQ(world.invoke("echo", "{}", {{"x-amz-invocation-type", "DryRun"}}).status, 204);
    const auto garbage = world.invoke("echo", "{nonsense");
    EXPECT_EQ(garbage.status, 400);
    EXPECT_EQ(garbage.headers.get("x-amzn-errortype"), "InvalidRequestContentException");
    const auto large = world.invoke("echo", "\"" + Bytes(6 * 1024 * 1024, 'a') + "\"");
    EXPECT_EQ(large.status, 413);
    EXPECT_EQ(world.invoke("nobody", "{}").status, 404);
    EXPECT_THAT(
        world.invoke("nobody", "{}").body,
        HasSubstr("Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody"));
    EXPECT_THAT(world.invoke("echo:7", "{}").body, HasSubstr("function:echo:7"));
    EXPECT_EQ(
        world.invoke("arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Aecho", "5").body,
        "5");
}

TEST(Stop, WaitsForInvocationsUnderWayUpToTheDeadline) {
    World world;
    world.create("slow", slow, ",\"Timeout\":10");
    world.create("hang", hang, ",\"Timeout\":900");
    std::vector<int> statuses;
    Scope scope;
    for (const std::string name : {"slow", "hang"}) {
        scope.spawn(note(
            World::ask(&world, "POST", "/2015-03-31/functions/" + name + "/invocations", "{}", {}),
            &statuses));
    }
    const Instant before = world.sim.machine().clock.now();
    EXPECT_TRUE(world.sim.run_task(world.lambda->stop(before + std::chrono::seconds(5))));
    EXPECT_THAT(statuses, ElementsAre(200));
    EXPECT_EQ(std::chrono::round<std::chrono::seconds>(world.sim.machine().clock.now() - before),
              std::chrono::seconds(5));
    scope.clear();
}

// Counts attempts in a place that outlives processes.
struct Attempts {
    std::vector<std::string> request_ids;
    std::vector<Instant> times;
    int failures = 0;
};

Task<ExitStatus> attempt_script(sim::ScriptContext context, std::shared_ptr<Attempts> attempts) {
    Runtime runtime(context);
    for (;;) {
        if ((co_await runtime.next()).status != 200) co_return ExitStatus{};
        attempts->request_ids.push_back(runtime.request_id());
        attempts->times.push_back(context.machine.clock.now());
        if (attempts->failures-- > 0) {
            co_await runtime.fail_invocation("{}", "Function.Bad");
        } else {
            co_await runtime.respond("1");
        }
    }
}

sim::Script counting(std::shared_ptr<Attempts> attempts) {
    return [attempts](sim::ScriptContext context) {
        return attempt_script(std::move(context), attempts);
    };
}

TEST(InvokeEvent, IsRetriedTwiceAfterOneAndTwoMinutes) {
    World world;
    auto attempts = std::make_shared<Attempts>();
    attempts->failures = 5;
    world.create("event", counting(attempts));
    const auto accepted = world.invoke("event", "{}", {{"x-amz-invocation-type", "Event"}});
    EXPECT_EQ(accepted.status, 202);
    EXPECT_EQ(accepted.body, "");
    world.sim.run_for(std::chrono::hours(1));
    ASSERT_EQ(attempts->times.size(), 3U);
    const auto gap = [&](std::size_t i) {
        return std::chrono::round<std::chrono::seconds>(attempts->times[i + 1] - attempts->times[i])
            .count();
    };
    EXPECT_EQ(gap(0), 60);
    EXPECT_EQ(gap(1), 120);
    EXPECT_EQ(attempts->request_ids[0], attempts->request_ids[2]);
}

TEST(InvokeEvent, SucceedsOnceAndIsDoneWith) {
    World world;
    auto attempts = std::make_shared<Attempts>();
    world.create("event", counting(attempts));
    world.invoke("event", "{}", {{"x-amz-invocation-type", "Event"}});
    world.sim.run_for(std::chrono::hours(1));
    world.restart();
    world.sim.run_for(std::chrono::hours(1));
    EXPECT_EQ(attempts->times.size(), 1U);
}

TEST(InvokeEvent, SurvivesARestartWithItsCountOfAttempts) {
    World world;
    auto attempts = std::make_shared<Attempts>();
    attempts->failures = 5;
    world.create("event", counting(attempts));
    world.invoke("event", "{}", {{"x-amz-invocation-type", "Event"}});
    world.sim.run_for(std::chrono::seconds(30));
    ASSERT_EQ(attempts->times.size(), 1U);
    world.restart();
    world.sim.run_for(std::chrono::hours(1));
    EXPECT_EQ(attempts->times.size(), 3U);
}

TEST(InvokeEvent, ThrottledEventsWaitForRoom) {
    World world(1, {.environments_max = 1});
    auto attempts = std::make_shared<Attempts>();
    world.create("event", counting(attempts));
    for (int i = 0; i < 4; ++i) world.invoke("event", "{}", {{"x-amz-invocation-type", "Event"}});
    world.sim.run_for(std::chrono::minutes(10));
    EXPECT_EQ(attempts->times.size(), 4U);
}

}  // namespace
}  // namespace mill::lambda
