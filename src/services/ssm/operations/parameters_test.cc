// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engines/memory/memory.h"
#include "services/ssm/ssm.h"
#include "sim/machine/sim_machine.h"

namespace mill::ssm {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

class Parameters : public testing::Test {
  protected:
    Result<wire::Value> call(std::string_view name, std::string_view json) {
        for (const wire::Operation* operation : operations()) {
            if (operation->name != name) continue;
            const auto output =
                sim_.await(operation->invoke(ssm_.get(), caller_, *wire::parse_json(json)));
            if (!output) return std::unexpected(output.error());
            std::string text;
            wire::encode(*output->structure, output->object.get(), *wire::json_writer(text));
            return wire::parse_json(text);
        }
        ADD_FAILURE() << "no operation " << name;
        std::abort();
    }
    wire::Value ok(std::string_view name, std::string_view json) {
        auto answer = call(name, json);
        EXPECT_TRUE(answer) << name << " " << json << ": " << answer.error().code << ": "
                            << answer.error().message;
        return answer ? *answer : wire::Value();
    }
    std::string text(std::string_view name, std::string_view json) {
        return wire::write_json(ok(name, json));
    }
    std::string error(std::string_view name, std::string_view json) {
        const auto answer = call(name, json);
        return answer ? "no error" : answer.error().code + ": " + answer.error().message;
    }
    void put(const std::string& name, const std::string& value, const std::string& more = "") {
        ok("PutParameter",
           fmt::format(R"({{"Name":"{}","Value":"{}","Type":"String"{}}})", name, value, more));
    }
    void overwrite(const std::string& name, const std::string& value) {
        ok("PutParameter",
           fmt::format(R"({{"Name":"{}","Value":"{}","Overwrite":true}})", name, value));
    }
    std::string value(const std::string& name) {
        const auto answer = ok("GetParameter", R"({"Name":")" + name + "\"}");
        return wire::text_of(*answer.find("Parameter"), "Value");
    }
    // As after a restart of the server: only what the engine keeps is still there.
    void reopen() { ssm_ = *Ssm::open(sim_.machine(), engine_); }
    static ports::ResourceRequest request(std::string_view properties) {
        return {.type = "AWS::SSM::Parameter",
                .logical_id = "P",
                .stack_name = "s",
                .generated_name = "s-P-0123456789ab",
                .properties = *wire::parse_json(properties)};
    }

    sim::SimMachine sim_{7};
    storage::Engine engine_ = memory::make_engine(sim_.machine());
    Caller caller_;
    std::unique_ptr<Ssm> ssm_ = *Ssm::open(sim_.machine(), engine_);
};

TEST_F(Parameters, HaveVersionsAndLabels) {
    put("/a/b", "one", R"(,"Description":"d")");
    EXPECT_THAT(error("PutParameter", R"({"Name":"/a/b","Value":"x"})"),
                StartsWith("ParameterAlreadyExists"));
    overwrite("/a/b", "two");
    ok("LabelParameterVersion", R"({"Name":"/a/b","ParameterVersion":1,"Labels":["prod"]})");
    reopen();
    EXPECT_EQ(value("/a/b"), "two");
    EXPECT_EQ(value("/a/b:1"), "one");
    EXPECT_EQ(value("/a/b:prod"), "one");
    EXPECT_EQ(value("arn:aws:ssm:us-east-1:000000000000:parameter/a/b"), "two");
    EXPECT_EQ(error("GetParameter", R"({"Name":"/a/b:9"})"),
              "ParameterVersionNotFound: Systems Manager could not find version 9 of /a/b. Verify "
              "the version and try again.");
    EXPECT_EQ(error("GetParameter", R"({"Name":"/none"})"), "ParameterNotFound: ");
    const auto history = ok("GetParameterHistory", R"({"Name":"/a/b"})");
    ASSERT_THAT(*history.find("Parameters")->items(), SizeIs(2));
    EXPECT_EQ(wire::write_json(*history.find("Parameters")->items()->front().find("Labels")),
              R"(["prod"])");
    EXPECT_EQ(wire::text_of(history.find("Parameters")->items()->back(), "Description"), "d");
    const auto page = ok("GetParameterHistory", R"({"Name":"/a/b","MaxResults":1})");
    const auto rest = ok("GetParameterHistory", fmt::format(R"({{"Name":"/a/b","NextToken":"{}"}})",
                                                            wire::text_of(page, "NextToken")));
    EXPECT_THAT(*rest.find("Parameters")->items(), SizeIs(1));
    EXPECT_THAT(error("GetParameterHistory", R"({"Name":"/a/b","NextToken":"Z2FyYmFnZQ=="})"),
                StartsWith("InvalidNextToken"));
    EXPECT_EQ(text("UnlabelParameterVersion",
                   R"({"Name":"/a/b","ParameterVersion":1,"Labels":["prod","none"]})"),
              R"({"RemovedLabels":["prod"],"InvalidLabels":["none"]})");
    EXPECT_EQ(text("LabelParameterVersion", R"({"Name":"/a/b","Labels":["1st","aws","ok"]})"),
              R"({"InvalidLabels":["1st","aws"],"ParameterVersion":2})");
}

TEST_F(Parameters, AreFoundByTheArnsThatAreGiven) {
    for (const std::string name : {"/b", "c", "/d/e"}) {
        put(name, "one");
        const auto got = ok("GetParameter", R"({"Name":")" + name + "\"}");
        const std::string arn = wire::text_of(*got.find("Parameter"), "ARN");
        EXPECT_EQ(value(arn), "one") << arn;
        overwrite(arn, "two");
        EXPECT_EQ(value(name), "two");
        EXPECT_EQ(value(arn + ":1"), "one");
        ok("LabelParameterVersion",
           R"({"Name":")" + arn + R"(","ParameterVersion":1,"Labels":["first"]})");
        EXPECT_EQ(value(arn + ":first"), "one");
        ok("DeleteParameter", R"({"Name":")" + arn + "\"}");
    }
    put("/f", "rooted");
    put("f", "plain");
    EXPECT_EQ(value("arn:aws:ssm:us-east-1:000000000000:parameter/f"), "plain");
    EXPECT_EQ(value("/f"), "rooted");
    EXPECT_THAT(error("GetParameter", R"({"Name":"b"})"), StartsWith("ParameterNotFound"));
}

TEST_F(Parameters, KeepAHundredVersionsButNeverLoseALabelledOne) {
    put("p", "0");
    for (int i = 1; i <= 100; ++i) overwrite("p", std::to_string(i));
    EXPECT_THAT(error("GetParameter", R"({"Name":"p:1"})"), StartsWith("ParameterVersionNotFound"));
    ok("LabelParameterVersion", R"({"Name":"p","ParameterVersion":2,"Labels":["keep"]})");
    EXPECT_THAT(error("PutParameter", R"({"Name":"p","Value":"x","Overwrite":true})"),
                HasSubstr("Version 2, the oldest version, can't be deleted"));
    EXPECT_EQ(value("p"), "100");
    ok("DeleteParameter", R"({"Name":"p"})");
    EXPECT_THAT(*engine_.table->scan("ssm/"), SizeIs(0)) << "nothing is left of it";
}

TEST_F(Parameters, AreFoundByPathInPages) {
    for (int i = 0; i < 12; ++i) put(fmt::format("/app/p{:02}", i), "v");
    put("/app/deep/q", "v");
    put("/apple", "v");
    const auto first = ok("GetParametersByPath", R"({"Path":"/app"})");
    EXPECT_THAT(*first.find("Parameters")->items(), SizeIs(10));
    const auto rest = ok(
        "GetParametersByPath",
        fmt::format(R"({{"Path":"/app/","NextToken":"{}"}})", wire::text_of(first, "NextToken")));
    EXPECT_THAT(*rest.find("Parameters")->items(), SizeIs(2));
    EXPECT_FALSE(rest.find("NextToken"));
    const auto deep = ok("GetParametersByPath", R"({"Path":"/app/deep","Recursive":true})");
    EXPECT_THAT(*deep.find("Parameters")->items(), SizeIs(1));
    const auto all = ok("GetParametersByPath", R"({"Path":"/app","Recursive":true})");
    EXPECT_EQ(wire::text_of(all.find("Parameters")->items()->front(), "Name"), "/app/deep/q");
    EXPECT_THAT(error("GetParametersByPath", R"({"Path":"app"})"),
                StartsWith("ValidationException"));
    EXPECT_THAT(error("GetParametersByPath", R"({"Path":"/","NextToken":"%"})"),
                StartsWith("InvalidNextToken"));
}

TEST_F(Parameters, AreDescribedAndFiltered) {
    put("/x/a", "v", R"(,"Tags":[{"Key":"k","Value":"1"}])");
    put("b", "v");
    ok("PutParameter", R"({"Name":"s","Value":"v","Type":"SecureString"})");
    const auto described = [&](std::string_view filters) {
        const auto answer = ok("DescribeParameters", filters);
        std::string names;
        for (const auto& one : *answer.find("Parameters")->items())
            names += wire::text_of(one, "Name") + " ";
        return names;
    };
    EXPECT_EQ(described("{}"), "/x/a b s ");
    EXPECT_EQ(described(R"({"ParameterFilters":[{"Key":"Type","Values":["SecureString"]}]})"),
              "s ");
    EXPECT_EQ(described(R"({"ParameterFilters":[{"Key":"tag:k","Values":["1"]}]})"), "/x/a ");
    EXPECT_EQ(described(R"({"ParameterFilters":[{"Key":"Path","Values":["/x"]}]})"), "/x/a ");
    EXPECT_EQ(described(R"({"ParameterFilters":[{"Key":"Name","Option":"Contains",)"
                        R"("Values":["x"]}]})"),
              "/x/a ");
    EXPECT_EQ(described(R"({"Filters":[{"Key":"Name","Values":["b"]}]})"), "b ");
    EXPECT_THAT(error("DescribeParameters",
                      R"({"ParameterFilters":[{"Key":"Name","Option":"Like","Values":["x"]}]})"),
                StartsWith("InvalidFilterOption"));
}

TEST_F(Parameters, TellASecureStringInClearOnlyWhenAsked) {
    ok("PutParameter", R"({"Name":"s","Value":"hidden","Type":"SecureString"})");
    EXPECT_THAT(text("GetParameter", R"({"Name":"s"})"), testing::Not(HasSubstr("hidden")));
    EXPECT_THAT(text("GetParameter", R"({"Name":"s","WithDecryption":true})"), HasSubstr("hidden"));
    EXPECT_THAT(text("GetParameterHistory", R"({"Name":"s"})"), testing::Not(HasSubstr("hidden")));
    EXPECT_THAT(text("DescribeParameters", "{}"), HasSubstr("alias/aws/ssm"));
    EXPECT_EQ(ssm_->parameter_value(caller_, "s").error().code, "UnsupportedParameterType");
}

TEST_F(Parameters, RefuseWhatIsWrong) {
    const auto putting = [&](const std::string& name, const std::string& value,
                             const std::string& more) {
        return error("PutParameter",
                     fmt::format(R"({{"Name":"{}","Value":"{}"{}}})", name, value, more));
    };
    const std::string text = R"(,"Type":"String")";
    EXPECT_THAT(putting("p", "v", ""), HasSubstr("A parameter type is required"));
    EXPECT_THAT(putting("a/b", "v", text), HasSubstr("fully qualified name"));
    EXPECT_THAT(putting("/aws/x", "v", text), HasSubstr("can't be prefixed"));
    EXPECT_THAT(putting("a b", "v", text), HasSubstr("can't be prefixed"));
    EXPECT_THAT(putting("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16", "v", text),
                StartsWith("HierarchyLevelLimitExceededException"));
    EXPECT_THAT(putting("p", std::string(4097, 'x'), text), HasSubstr("4096 characters"));
    EXPECT_EQ(putting("q", std::string(4097, 'x'), text + R"(,"Tier":"Advanced")"), "no error");
    EXPECT_THAT(putting("p", "v", text + R"(,"AllowedPattern":"[0-9]+")"),
                StartsWith("ParameterPatternMismatchException"));
    EXPECT_THAT(putting("p", "v", text + R"(,"Policies":"[]")"),
                HasSubstr("Millrace does not support Policies"));
    EXPECT_THAT(putting("p", "v", text + R"(,"DataType":"aws:ec2:image")"),
                HasSubstr("data type is not supported"));
    EXPECT_EQ(putting("p", "1", text + R"(,"AllowedPattern":"[0-9]+")"), "no error");
    EXPECT_THAT(putting("p", "x", R"(,"Overwrite":true)"),
                StartsWith("ParameterPatternMismatchException"));
    EXPECT_THAT(putting("p", "2", R"(,"Overwrite":true,"Type":"SecureString")"),
                StartsWith("HierarchyTypeMismatchException"));
    EXPECT_THAT(putting("p", "2", R"(,"Overwrite":true,"Tags":[{"Key":"a","Value":"b"}])"),
                HasSubstr("tags and overwrite can't be used together"));
}

TEST_F(Parameters, HaveTags) {
    put("p", "v");
    const std::string which = R"({"ResourceType":"Parameter","ResourceId":"p")";
    ok("AddTagsToResource",
       which + R"(,"Tags":[{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}]})");
    ok("RemoveTagsFromResource", which + R"(,"TagKeys":["a"]})");
    EXPECT_EQ(text("ListTagsForResource", which + "}"), R"({"TagList":[{"Key":"b","Value":"2"}]})");
    EXPECT_THAT(error("ListTagsForResource", R"({"ResourceType":"Parameter","ResourceId":"x"})"),
                StartsWith("InvalidResourceId"));
    EXPECT_THAT(error("ListTagsForResource", R"({"ResourceType":"Document","ResourceId":"p"})"),
                StartsWith("InvalidResourceType"));
}

TEST_F(Parameters, AreGotAndDeletedSeveralAtATime) {
    put("a", "1");
    put("b", "2");
    const auto got = ok("GetParameters", R"({"Names":["a","b:1","c"]})");
    EXPECT_THAT(*got.find("Parameters")->items(), SizeIs(2));
    EXPECT_EQ(wire::write_json(*got.find("InvalidParameters")), R"(["c"])");
    EXPECT_EQ(text("DeleteParameters", R"({"Names":["a","c"]})"),
              R"({"DeletedParameters":["a"],"InvalidParameters":["c"]})");
}

// Counts its commits.
class CountingTable final : public storage::Table {
  public:
    explicit CountingTable(std::unique_ptr<storage::Table> table) : table_(std::move(table)) {}
    Result<std::optional<Bytes>> get(std::string_view key) override { return table_->get(key); }
    Result<std::vector<Entry>> scan(std::string_view prefix, std::string_view after,
                                    std::size_t limit) override {
        return table_->scan(prefix, after, limit);
    }
    Task<Result<void>> commit(Commit commit) override {
        ++commits;
        return table_->commit(std::move(commit));
    }
    int commits = 0;

  private:
    std::unique_ptr<storage::Table> table_;
};

TEST_F(Parameters, AreDeletedTogether) {
    for (const char* name : {"a", "b", "c"}) put(name, "1");
    auto owned = std::make_unique<CountingTable>(std::move(engine_.table));
    const CountingTable& table = *owned;
    engine_.table = std::move(owned);
    reopen();
    EXPECT_EQ(text("DeleteParameters", R"({"Names":["a","b","a","c"]})"),
              R"({"DeletedParameters":["a","b","c"],"InvalidParameters":["a"]})");
    EXPECT_EQ(table.commits, 1);
    EXPECT_THAT(*engine_.table->scan("ssm/"), SizeIs(0));
    ok("DeleteParameters", R"({"Names":["a"]})");
    EXPECT_EQ(table.commits, 1) << "nothing to commit";
}

TEST_F(Parameters, AreResourcesOfStacks) {
    const std::string first =
        R"({"Type":"String","Value":"1","Description":"d","Tags":{"k":"v"},"AllowedPattern":"[0-9]+"})";
    const auto made = sim_.await(ssm_->create(request(first)));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->physical_id, "s-P-0123456789ab");
    EXPECT_EQ(wire::text_of(made->attributes, "Value"), "1");
    EXPECT_FALSE(sim_.await(ssm_->create(request(first)))) << "it is there already";
    const auto changed = sim_.await(ssm_->update(request(R"({"Type":"String","Value":"x"})"),
                                                 made->physical_id, *wire::parse_json(first)));
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_EQ(value(made->physical_id), "x");
    EXPECT_EQ(text("ListTagsForResource",
                   R"({"ResourceType":"Parameter","ResourceId":"s-P-0123456789ab"})"),
              R"({"TagList":[]})");
    EXPECT_FALSE(sim_.await(ssm_->create(request(R"({"Type":"SecureString","Value":"1"})"))));
    EXPECT_TRUE(sim_.await(ssm_->remove(request(first), made->physical_id)));
    EXPECT_TRUE(sim_.await(ssm_->remove(request(first), made->physical_id)));
}

}  // namespace
}  // namespace mill::ssm
