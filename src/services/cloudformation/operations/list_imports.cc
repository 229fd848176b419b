// SPDX-License-Identifier: Apache-2.0
// ListImports: the stacks that use an export by Fn::ImportValue, by name.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListImports.html
#include <fmt/format.h>

#include <algorithm>

#include "services/cloudformation/cloudformation.h"
#include "services/cloudformation/exports.h"
#include "services/cloudformation/stack_shapes.h"

namespace mill::cloudformation {
namespace {

struct ListImportsInput {
    std::optional<std::string> export_name;
    std::optional<std::string> next_token;

    static constexpr auto shape() {
        using In = ListImportsInput;
        return wire::structure("ListImportsInput",
                               wire::member<&In::export_name>("ExportName").required(),
                               wire::member<&In::next_token>("NextToken").length(1, 1024));
    }
};

struct ListImportsOutput {
    std::vector<std::string> imports;
    std::optional<std::string> next_token;

    static constexpr auto shape() {
        return wire::structure("ListImportsOutput",
                               wire::member<&ListImportsOutput::imports>("Imports"),
                               wire::member<&ListImportsOutput::next_token>("NextToken"));
    }
};

Task<Result<ListImportsOutput>> list_imports(CloudFormation& service, Caller caller,
                                             ListImportsInput input) {
    MILL_CO_TRY(const std::int64_t first, page_position(input.next_token, 0));
    const std::vector<std::string> all =
        importers_of(service.stacks(), caller.account, caller.region, *input.export_name);
    if (all.empty()) {
        co_return fail("ValidationError",
                       fmt::format("Export '{}' is not imported by any stack.", *input.export_name),
                       400);
    }
    const auto count = static_cast<std::int64_t>(all.size());
    const std::int64_t begin = std::min(first, count), end = std::min(begin + page_size, count);
    ListImportsOutput output{.imports = {all.begin() + begin, all.begin() + end}};
    if (end < count) output.next_token = page_token(end);
    co_return output;
}

}  // namespace

extern const wire::Operation list_imports_operation;
const wire::Operation list_imports_operation = wire::operation<&list_imports>("ListImports");

}  // namespace mill::cloudformation
