// SPDX-License-Identifier: Apache-2.0
// sam list: what a project's template makes, and what is there of it.
#include "cli/sam_stack.h"
#include "cli/sam_table.h"
#include "cli/sam_translated.h"
#include "cli/stack_resources.h"

namespace mill::cli {
namespace {

using wire::Value;

struct Column {
    std::string key;    // in JSON
    std::string title;  // in the table
};

// Rows of texts, as a table or as JSON.
void print_rows(Session& session, const std::string& title, const std::vector<Column>& columns,
                const std::vector<std::vector<std::string>>& rows, bool as_json) {
    if (as_json) {
        Value list = Value::list();
        for (const auto& row : rows) {
            Value item = Value::map();
            for (std::size_t i = 0; i < columns.size(); ++i) item[columns[i].key] = row[i];
            list.push_back(std::move(item));
        }
        session.out(wire::ascii_json(wire::write_json_pretty(list)) + "\n");
        return;
    }
    std::vector<std::string> titles;
    for (const Column& column : columns) titles.push_back(column.title);
    SamTable table(session, title, titles);
    for (const auto& row : rows) table.row(row);
    table.end();
}

Result<bool> wants_json(const SamOptions& options) {
    const std::string output = options.get("--output", "table");
    if (output != "json" && output != "table")
        return fail("usage", "Invalid value for '--output': '" + output +
                                 "' is not one of 'json', 'table'.");
    return output == "json";
}

Failure no_stack(const std::string& stack, const Target& target) {
    return fail("list", "The input stack " + stack +
                            " does not exist on Cloudformation in the region " + target.region);
}

Task<Result<std::vector<StackResource>>> deployed_resources(AwsClient& client, std::string stack) {
    auto resources = co_await stack_resources(client, stack);
    if (!resources && resources.error().code == "ValidationError")
        co_return no_stack(stack, client.target());
    co_return resources;
}

// Those of the stack, then those of the template that are not in it, with "-" for their names.
Task<Result<std::vector<StackResource>>> all_resources(Session& session, SamOptions options,
                                                       Target target) {
    const std::string stack = options.get("--stack-name");
    if (stack.empty()) {
        session.err(session.yellow(
                        "The --stack-name options was not provided, displaying only local template "
                        "data. To see data about deployed resources, provide the corresponding "
                        "stack name.") +
                    "\n");
    }
    machine::Files& files = session.machine.files;
    MILL_CO_TRY(const std::string path,
                find_template(files, options.directory, options.get("--template-file")));
    MILL_CO_TRY(auto document, load_template(files, path));
    MILL_CO_TRY(Pairs parameters, parameter_overrides(files, options));
    MILL_CO_TRY(const auto local, co_await translate_template(session, target, std::move(document),
                                                              std::move(parameters)));
    std::vector<StackResource> resources;
    if (!stack.empty()) {
        AwsClient client(session.machine, target);
        MILL_CO_TRY(resources, co_await deployed_resources(client, stack));
    }
    const std::size_t there = resources.size();
    for (const TranslatedResource& one : local) {
        const bool is_there = std::any_of(
            resources.begin(), resources.begin() + static_cast<std::ptrdiff_t>(there),
            [&](const StackResource& other) { return other.logical_id == one.logical_id; });
        if (!is_there) resources.push_back({one.logical_id, "-", one.type});
    }
    co_return resources;
}

Task<Result<std::string>> function_url(AwsClient& client, std::string function) {
    auto answer = co_await client.rest(
        "lambda",
        {.method = "GET",
         .target = "/2021-10-31/functions/" + wire::http::percent_encode(function) + "/url"});
    if (!answer && answer.error().code == "net.unreachable")
        co_return std::unexpected(answer.error());
    if (!answer) co_return std::string("-");
    const auto body = wire::parse_json(answer->body);
    co_return body ? wire::text_of(*body, "FunctionUrl", "-") : "-";
}

}  // namespace

Task<Result<void>> sam_list_resources(Session& session, SamOptions options) {
    MILL_CO_TRY(const bool as_json, wants_json(options));
    MILL_CO_TRY(const Target target, find_target(session, options));
    MILL_CO_TRY(const auto resources, co_await all_resources(session, options, target));
    std::vector<std::vector<std::string>> rows;
    for (const StackResource& one : resources) rows.push_back({one.logical_id, one.physical_id});
    print_rows(session, "Resources",
               {{"LogicalResourceId", "Logical ID"}, {"PhysicalResourceId", "Physical ID"}}, rows,
               as_json);
    co_return Result<void>();
}

Task<Result<void>> sam_list_endpoints(Session& session, SamOptions options) {
    MILL_CO_TRY(const bool as_json, wants_json(options));
    MILL_CO_TRY(const Target target, find_target(session, options));
    MILL_CO_TRY(const auto resources, co_await all_resources(session, options, target));
    AwsClient client(session.machine, target);
    std::vector<std::vector<std::string>> rows;
    for (const StackResource& one : resources) {
        if (one.type != "AWS::Lambda::Function") continue;
        std::string url = "-";
        if (one.physical_id != "-") {
            MILL_CO_TRY(url, co_await function_url(client, one.physical_id));
        }
        rows.push_back({one.logical_id, one.physical_id, url, "-"});
    }
    print_rows(session, "Endpoints",
               {{"LogicalResourceId", "Resource ID"},
                {"PhysicalResourceId", "Physical ID"},
                {"CloudEndpoint", "Cloud Endpoints"},
                {"Methods", "Methods"}},
               rows, as_json);
    co_return Result<void>();
}

Task<Result<void>> sam_list_outputs(Session& session, SamOptions options) {
    MILL_CO_TRY(const bool as_json, wants_json(options));
    const std::string name = options.get("--stack-name");
    if (name.empty()) co_return fail("usage", "Missing option '--stack-name'.");
    MILL_CO_TRY(const Target target, find_target(session, options));
    AwsClient client(session.machine, target);
    MILL_CO_TRY(const auto stack, co_await describe_stack(client, name));
    if (stack.is_null()) co_return no_stack(name, target);
    std::vector<std::vector<std::string>> rows;
    for (const Value& output : wire::list_of(stack, "Outputs")) {
        rows.push_back({wire::text_of(output, "OutputKey"), wire::text_of(output, "OutputValue"),
                        wire::text_of(output, "Description")});
    }
    if (rows.empty()) {
        co_return fail("list", "Outputs do not exist for the input stack " + name +
                                   " on Cloudformation in the region " + target.region);
    }
    print_rows(session, "Stack Outputs",
               {{"OutputKey", "OutputKey"},
                {"OutputValue", "OutputValue"},
                {"Description", "Description"}},
               rows, as_json);
    co_return Result<void>();
}

}  // namespace mill::cli
