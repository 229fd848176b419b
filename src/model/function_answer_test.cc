// SPDX-License-Identifier: Apache-2.0
#include "model/function_answer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace mill::model {
namespace {

// A batch of the records 10, 11 and 12.
std::optional<std::size_t> place_of(std::string_view sequence_number) {
    constexpr std::array<std::string_view, 3> batch = {"10", "11", "12"};
    const auto* found = std::ranges::find(batch, sequence_number);
    if (found == batch.end()) return std::nullopt;
    return static_cast<std::size_t>(found - batch.begin());
}

std::string outcome_of(std::string_view payload, AnswerRules rules) {
    const BatchOutcome outcome = read_answer(payload, rules, place_of).outcome;
    if (std::holds_alternative<Succeeded>(outcome)) return "succeeded";
    if (std::holds_alternative<FunctionFailed>(outcome)) return "failed";
    if (std::holds_alternative<NotRun>(outcome)) return "not run";
    return "failed from " + std::to_string(std::get<FailedFrom>(outcome).index);
}

struct Row {
    const char* payload;
    const char* outcome;
};

// Each row of the table in the Developer Guide, and what AWS was seen to do.
constexpr Row reported[] = {
    {"", "succeeded"},
    {"null", "succeeded"},
    {R"("")", "succeeded"},
    {"[]", "succeeded"},
    {"{}", "succeeded"},
    {R"({"batchItemFailures":[]})", "succeeded"},
    {R"({"batchItemFailures":null})", "succeeded"},
    {R"({"batchItemFailures":[{"itemIdentifier":"10"}]})", "failed from 0"},
    {R"({"batchItemFailures":[{"itemIdentifier":"12"}]})", "failed from 2"},
    {R"({"batchItemFailures":[{"itemIdentifier":"12"},{"itemIdentifier":"11"}]})", "failed from 1"},
    {R"({"batchItemFailures":[{"itemIdentifier":"11"},{"itemIdentifier":"11"}]})", "failed from 1"},
    {R"({"batchItemFailures":[{"itemIdentifier":""}]})", "failed from 0"},
    {R"({"batchItemFailures":[{"itemIdentifier":null}]})", "failed from 0"},
    {R"({"batchItemFailures":[{"foo":123}]})", "failed from 0"},
    {R"({"batchItemFailures":[{"foo":null}]})", "failed from 0"},
    {R"({"batchItemFailures":[{"itemIdentifier":123}]})", "failed from 0"},
    {R"({"batchItemFailures":[{"itemIdentifier":11}]})", "failed from 0"},
    {R"({"batchItemFailures":[{"itemIdentifier":"99"}]})", "failed from 0"},
    {R"({"batchItemFailures":[{"itemIdentifier":"12"},{"itemIdentifier":"99"}]})", "failed from 0"},
    {R"({"batchItemFailures":["12"]})", "failed from 0"},
    {R"({"batchItemFailures":"12"})", "failed from 0"},
    {R"({"batchItemFailures":{"itemIdentifier":"12"}})", "failed from 0"},
    {R"({"x":1})", "succeeded"},
    {R"({"x":49590338271490256608559692538361571095921575989136588898})", "succeeded"},
    {R"("text")", "succeeded"},
    {"5", "succeeded"},
    {"not json", "failed"},
    {R"({"batchItemFailures":[)", "failed"},
};

TEST(FunctionAnswer, ItemFailuresFollowTheTable) {
    for (const Row& row : reported)
        EXPECT_EQ(outcome_of(row.payload, {.reports_item_failures = true}), row.outcome)
            << row.payload;
}

TEST(FunctionAnswer, IsIgnoredByAMappingThatAsksForNothing) {
    for (const Row& row : reported) EXPECT_EQ(outcome_of(row.payload, {}), "succeeded");
}

TEST(FunctionAnswer, OfAWindowHasItsState) {
    constexpr AnswerRules rules{.keeps_state = true};
    for (const char* payload :
         {"", "null", "{}", "[]", "5", R"({"state":null})", R"({"state":"s"})", R"({"state":[1]})",
          R"({"state":{})", "not json"})
        EXPECT_EQ(outcome_of(payload, rules), "failed") << payload;
    const auto answer = read_answer(
        R"({"a":[{"state":{"no":1}}], "state" : {"n": 49590338271490256608559692538361571095921575989136588898, "t":"}"} , "z":1})",
        rules, place_of);
    EXPECT_TRUE(std::holds_alternative<Succeeded>(answer.outcome));
    EXPECT_EQ(answer.state,
              R"({"n": 49590338271490256608559692538361571095921575989136588898, "t":"}"})");
}

TEST(FunctionAnswer, StateCountsAsFarAsRecordsSucceeded) {
    constexpr AnswerRules rules{.reports_item_failures = true, .keeps_state = true};
    const auto state = [&](std::string_view failures) {
        return read_answer(R"({"state":{"n":1},"batchItemFailures":)" + std::string(failures) + "}",
                           rules, place_of)
            .state;
    };
    EXPECT_EQ(state("[]"), R"({"n":1})");
    EXPECT_EQ(state(R"([{"itemIdentifier":"11"}])"), R"({"n":1})");
    EXPECT_EQ(state(R"([{"itemIdentifier":"10"}])"), std::nullopt);
    EXPECT_EQ(outcome_of(R"({"state":{},"batchItemFailures":[{"itemIdentifier":"11"}]})", rules),
              "failed from 1");
    EXPECT_EQ(outcome_of(R"({"batchItemFailures":[]})", rules), "failed") << "without a state";
}

}  // namespace
}  // namespace mill::model
