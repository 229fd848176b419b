// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/mappings/queue_run.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>

#include "engines/memory/memory.h"
#include "services/lambda/mappings/mappings.h"
#include "sim/machine/sim_machine.h"
#include "wire/value.h"

namespace mill::lambda {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const std::string queue_arn = "arn:aws:sqs:us-east-1:000000000000:orders";
const std::string fifo_arn = queue_arn + ".fifo";

// In memory: messages are visible, in flight, or gone.
class FakeQueue final : public ports::QueueSource {
  public:
    explicit FakeQueue(Machine& machine) : machine_(machine), changed_(machine.executor) {}
    void send(const std::string& body) {
        const std::string id = fmt::format("id-{:06}", messages_.size());
        messages_[id] = {body};
        changed_.notify_all();
    }
    std::size_t left() const { return messages_.size(); }
    std::size_t visible() const {
        return static_cast<std::size_t>(std::ranges::count_if(
            messages_, [&](const auto& one) { return one.second.due <= machine_.clock.now(); }));
    }
    int receives(const std::string& id) const { return messages_.at(id).receives; }

    Result<ports::SourceQueue> source_queue(const std::string&) override {
        if (is_gone) return fail("QueueDoesNotExist", "The queue is gone.", 400);
        return ports::SourceQueue{false, visibility};
    }
    Task<Result<std::vector<ports::SourceMessage>>> take_messages(std::string,
                                                                  std::size_t count) override {
        std::vector<ports::SourceMessage> taken;
        for (auto& [id, message] : messages_) {
            if (taken.size() == count) break;
            if (message.due > machine_.clock.now()) continue;
            message.due = machine_.clock.now() + visibility;
            taken.push_back(
                {.message_id = id,
                 .receipt_handle = id,
                 .body = message.body,
                 .md5_of_body = "md5",
                 .system_attributes = {{"ApproximateReceiveCount",
                                        std::to_string(++message.receives)}},
                 .attributes = {{"kind", {"String", false, "new"}}, {"raw", {"Binary", true, "x"}}},
                 .md5_of_attributes = "md5a"});
        }
        co_return taken;
    }
    Task<void> wait_for_messages(std::string, Instant deadline) override {
        for (const auto& [id, message] : messages_) {
            if (message.due <= machine_.clock.now()) co_return;
            deadline = std::min(deadline, message.due);
        }
        co_await changed_.wait_until(machine_.timers, deadline);
    }
    Task<Result<void>> delete_messages(std::string, std::vector<std::string> receipts) override {
        for (const std::string& id : receipts) messages_.erase(id);
        co_return Result<void>();
    }
    void note_failed(const std::string&, const std::vector<std::string>& receipts) override {
        failed.insert(failed.end(), receipts.begin(), receipts.end());
    }
    void untake_messages(const std::string&, const std::vector<std::string>& receipts) override {
        for (const std::string& id : receipts) {
            messages_.at(id).due = machine_.clock.now();
            --messages_.at(id).receives;
        }
        changed_.notify_all();
    }
    std::chrono::seconds visibility{30};
    bool is_gone = false;
    std::vector<std::string> failed;  // noted

  private:
    struct Message {
        std::string body;
        Instant due{};
        int receives = 0;
    };
    Machine& machine_;
    machine::Signal changed_;
    std::map<std::string, Message> messages_;
};

class Function final : public ports::Invoker {
  public:
    explicit Function(Machine& machine) : machine_(machine) {}
    Task<Result<ports::InvokeOutcome>> invoke(ports::InvokeRequest request) override {
        if (throttles > 0) {
            --throttles;
            co_return fail("TooManyRequestsException", "Rate Exceeded.", 429);
        }
        EXPECT_LE(request.payload.size(), model::event_bytes_max);
        auto event = *wire::parse_json(request.payload);
        std::vector<std::string> bodies;
        for (const wire::Value& record : wire::list_of(event, "Records"))
            bodies.push_back(wire::text_of(record, "body"));
        const bool fails = std::ranges::count(bodies, "poison") > 0 && answer == "null";
        batches.push_back(std::move(bodies));
        events.push_back(std::move(event));
        at_once = std::max(at_once, ++running_);
        co_await machine::sleep_until(machine_.timers, machine_.clock.now() + takes);
        --running_;
        ports::InvokeOutcome outcome{.payload = answer};
        if (fails) outcome.function_error = "Unhandled";
        co_return outcome;
    }
    std::vector<std::vector<std::string>> batches;
    std::vector<wire::Value> events;
    std::string answer = "null";
    Duration takes = milliseconds(1);
    int throttles = 0;
    int at_once = 0;

  private:
    Machine& machine_;
    int running_ = 0;
};

class NoStreams final : public ports::RecordSource {
    static Failure none() { return fail("ResourceNotFoundException", "no stream", 404); }
    Result<void> check_source(const std::string&) override { return none(); }
    Result<std::string> incarnation(const std::string&) override { return none(); }
    Result<std::vector<ports::SourceShard>> shards(const std::string&) override { return none(); }
    Result<ports::Position> trim_horizon(const std::string&, const std::string&) override {
        return none();
    }
    Result<ports::Position> latest(const std::string&, const std::string&) override {
        return none();
    }
    Task<Result<ports::Position>> at_time(std::string, std::string, WallTime) override {
        co_return none();
    }
    Task<Result<ports::SourceRun>> read_after(std::string, std::string, ports::Position,
                                              std::uint32_t, std::uint64_t) override {
        co_return none();
    }
    Task<void> wait_beyond(std::string, std::string, ports::Position, Instant) override {
        co_return;
    }
};

class QueueMappingsTest : public ::testing::Test {
  protected:
    QueueMappingsTest() { open(); }
    ~QueueMappingsTest() override {
        sim_.kill_software();
        mappings_.reset();
    }
    void open() {
        mappings_ = *Mappings::open(sim_.machine(), *engine_.table, streams_, function_,
                                    [](const Caller&, const std::string&) {
                                        return FunctionTarget{.arn = "arn:f", .role = "arn:role"};
                                    });
        mappings_->set_queues(queue_);
        mappings_->start();
    }
    Mappings::Create request(std::int64_t batch_size = 10) {
        return {.function = "consumer",
                .source_arn = queue_arn,
                .starting_position = {},
                .settings = {.batch_size = batch_size}};
    }
    std::string create(Mappings::Create with) {
        auto made = sim_.await(mappings_->create(caller_, std::move(with)));
        EXPECT_TRUE(made.has_value()) << made.error().message;
        return made->uuid;
    }
    std::string refusal(Mappings::Create with) {
        const auto made = sim_.await(mappings_->create(caller_, std::move(with)));
        return made ? "none" : made.error().message;
    }
    void send(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) queue_.send(std::to_string(i));
    }
    void run_until_empty() {
        ASSERT_TRUE(sim_.run_until([&] { return queue_.left() == 0; }));
    }

    const Caller caller_{.account = "000000000000", .region = "us-east-1"};
    sim::SimMachine sim_{1};
    storage::Engine engine_ = memory::make_engine(sim_.machine());
    FakeQueue queue_{sim_.machine()};
    Function function_{sim_.machine()};
    NoStreams streams_;
    std::unique_ptr<Mappings> mappings_;
};

TEST_F(QueueMappingsTest, MessagesAreHandedOverAndDeleted) {
    create(request(2));
    sim_.run_for(seconds(1));
    send(3);  // wakes it
    run_until_empty();
    EXPECT_THAT(function_.batches, ElementsAre(ElementsAre("0", "1"), ElementsAre("2")));
    EXPECT_EQ(wire::write_json(function_.events.front().find("Records")->items()->front()),
              R"({"messageId":"id-000000","receiptHandle":"id-000000","attributes":)"
              R"({"ApproximateReceiveCount":"1"},"messageAttributes":{"kind":{"stringValue":"new",)"
              R"("stringListValues":[],"binaryListValues":[],"dataType":"String"},"raw":)"
              R"({"binaryValue":"eA==","stringListValues":[],"binaryListValues":[],"dataType":)"
              R"("Binary"}},"md5OfMessageAttributes":"md5a","md5OfBody":"md5","eventSource":)"
              R"("aws:sqs","eventSourceARN":")" +
                  queue_arn + R"(","awsRegion":"us-east-1","body":"0"})");
}

TEST_F(QueueMappingsTest, WhatFailedComesAgainAfterTheVisibilityTimeout) {
    queue_.send("poison");
    create(request());
    sim_.run_for(seconds(29));
    EXPECT_THAT(function_.batches, SizeIs(1));
    sim_.run_for(seconds(2));
    EXPECT_THAT(function_.batches, SizeIs(2));
    EXPECT_EQ(queue_.left(), 1U);
}

TEST_F(QueueMappingsTest, OnlyWhatWasReportedComesAgain) {
    send(3);
    function_.answer = R"({"batchItemFailures":[{"itemIdentifier":"id-000001"}]})";
    auto with = request();
    with.settings.response_types = {"ReportBatchItemFailures"};
    create(std::move(with));
    sim_.run_for(seconds(1));
    EXPECT_EQ(queue_.left(), 1U);
    EXPECT_EQ(queue_.receives("id-000001"), 1);
    EXPECT_THAT(queue_.failed, ElementsAre("id-000001"));
}

TEST_F(QueueMappingsTest, AnAnswerThatNamesNoMessageFailsTheBatch) {
    auto with = request();
    with.settings.response_types = {"ReportBatchItemFailures"};
    create(std::move(with));
    for (const char* answer :
         {R"({"batchItemFailures":[{"itemIdentifier":"other"}]})", "{",
          R"({"batchItemFailures":[{"itemIdentifier":null}]})", R"({"batchItemFailures":3})",
          R"({"batchItemFailures":[{"x":"id-000000"}]})"}) {
        function_.answer = answer;
        queue_.send(answer);
        sim_.run_for(seconds(1));
    }
    EXPECT_EQ(queue_.left(), 5U);
    function_.answer = R"({"batchItemFailures":[]})";
    run_until_empty();
}

TEST_F(QueueMappingsTest, AWindowGathersButNeverForHalfOfTheVisibilityTimeout) {
    auto with = request(100);
    with.settings.window_seconds = 5;
    create(std::move(with));
    send(2);
    sim_.run_for(seconds(4));
    queue_.send("2");
    EXPECT_THAT(function_.batches, IsEmpty());
    sim_.run_for(seconds(2));
    EXPECT_THAT(function_.batches, ElementsAre(ElementsAre("0", "1", "2")));
    queue_.visibility = seconds(4);
    send(2);
    sim_.run_for(milliseconds(1900));
    EXPECT_THAT(function_.batches, SizeIs(1));
    sim_.run_for(milliseconds(200));
    EXPECT_THAT(function_.batches, SizeIs(2));
}

TEST_F(QueueMappingsTest, FiveBatchesAtFirstThenMore) {
    function_.takes = milliseconds(500);
    send(100);
    create(request(1));
    sim_.run_for(milliseconds(100));
    EXPECT_EQ(function_.at_once, 5);
    sim_.run_for(milliseconds(200));
    EXPECT_EQ(function_.at_once, 6);
    run_until_empty();
    EXPECT_GT(function_.at_once, 10);
}

TEST_F(QueueMappingsTest, MaximumConcurrencyIsKept) {
    function_.takes = seconds(1);
    send(20);
    auto with = request(1);
    with.settings.max_concurrency = 2;
    create(std::move(with));
    run_until_empty();
    EXPECT_EQ(function_.at_once, 2);
}

TEST_F(QueueMappingsTest, AFunctionThatFailsGetsLessAndLess) {
    queue_.visibility = seconds(3);
    for (int i = 0; i < 50; ++i) queue_.send("poison");
    create(request(1));
    sim_.run_for(seconds(2));
    function_.at_once = 0;
    function_.takes = milliseconds(100);
    sim_.run_for(seconds(10));
    EXPECT_EQ(function_.at_once, 1);
    EXPECT_THAT(mappings_->get(caller_, mappings_->list(caller_, "", "").front().uuid)
                    ->last_processing_result.value(),
                HasSubstr("PROBLEM: Function call failed"));
}

TEST_F(QueueMappingsTest, AThrottledBatchIsTriedWhileItsMessagesAreInvisible) {
    function_.throttles = 2;
    send(1);
    create(request());
    run_until_empty();
    EXPECT_EQ(function_.throttles, 0);
    EXPECT_THAT(function_.batches, SizeIs(1));
    function_.throttles = 1000;
    send(1);
    sim_.run_for(seconds(40));
    EXPECT_EQ(queue_.receives("id-000000"), 2);  // the queue gave it anew
    EXPECT_THAT(queue_.failed, ElementsAre("id-000000"));
}

TEST_F(QueueMappingsTest, AnEventStaysBelowSixMegabytes) {
    for (int i = 0; i < 10; ++i) queue_.send(std::string(1'000'000, '"'));  // two bytes in JSON
    create(request());
    run_until_empty();
    EXPECT_GE(function_.batches.size(), 4U);
    EXPECT_THAT(function_.batches.front(), SizeIs(3));
}

TEST_F(QueueMappingsTest, FilteredMessagesAreDeletedUnseen) {
    for (const char* body : {R"({"n":1})", R"({"n":2})", "plain"}) queue_.send(body);
    auto with = request();
    with.settings.filters = {R"({"body":{"n":[2]}})"};
    const std::string uuid = create(std::move(with));
    run_until_empty();
    EXPECT_THAT(function_.batches, ElementsAre(ElementsAre(R"({"n":2})")));
    const auto status = mappings_->status(uuid);
    EXPECT_THAT(wire::write_json(*status),
                HasSubstr(R"("polled":3,"filtered":2,"invoked":1,"failed":0,"deleted":3})"));
    const std::string metrics = mappings_->metrics_text();
    EXPECT_THAT(metrics, HasSubstr("millrace_mapping_deleted_total{uuid=\"" + uuid + "\"} 3\n"));
    for (const char* of_streams :
         {"dropped_total{", "delivered_total{", "failures_total{", "age_seconds{"})
        EXPECT_THAT(metrics, Not(HasSubstr(of_streams)));
}

TEST_F(QueueMappingsTest, WhatWasGatheredIsGivenBackWhenTheMappingIsDisabled) {
    auto with = request(100);
    with.settings.window_seconds = 10;
    const std::string uuid = create(std::move(with));
    send(3);
    sim_.run_for(seconds(1));
    EXPECT_EQ(queue_.visible(), 0U);
    ASSERT_TRUE(sim_.await(mappings_->update(caller_, uuid, {.enabled = false})));
    sim_.run_for(milliseconds(100));
    EXPECT_EQ(queue_.visible(), 3U);
    EXPECT_EQ(queue_.receives("id-000000"), 0);
    EXPECT_THAT(function_.batches, IsEmpty());
}

TEST_F(QueueMappingsTest, AfterACrashItGoesOn) {
    function_.takes = seconds(1);
    create(request());
    send(1);
    sim_.run_for(milliseconds(500));
    sim_.kill_software();
    mappings_.reset();
    open();
    run_until_empty();
    EXPECT_THAT(function_.batches, SizeIs(2));
}

TEST_F(QueueMappingsTest, AQueueThatIsGoneIsAProblemUntilItIsBack) {
    const std::string uuid = create(request());
    queue_.is_gone = true;
    send(1);
    sim_.run_for(seconds(1));
    EXPECT_EQ(mappings_->get(caller_, uuid)->last_processing_result, "PROBLEM: The queue is gone.");
    queue_.is_gone = false;
    run_until_empty();
    EXPECT_EQ(mappings_->get(caller_, uuid)->last_processing_result, std::nullopt);
}

TEST_F(QueueMappingsTest, RefusalsAreThoseOfAws) {
    auto with = request();
    with.starting_position = "LATEST";
    EXPECT_EQ(refusal(with), "StartingPosition is not valid for SQS event sources.");
    EXPECT_EQ(refusal(request(11)),
              "Maximum batch window in seconds must be greater than 0 if maximum batch size is "
              "greater than 10");
    with = request();
    with.source_arn = fifo_arn;
    with.settings.window_seconds = 1;
    EXPECT_EQ(refusal(with), "Batching window is not supported for FIFO queues");
    queue_.visibility = seconds(2);
    EXPECT_EQ(refusal(request()),
              "Queue visibility timeout: 2 seconds is less than Function timeout: 3 seconds");
    queue_.is_gone = true;
    EXPECT_THAT(refusal(request()), HasSubstr("AWS.SimpleQueueService.NonExistentQueue"));
    queue_.is_gone = false;
    queue_.visibility = seconds(5);
    const std::string uuid = create(request());
    EXPECT_EQ(mappings_->check_timeout("arn:f", 6).error().message,
              "Queue visibility timeout: 5 seconds is less than Function timeout: 6 seconds");
    EXPECT_TRUE(mappings_->check_timeout("arn:f", 5));
    EXPECT_TRUE(mappings_->check_timeout("arn:g", 6));
    const auto changed =
        sim_.await(mappings_->update(caller_, uuid, {.settings = {.parallelization_factor = 2}}));
    EXPECT_EQ(changed.error().message,
              "Unsupported ParallelizationFactor parameter for given event source mapping type.");
    EXPECT_THAT(sim_.await(mappings_->rewind(uuid, "TRIM_HORIZON")).error().message,
                HasSubstr("cannot be rewound"));
}

}  // namespace
}  // namespace mill::lambda
