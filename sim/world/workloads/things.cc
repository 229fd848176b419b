// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/things.h"

namespace mill::sim {
namespace {

using wire::Value;

constexpr const char* kinesis = "kinesis";
constexpr const char* functions_path = "/2015-03-31/functions/";
constexpr const char* mappings_path = "/2015-03-31/event-source-mappings/";

Task<Result<void>> answered(Task<Result<Value>> call) {
    MILL_CO_CHECK(co_await std::move(call));
    co_return Result<void>{};
}

class StreamThing final : public Thing {
  public:
    using Thing::Thing;
    Task<Result<void>> create() override {
        ++generation_;
        return client_.request_stream(name_, 2);
    }
    Task<Result<void>> remove() override {
        return answered(client_.call(kinesis, "Kinesis_20131202.DeleteStream", named()));
    }
    Task<Result<ThingState>> look() override {
        const auto answer =
            co_await client_.call(kinesis, "Kinesis_20131202.DescribeStreamSummary", named());
        if (!answer && says_absent(answer.error())) co_return ThingState::absent;
        MILL_CO_CHECK(answer);
        const Value* summary = answer->find("StreamDescriptionSummary");
        const std::string status = summary ? wire::text_of(*summary, "StreamStatus") : "";
        if (status == "ACTIVE") co_return ThingState::present;
        if (status == "CREATING") co_return ThingState::making;
        if (status == "DELETING") co_return ThingState::removing;
        co_return fail("sim.state", "StreamStatus " + status);
    }
    bool says_present(const Error& error) const override {
        return error.code == "ResourceInUseException";
    }
    bool says_absent(const Error& error) const override {
        return error.code == "ResourceNotFoundException";
    }
    Task<Result<void>> use() override {
        MILL_CO_CHECK(co_await client_.put(name_, "key", std::to_string(generation_)));
        co_return Result<void>{};
    }
    // It holds its own records only, whatever one of its name has held, and takes more.
    Task<Result<void>> inspect(ThingState state) override {
        if (state != ThingState::present) co_return Result<void>{};
        MILL_CO_CHECK(co_await use());
        MILL_CO_TRY(const auto records, co_await client_.records(name_));
        if (records.empty()) co_return fail("sim.half_made", "it does not keep a record");
        for (const StoredRecord& record : records) {
            if (record.data != std::to_string(generation_))
                co_return fail("sim.not_its_own", "it holds records of an older one");
        }
        co_return Result<void>{};
    }

  private:
    Value named() const {
        Value input = Value::map();
        input["StreamName"] = name_;
        return input;
    }
    int generation_ = 0;  // of streams of this name
};

class FunctionThing final : public Thing {
  public:
    using Thing::Thing;
    Task<Result<void>> create() override { return client_.request_function(name_, 3); }
    Task<Result<void>> remove() override {
        return answered(client_.call_lambda("DELETE", functions_path + name_, {}));
    }
    Task<Result<ThingState>> look() override {
        const auto answer =
            co_await client_.call_lambda("GET", functions_path + name_ + "/configuration", {});
        if (!answer && says_absent(answer.error())) co_return ThingState::absent;
        MILL_CO_CHECK(answer);
        const std::string state = wire::text_of(*answer, "State");
        if (state == "Active") co_return ThingState::present;
        if (state == "Pending") co_return ThingState::making;
        co_return fail("sim.state", "State " + state);
    }
    bool says_present(const Error& error) const override {
        return error.code == "ResourceConflictException";
    }
    bool says_absent(const Error& error) const override {
        return error.code == "ResourceNotFoundException";
    }
    // Its code is there: it answers.
    Task<Result<void>> inspect(ThingState state) override {
        if (state != ThingState::present) co_return Result<void>{};
        MILL_CO_TRY(const Bytes answer, co_await client_.invoke(name_, "{}"));
        if (answer != "{}") co_return fail("sim.half_made", "it answers " + answer);
        co_return Result<void>{};
    }
};

class MappingThing final : public Thing {
  public:
    MappingThing(Client& client, std::string function, std::string stream)
        : Thing(client, std::move(function)), stream_(std::move(stream)) {}
    Task<Result<void>> create() override {
        MILL_CO_CHECK(co_await client_.create_mapping(name_, stream_, {}));
        co_return Result<void>{};
    }
    Task<Result<void>> remove() override {
        MILL_CO_TRY(const Value mapping, co_await listed());
        if (mapping.is_null()) co_return fail("sim.not_listed", "no mapping is listed");
        const std::string path = mappings_path + wire::text_of(mapping, "UUID");
        co_return co_await answered(client_.call_lambda("DELETE", path, {}));
    }
    Task<Result<ThingState>> look() override {
        MILL_CO_TRY(const Value mapping, co_await listed());
        if (mapping.is_null()) co_return ThingState::absent;
        const std::string state = wire::text_of(mapping, "State");
        if (state == "Enabled") co_return ThingState::present;
        if (state == "Creating" || state == "Enabling") co_return ThingState::making;
        if (state == "Deleting") co_return ThingState::removing;
        co_return fail("sim.state", "State " + state);
    }
    bool says_present(const Error& error) const override {
        return error.code == "ResourceConflictException";
    }
    bool says_absent(const Error& error) const override {
        return error.code == "ResourceNotFoundException" || error.code == "sim.not_listed";
    }

  private:
    // The function's mapping; null if it has none.
    Task<Result<Value>> listed() {
        MILL_CO_TRY(const Value answer,
                    co_await client_.call_lambda(
                        "GET", std::string(mappings_path) + "?FunctionName=" + name_, {}));
        const Value* list = answer.find("EventSourceMappings");
        const Value::List* items = list ? list->items() : nullptr;
        if (!items || items->empty()) co_return Value();
        if (items->size() > 1) co_return fail("sim.twice", "it has two mappings of one stream");
        co_return items->front();
    }
    const std::string stream_;
};

class StackThing final : public Thing {
  public:
    using Thing::Thing;
    Task<Result<void>> create() override {
        MILL_CO_CHECK(co_await client_.call_cloudformation(
            "CreateStack", {{"StackName", name_}, {"TemplateBody", stack_template()}}));
        co_return Result<void>{};
    }
    Task<Result<void>> remove() override {
        MILL_CO_CHECK(co_await client_.call_cloudformation("DeleteStack", {{"StackName", name_}}));
        co_return Result<void>{};
    }
    Task<Result<ThingState>> look() override {
        const auto answer =
            co_await client_.call_cloudformation("DescribeStacks", {{"StackName", name_}});
        if (!answer && says_absent(answer.error())) co_return ThingState::absent;
        MILL_CO_CHECK(answer);
        const std::string opening = "<StackStatus>";
        const auto at = answer->find(opening);
        if (at == Bytes::npos) co_return fail("sim.state", "no StackStatus in " + *answer);
        const std::string status =
            answer->substr(at + opening.size(), answer->find('<', at + 1) - at - opening.size());
        if (status == "CREATE_COMPLETE") co_return ThingState::present;
        if (status == "DELETE_IN_PROGRESS") co_return ThingState::removing;
        if (status.ends_with("_IN_PROGRESS")) co_return ThingState::making;
        co_return ThingState::failed;
    }
    bool says_present(const Error& error) const override {
        return error.code == "AlreadyExistsException";
    }
    bool says_absent(const Error& error) const override {
        return error.code == "ValidationError" &&
               error.message.find("does not exist") != std::string::npos;
    }
    // All of its resources, or none.
    Task<Result<void>> inspect(ThingState state) override {
        if (state == ThingState::failed) co_return Result<void>{};
        StreamThing stream(client_, name_ + "-stream");
        FunctionThing function(client_, name_ + "-function");
        MappingThing mapping(client_, name_ + "-function", name_ + "-stream");
        for (Thing* part : std::initializer_list<Thing*>{&stream, &function, &mapping}) {
            MILL_CO_TRY(const ThingState found, co_await part->look());
            if (found == state) continue;
            co_return fail("sim.half_made", "the stack is " + text_of(state) + ", its " +
                                                part->name() + " is " + text_of(found));
        }
        co_return Result<void>{};
    }

  private:
    std::string stack_template() const {
        Value root = Value::map();
        const auto resource = [&root](const char* id, const char* type) -> Value& {
            root["Resources"][id]["Type"] = type;
            return root["Resources"][id]["Properties"];
        };
        Value& stream = resource("Stream", "AWS::Kinesis::Stream");
        stream["Name"] = name_ + "-stream";
        stream["ShardCount"] = 1;
        Value& function = resource("Function", "AWS::Lambda::Function");
        function["FunctionName"] = name_ + "-function";
        function["Runtime"] = "python3.13";
        function["Handler"] = "index.handler";
        function["Role"] = "arn:aws:iam::000000000000:role/sim";
        function["Code"]["ZipFile"] = "def handler(event, context): pass";
        Value& mapping = resource("Mapping", "AWS::Lambda::EventSourceMapping");
        mapping["FunctionName"]["Ref"] = "Function";
        mapping["EventSourceArn"]["Fn::GetAtt"] = Value::List{"Stream", "Arn"};
        mapping["StartingPosition"] = "LATEST";
        return wire::write_json(root);
    }
};

}  // namespace

std::string text_of(ThingState state) {
    switch (state) {
        case ThingState::absent:
            return "absent";
        case ThingState::making:
            return "being made";
        case ThingState::present:
            return "present";
        case ThingState::removing:
            return "being deleted";
        case ThingState::failed:
            return "failed";
    }
    return "";
}

Task<Result<void>> Thing::use() { co_return Result<void>{}; }
Task<Result<void>> Thing::inspect(ThingState) { co_return Result<void>{}; }

std::unique_ptr<Thing> make_stream(Client& client, std::string name) {
    return std::make_unique<StreamThing>(client, std::move(name));
}
std::unique_ptr<Thing> make_function(Client& client, std::string name) {
    return std::make_unique<FunctionThing>(client, std::move(name));
}
std::unique_ptr<Thing> make_mapping(Client& client, std::string function, std::string stream) {
    return std::make_unique<MappingThing>(client, std::move(function), std::move(stream));
}
std::unique_ptr<Thing> make_stack(Client& client, std::string name) {
    return std::make_unique<StackThing>(client, std::move(name));
}

}  // namespace mill::sim
