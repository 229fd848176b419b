// SPDX-License-Identifier: Apache-2.0
// The service on a pretend machine, with providers in memory that fail, hang and replace when told
// to.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "engines/memory/memory.h"
#include "services/cloudformation/cloudformation.h"
#include "sim/machine/sim_machine.h"

namespace mill::cloudformation {

using wire::Value;

// Resources by name; what exists outlives the service, as the other services' tables do.
class FakeProvider final : public ports::ResourceProvider {
  public:
    explicit FakeProvider(Machine& machine) : machine_(machine) {}

    std::span<const std::string_view> types() const override {
        static constexpr std::string_view names[] = {
            "AWS::Kinesis::Stream", "AWS::IAM::Role", "AWS::Lambda::Function",
            "AWS::Lambda::LayerVersion", "AWS::Lambda::EventSourceMapping"};
        return names;
    }
    std::span<const std::string_view> create_only(std::string_view) const override {
        static constexpr std::string_view names[] = {"Immutable"};
        return names;
    }
    Task<Result<ports::Resource>> create(ports::ResourceRequest request) override {
        calls.push_back("create " + request.logical_id);
        if (hang_before.contains(request.logical_id)) co_await hang();
        if (slow.contains(request.logical_id))
            co_await machine::sleep_until(machine_.timers,
                                          machine_.clock.now() + std::chrono::minutes(2));
        if (failing.contains(request.logical_id))
            co_return fail("LimitExceededException", "No more.", 400);
        const std::string name = text_of(request.properties, "Name", request.generated_name);
        if (existing.contains(name))
            co_return fail("ResourceInUseException", "Stream " + name + " already exists.", 400);
        existing[name] = request.properties;
        if (hang_after.contains(request.logical_id)) co_await hang();
        co_return resource(name);
    }
    Task<Result<ports::Resource>> update(ports::ResourceRequest request, std::string physical_id,
                                         Value old) override {
        calls.push_back("update " + request.logical_id);
        if (failing.contains(request.logical_id))
            co_return fail("ValidationException", "Not so.", 400);
        if (!existing.contains(physical_id))
            co_return fail("ResourceNotFoundException", "Gone.", 400);
        if (text_of(old, "Immutable") != text_of(request.properties, "Immutable"))
            co_return fail("resource.replace", "");
        existing[physical_id] = request.properties;
        co_return resource(physical_id);
    }
    Task<Result<void>> remove(ports::ResourceRequest request, std::string physical_id) override {
        calls.push_back("remove " + request.logical_id);
        if (hang_before.contains(request.logical_id)) co_await hang();
        if (undeletable.contains(request.logical_id))
            co_return fail("ResourceInUseException", "In use.", 400);
        existing.erase(physical_id);
        co_return Result<void>();
    }

    std::map<std::string, Value> existing;
    std::vector<std::string> calls;
    std::set<std::string> failing, undeletable, hang_before, hang_after, slow;  // logical ids

  private:
    static Result<ports::Resource> resource(const std::string& name) {
        return ports::Resource{.physical_id = name,
                               .attributes = Value::Map{{"Arn", "arn:" + name}}};
    }
    Task<void> hang() {
        auto never = std::make_shared<machine::Signal>(machine_.executor);
        co_await never->wait();
    }
    Machine& machine_;
};

class FakeObjects final : public ports::ObjectStore {
  public:
    Task<Result<Bytes>> get_object(std::string bucket, std::string key) override {
        const auto found = objects.find(bucket + "/" + key);
        if (found == objects.end())
            co_return fail("NoSuchKey", "The specified key does not exist.", 404);
        co_return found->second;
    }
    std::map<std::string, Bytes> objects;
};

class CloudFormationTest : public testing::Test {
  protected:
    CloudFormationTest() { open(); }

    void open() {
        auto made = CloudFormation::open(sim.machine(), engine, {&provider}, objects);
        ASSERT_TRUE(made);
        service = *std::move(made);
    }
    void crash() {
        sim.kill_software();
        service.reset();
        provider.hang_before.clear();
        provider.hang_after.clear();
        open();
        service->start();
    }

    Result<Value> call(std::string_view name, Value::Map input) {
        const auto all = operations();
        const auto operation =
            std::ranges::find_if(all, [&](const auto* one) { return one->name == name; });
        MILL_ASSERT(operation != all.end());
        auto output =
            sim.await((*operation)->invoke(service.get(), caller, Value(std::move(input))));
        if (!output) return std::unexpected(output.error());
        std::string json;
        wire::encode(*output->structure, output->object.get(), *wire::json_writer(json));
        return wire::parse_json(json);
    }
    std::string message(const Result<Value>& result) {
        return result ? "" : result.error().message;
    }

    // Creates the stack "s" and waits until nothing is under way.
    Result<Value> create(std::string_view text, Value::Map more = {}) {
        more.emplace_back("StackName", "s");
        more.emplace_back("TemplateBody", text);
        auto result = call("CreateStack", std::move(more));
        settle();
        return result;
    }
    Result<Value> update(std::string_view text) {
        auto result = call("UpdateStack", {{"StackName", "s"}, {"TemplateBody", text}});
        settle();
        return result;
    }
    void settle() {
        const Stack* stack = service->stacks().find(caller, stack_id());
        if (stack) sim.run_until([&] { return !is_in_progress(stack->durable->status); }, 100'000);
    }
    // Until nothing is under way in any stack.
    void rest() {
        sim.run_until(
            [&] {
                return std::ranges::none_of(service->stacks().all(), [](const Stack* stack) {
                    return stack->running || is_in_progress(stack->row.status);
                });
            },
            100'000);
    }
    std::string stack_id() {
        for (const Stack* stack : service->stacks().all()) return stack->row.stack_id;
        return "";
    }
    Value describe(std::string name = "s") {
        auto result = call("DescribeStacks", {{"StackName", name}});
        EXPECT_TRUE(result) << result.error().message;
        return result ? (*result->find("Stacks")->items())[0] : Value();
    }
    std::string status(std::string name = "s") { return text_of(describe(name), "StackStatus"); }
    // "LogicalId STATUS", oldest first.
    std::vector<std::string> events() {
        auto result = call("DescribeStackEvents", {{"StackName", stack_id()}});
        std::vector<std::string> out;
        for (const Value& event : *result->find("StackEvents")->items()) {
            out.push_back(text_of(event, "LogicalResourceId") + " " +
                          text_of(event, "ResourceStatus"));
        }
        std::ranges::reverse(out);
        return out;
    }
    std::string reason_of(std::string_view event) {
        auto result = call("DescribeStackEvents", {{"StackName", stack_id()}});
        for (const Value& one : *result->find("StackEvents")->items()) {
            if (text_of(one, "LogicalResourceId") + " " + text_of(one, "ResourceStatus") == event)
                return text_of(one, "ResourceStatusReason");
        }
        return "<no such event>";
    }

    sim::SimMachine sim{1};
    storage::Engine engine = memory::make_engine(sim.machine());
    FakeProvider provider{sim.machine()};
    FakeObjects objects;
    Caller caller;
    std::unique_ptr<CloudFormation> service;
};

}  // namespace mill::cloudformation
