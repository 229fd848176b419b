// SPDX-License-Identifier: Apache-2.0
// Notifications: who is told what, and that nothing is lost.
#include "services/s3/notifier.h"

#include "services/s3/s3_fixture.h"

namespace mill::s3 {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct FakeFunctions final : ports::EventInvoker {
    Task<Result<void>> accept_event(ports::InvokeRequest request) override {
        if (failures > 0) {
            --failures;
            co_return fail("io", "not now");
        }
        told.push_back(request.payload);
        co_return Result<void>();
    }
    int failures = 0;
    std::vector<std::string> told;
};

struct FakeQueues final : ports::FailureDestination {
    Task<Result<void>> deliver(ports::FailureNotice notice) override {
        if (notice.destination_arn.ends_with("gone"))
            co_return fail("AWS.SimpleQueueService.NonExistentQueue", "No such queue.", 400);
        told.push_back(notice.document);
        co_return Result<void>();
    }
    std::vector<std::string> told;
};

class NotifierTest : public S3Test {
  protected:
    NotifierTest() {
        bucket();
        open();
    }
    void open() {
        s3 = *S3::open(world.machine(), engine, "data/s3");
        EXPECT_TRUE(s3->start(functions, {{"sqs", &queues}}));
    }
    Response configure(const std::string& parts) {
        return call("PUT", "/deploys?notification",
                    "<NotificationConfiguration>" + parts + "</NotificationConfiguration>");
    }
    static std::string function(const std::string& event, const std::string& filter = {}) {
        return "<CloudFunctionConfiguration><Id>f</Id><CloudFunction>arn:aws:lambda:us-east-1:0:"
               "function:f</CloudFunction><Event>" +
               event + "</Event>" + filter + "</CloudFunctionConfiguration>";
    }
    static std::string queue(const std::string& name) {
        return "<QueueConfiguration><Queue>arn:aws:sqs:us-east-1:0:" + name +
               "</Queue><Event>s3:ObjectRemoved:*</Event></QueueConfiguration>";
    }
    // "ObjectCreated:Put a" of each event.
    static std::vector<std::string> names(const std::vector<std::string>& told) {
        std::vector<std::string> out;
        for (const std::string& text : told) {
            const wire::Value document = *wire::parse_json(text);
            const wire::Value& record = document.find("Records")->items()->front();
            out.push_back(wire::text_of(record, "eventName") + " " +
                          wire::text_of(*record.find("s3")->find("object"), "key"));
        }
        return out;
    }
    void settle() { world.run_for(std::chrono::seconds(10)); }
    FakeFunctions functions;
    FakeQueues queues;
};

TEST_F(NotifierTest, TellsWhoWantsToKnow) {
    EXPECT_EQ(configure(function("s3:ObjectCreated:*") + queue("q")).status, 200);
    ASSERT_EQ(queues.told.size(), 1u);
    EXPECT_THAT(queues.told.front(), HasSubstr(R"("Event":"s3:TestEvent")"));
    queues.told.clear();
    put("a%20b", "hello");
    EXPECT_EQ(call("PUT", "/deploys/c", {}, {{"x-amz-copy-source", "deploys/a%20b"}}).status, 200);
    EXPECT_EQ(call("DELETE", "/deploys/c").status, 204);
    EXPECT_EQ(call("DELETE", "/deploys/nothing").status, 204);
    settle();
    EXPECT_THAT(names(functions.told),
                ElementsAre("ObjectCreated:Put a+b", "ObjectCreated:Copy c"));
    EXPECT_THAT(functions.told.front(),
                HasSubstr(R"("size":5,"eTag":"5d41402abc4b2a76b9719d911017c592")"));
    EXPECT_THAT(names(queues.told), ElementsAre("ObjectRemoved:Delete c"));
    EXPECT_TRUE(engine.table->scan("s3/event/")->empty());
}

TEST_F(NotifierTest, FiltersByPrefixAndSuffix) {
    EXPECT_EQ(configure(function("s3:ObjectCreated:Put",
                                 "<Filter><S3Key><FilterRule><Name>prefix</Name><Value>in/</Value>"
                                 "</FilterRule><FilterRule><Name>suffix</Name><Value>.txt</Value>"
                                 "</FilterRule></S3Key></Filter>"))
                  .status,
              200);
    for (const char* key : {"in/a.txt", "in/a.png", "a.txt"}) put(key);
    settle();
    EXPECT_THAT(names(functions.told), ElementsAre("ObjectCreated:Put in/a.txt"));
}

TEST_F(NotifierTest, TriesAgainInOrderAlsoAfterACrash) {
    EXPECT_EQ(configure(function("s3:ObjectCreated:*")).status, 200);
    functions.failures = 1000;
    put("a");
    put("b");
    settle();
    EXPECT_EQ(engine.table->scan("s3/event/")->size(), 2u);
    functions.failures = 1;
    open();
    settle();
    EXPECT_THAT(names(functions.told), ElementsAre("ObjectCreated:Put a", "ObjectCreated:Put b"));
    EXPECT_TRUE(engine.table->scan("s3/event/")->empty());
}

TEST_F(NotifierTest, RefusesDestinationsThatCannotBeTold) {
    EXPECT_EQ(code_of(configure(queue("gone"))), "InvalidArgument");
    EXPECT_EQ(code_of(configure("<QueueConfiguration><Queue>q</Queue><Event>s3:ObjectRemoved:*"
                                "</Event></QueueConfiguration>")),
              "InvalidArgument");
    EXPECT_EQ(code_of(configure("<EventBridgeConfiguration/>")), "NotImplemented");
    EXPECT_EQ(call("PUT", "/deploys?notification",
                   "<NotificationConfiguration>" + queue("gone") + "</NotificationConfiguration>",
                   {{"x-amz-skip-destination-validation", "true"}})
                  .status,
              200);
    put("a");
    EXPECT_EQ(call("DELETE", "/deploys/a").status, 204);
    settle();
    EXPECT_TRUE(engine.table->scan("s3/event/")->empty()) << "one that is gone is not told";
}

}  // namespace
}  // namespace mill::s3
