// SPDX-License-Identifier: Apache-2.0
// For tests: IAM on the simulated machine over the memory engine. Spoken to in JSON, which decodes
// as Query does.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engines/memory/memory.h"
#include "services/iam/iam.h"
#include "sim/machine/sim_machine.h"

namespace mill::iam {

class IamTest : public testing::Test {
  protected:
    Result<wire::Value> call(std::string_view name, std::string_view json) {
        for (const wire::Operation* operation : operations()) {
            if (operation->name != name) continue;
            const auto output =
                sim_.await(operation->invoke(iam_.get(), caller_, *wire::parse_json(json)));
            if (!output) return std::unexpected(output.error());
            std::string text;
            wire::encode(*output->structure, output->object.get(), *wire::json_writer(text));
            return wire::parse_json(text);
        }
        ADD_FAILURE() << "no operation " << name;
        std::abort();
    }
    // The answer of a call that must succeed.
    wire::Value ok(std::string_view name, std::string_view json) {
        auto answer = call(name, json);
        EXPECT_TRUE(answer) << name << " " << json << ": " << answer.error().code << ": "
                            << answer.error().message;
        return answer ? *answer : wire::Value();
    }
    std::string text(std::string_view name, std::string_view json) {
        return wire::write_json(ok(name, json));
    }
    // "code: message" of a call that must fail.
    std::string error(std::string_view name, std::string_view json) {
        const auto answer = call(name, json);
        return answer ? "no error" : answer.error().code + ": " + answer.error().message;
    }
    // As after a restart of the server: only what the engine keeps is still there.
    void reopen() { iam_ = *Iam::open(sim_.machine(), engine_); }

    static ports::ResourceRequest request(std::string_view type, std::string_view properties) {
        return {.type = std::string(type),
                .logical_id = "Thing",
                .stack_name = "stack",
                .generated_name = "stack-Thing-AbCdEf123456",
                .properties = *wire::parse_json(properties)};
    }
    Result<ports::Resource> create(std::string_view type, std::string_view properties) {
        return sim_.await(iam_->create(request(type, properties)));
    }
    Result<ports::Resource> update(std::string_view type, std::string_view properties,
                                   const std::string& id, std::string_view old) {
        return sim_.await(iam_->update(request(type, properties), id, *wire::parse_json(old)));
    }
    Result<void> remove(std::string_view type, std::string_view properties, const std::string& id) {
        return sim_.await(iam_->remove(request(type, properties), id));
    }

    static std::string quoted(std::string_view text) {
        std::string out;
        wire::append_json_string(text, out);
        return out;
    }
    void make_role(const std::string& name) {
        ok("CreateRole", fmt::format(R"({{"RoleName":"{}","AssumeRolePolicyDocument":{}}})", name,
                                     quoted(trust)));
    }
    std::string make_policy(const std::string& name) {
        const auto made =
            ok("CreatePolicy",
               fmt::format(R"({{"PolicyName":"{}","PolicyDocument":{}}})", name, quoted(document)));
        return wire::text_of(*made.find("Policy"), "Arn");
    }

    static constexpr std::string_view trust =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
        R"("Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]})";
    static constexpr std::string_view document =
        R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})";

    sim::SimMachine sim_{3};
    storage::Engine engine_ = memory::make_engine(sim_.machine());
    Caller caller_;
    std::unique_ptr<Iam> iam_ = *Iam::open(sim_.machine(), engine_);
};

}  // namespace mill::iam
