// SPDX-License-Identifier: Apache-2.0
// What every Table promises. Include in one test file of an engine, and instantiate TableContract
// with its Subject.
#pragma once

#include "storage/contract/rig.h"

namespace mill::storage::contract {

class TableContract : public testing::TestWithParam<Subject> {
  protected:
    void SetUp() override { rig.open(); }

    Result<void> commit(Table::Commit what) {
        return rig.await(rig.table().commit(std::move(what)));
    }
    std::optional<Bytes> get(std::string_view key) { return rig.table().get(key).value(); }
    std::vector<std::string> keys(std::string_view prefix, std::string_view after = {},
                                  std::size_t limit = 0) {
        std::vector<std::string> found;
        for (const auto& entry : rig.table().scan(prefix, after, limit).value())
            found.push_back(entry.key);
        return found;
    }

    Rig rig{GetParam()};
};

TEST_P(TableContract, PutReplaceErase) {
    EXPECT_EQ(get("a"), std::nullopt);
    EXPECT_TRUE(succeeded(commit({.puts = {{"a", "1"}, {"b", ""}}})));
    EXPECT_EQ(get("a"), "1");
    EXPECT_EQ(get("b"), "");
    EXPECT_TRUE(succeeded(commit({.puts = {{"a", "2"}}, .erases = {"b", "never"}})));
    EXPECT_EQ(get("a"), "2");
    EXPECT_EQ(get("b"), std::nullopt);
}

TEST_P(TableContract, KeysAndValuesAreBytes) {
    const std::string odd("\0\xff\x80 '\"%\n", 8);
    EXPECT_TRUE(succeeded(commit({.puts = {{odd, odd}}})));
    EXPECT_EQ(get(odd), odd);
}

TEST_P(TableContract, ScanIsOrderedByBytes) {
    Table::Commit puts;
    for (const char* key : {"k/b", "k/a", "k/\xc3\xa4", "k", "k/a/x", "j", "l", "k/B"})
        puts.puts.push_back({key, "v"});
    EXPECT_TRUE(succeeded(commit(std::move(puts))));
    using testing::ElementsAre;
    EXPECT_THAT(keys("k/"), ElementsAre("k/B", "k/a", "k/a/x", "k/b", "k/\xc3\xa4"));
    EXPECT_THAT(keys("k/", "k/a"), ElementsAre("k/a/x", "k/b", "k/\xc3\xa4"));
    EXPECT_THAT(keys("k/", "k/a", 2), ElementsAre("k/a/x", "k/b"));
    EXPECT_THAT(keys("k/", "a"), ElementsAre("k/B", "k/a", "k/a/x", "k/b", "k/\xc3\xa4"));
    EXPECT_THAT(keys("k/", "z"), testing::IsEmpty());
    EXPECT_THAT(keys("", "k/b"), ElementsAre("k/\xc3\xa4", "l"));
}

TEST_P(TableContract, PreconditionsGuardTheWholeCommit) {
    EXPECT_TRUE(succeeded(commit({.preconditions = {{"a", std::nullopt}}, .puts = {{"a", "1"}}})));
    EXPECT_EQ(code_of(commit({.preconditions = {{"a", std::nullopt}}, .puts = {{"a", "2"}}})),
              "storage.conflict");
    EXPECT_EQ(code_of(commit({.preconditions = {{"a", "1"}, {"b", "x"}}, .puts = {{"a", "3"}}})),
              "storage.conflict");
    EXPECT_EQ(get("a"), "1");
    EXPECT_TRUE(succeeded(
        commit({.preconditions = {{"a", "1"}, {"b", std::nullopt}}, .puts = {{"a", "4"}}})));
    EXPECT_EQ(get("a"), "4");
}

TEST_P(TableContract, OfCompetingCommitsTheFirstWins) {
    std::vector<Task<Result<void>>> commits;
    for (int i = 0; i < 5; ++i) {
        const Bytes name = std::to_string(i);
        commits.push_back(rig.table().commit(
            {.preconditions = {{"leader", std::nullopt}}, .puts = {{"leader", name}}}));
    }
    int won = 0;
    for (std::size_t i = commits.size(); i-- > 0;)
        won += rig.await(std::move(commits[i])).has_value();
    EXPECT_EQ(won, 1);
    EXPECT_EQ(get("leader"), "0");
}

TEST_P(TableContract, ReadsSeeCommitsThatWereBegunBefore) {
    auto first = rig.table().commit({.puts = {{"a", "1"}}});
    EXPECT_EQ(get("a"), "1");
    auto second = rig.table().commit({.erases = {"a"}});
    EXPECT_EQ(get("a"), std::nullopt);
    EXPECT_THAT(keys(""), testing::IsEmpty());
    EXPECT_TRUE(succeeded(rig.await(std::move(second))));
    EXPECT_TRUE(succeeded(rig.await(std::move(first))));
}

TEST_P(TableContract, LargeValues) {
    const Bytes value(3 * 1024 * 1024, 'v');
    EXPECT_TRUE(succeeded(commit({.puts = {{"a", value}}})));
    EXPECT_EQ(get("a"), value);
}

}  // namespace mill::storage::contract
