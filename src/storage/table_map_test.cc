// SPDX-License-Identifier: Apache-2.0
#include "storage/table_map.h"

#include <gtest/gtest.h>

namespace mill::storage {
namespace {

TEST(TableMap, RevertTakesBackInReverse) {
    TableMap map;
    map.apply({.puts = {{"a", "0"}}});
    auto first = map.apply({.puts = {{"a", "1"}, {"b", "1"}, {"a", "1b"}}});
    auto second = map.apply({.puts = {{"c", "2"}}, .erases = {"a"}});
    EXPECT_EQ(map.get("a"), std::nullopt);
    map.revert(std::move(second));
    EXPECT_EQ(map.get("a"), "1b");
    EXPECT_EQ(map.get("c"), std::nullopt);
    map.revert(std::move(first));
    EXPECT_EQ(map.scan("", "", 0), (std::vector<Table::Entry>{{"a", "0"}}));
}

TEST(TableMap, AKeyThatIsErasedAndPutIsPut) {
    TableMap map;
    map.apply({.puts = {{"a", "1"}}});
    map.apply({.puts = {{"a", "2"}}, .erases = {"a"}});
    EXPECT_EQ(map.get("a"), "2");
}

TEST(TableMap, ConflictNamesTheKey) {
    TableMap map;
    const auto checked = map.check({{"a", std::nullopt}, {"b", "1"}});
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, "storage.conflict");
    EXPECT_NE(checked.error().message.find("\"b\""), std::string::npos);
}

}  // namespace
}  // namespace mill::storage
