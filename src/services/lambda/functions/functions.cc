// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/functions/functions.h"

#include <fmt/format.h>

#include "services/lambda/functions/code_upload.h"
#include "services/lambda/functions/zip_archive.h"
#include "services/lambda/invocations/event_settings.h"
#include "services/lambda/layers/layers.h"
#include "services/lambda/tags.h"
#include "services/lambda/urls/function_url.h"

namespace mill::lambda {
namespace {

constexpr std::string_view prefix = "lambda/function/";

std::string key_of(const FunctionId& id) { return std::string(prefix) + id.text(); }

Error update_in_progress(const std::string& arn) {
    return Error{
        "ResourceConflictException",
        "The operation cannot be performed at this time. An update is in progress for resource: " +
            arn,
        409};
}

Result<void> check_revision(const std::optional<std::string>& wanted, const Function& function) {
    if (!wanted || *wanted == function.revision_id) return {};
    return fail("PreconditionFailedException",
                "The Revision Id provided does not match the latest Revision Id. Call the "
                "GetFunction/GetAlias API to "
                "retrieve the latest Revision Id",
                412);
}

Result<void> check_create(const CreateFunctionInput& input) {
    if (input.package_type == "Image" || input.code->image_uri)
        return not_supported("PackageType Image");
    if (input.publish.value_or(false)) return not_supported("Publish");
    if (!input.runtime || !input.handler) {
        return fail("InvalidParameterValueException",
                    "Runtime and Handler are mandatory parameters for functions created with "
                    "deployment packages.",
                    400);
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<Functions>> Functions::open(Machine& machine, storage::Table& table,
                                                   ports::ObjectStore& objects, CodeStore& code,
                                                   Layers& layers) {
    std::unique_ptr<Functions> functions(new Functions(machine, table, objects, code));
    functions->layers_ = &layers;
    MILL_CHECK(functions->load());
    return functions;
}

Result<void> Functions::load() {
    MILL_TRY(auto rows, table_.scan(prefix));
    std::set<std::string> used;
    layers_->add_blobs(used);
    for (const auto& row : rows) {
        MILL_TRY(Function function, wire::from_json<Function>(row.value));
        add_blobs(function, used);
        auto shared = std::make_shared<const Function>(std::move(function));
        functions_[shared->id()] = std::move(shared);
    }
    return code_.clean(used);
}

Result<FunctionPtr> Functions::find(const FunctionReference& reference) const {
    const auto found = functions_.find(reference.id);
    const bool latest = reference.qualifier.empty() || reference.qualifier == "$LATEST";
    if (found == functions_.end() || !latest)
        return std::unexpected(function_not_found(reference.arn()));
    return found->second;
}

std::vector<FunctionPtr> Functions::list(const Caller& caller, const std::string& after,
                                         std::size_t limit) const {
    std::vector<FunctionPtr> out;
    for (auto at = functions_.upper_bound(FunctionId{caller.account, caller.region, after});
         at != functions_.end(); ++at) {
        const FunctionId& id = at->first;
        if (id.account != caller.account || id.region != caller.region || out.size() == limit)
            break;
        out.push_back(at->second);
    }
    return out;
}

// Code and layers together, and that the layers can be put together.
Task<Result<void>> Functions::fit_layers(Function function) {
    if (function.layers.empty()) co_return Result<void>();
    std::vector<std::string> names = blobs_of(function.layers);
    names.push_back(function.code_sha256);
    MILL_CO_TRY(const std::uint64_t bytes, co_await code_.unzipped_bytes(std::move(names)));
    if (bytes > unzipped_bytes_max) {
        co_return fail("InvalidParameterValueException",
                       fmt::format("Function code combined with layers exceeds the maximum allowed "
                                   "size of {} bytes. The actual size is {} bytes.",
                                   unzipped_bytes_max, bytes),
                       400);
    }
    MILL_CO_CHECK(co_await code_.merged_tree(blobs_of(function.layers)));
    co_return Result<void>();
}

void Functions::stamp(Function& function) const {
    // AWS writes whole seconds here: "2026-01-12T15:37:17.000+0000".
    std::string time = iso8601_s(machine_.clock.wall());
    time.pop_back();
    function.last_modified = time + ".000+0000";
    function.revision_id = machine::uuid_v4(machine_.entropy);
}

Task<Result<FunctionPtr>> Functions::create(Caller caller, CreateFunctionInput input) {
    MILL_CO_TRY(const FunctionReference reference,
                parse_function_name(caller, *input.function_name, ""));
    MILL_CO_CHECK(check_create(input));
    Function function{
        .account = caller.account, .region = caller.region, .name = reference.id.name};
    MILL_CO_CHECK(apply(settings_of(input), function));
    if (input.architectures) function.architectures = *input.architectures;
    if (input.layers) {
        MILL_CO_TRY(function.layers, layers_->resolve(caller, *input.layers));
    }
    if (input.tags) function.tags = *input.tags;
    MILL_CO_CHECK(check_tags(function.tags));
    const Failure exists =
        fail("ResourceConflictException", "Function already exist: " + reference.id.name, 409);
    const Turn turn(changing_, function.id());
    if (functions_.contains(function.id()) || !turn.is_mine()) co_return exists;
    MILL_CO_TRY(const StoredCode code,
                co_await keep_upload(code_, objects_, *std::move(input.code)));
    function.code_sha256 = code.sha256;
    function.code_bytes = code.bytes;
    MILL_CO_CHECK(co_await fit_layers(function));
    stamp(function);
    storage::Table::Commit commit;
    commit.puts = {{key_of(function.id()), wire::to_json(function)}};
    // Settings that were put while a function of this name went.
    commit.erases = {event_settings_row(function.id())};
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    auto shared = std::make_shared<const Function>(std::move(function));
    functions_[shared->id()] = shared;
    co_return shared;
}

Task<Result<FunctionPtr>> Functions::replace(Function changed) {
    const FunctionId id = changed.id();
    storage::Table::Commit commit;
    commit.puts = {{key_of(id), wire::to_json(changed)}};
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    auto shared = std::make_shared<const Function>(std::move(changed));
    functions_[id] = shared;
    if (on_change_) on_change_(id, shared);
    co_return shared;
}

Task<Result<FunctionPtr>> Functions::update_code(Caller caller, UpdateFunctionCodeInput input) {
    MILL_CO_TRY(const FunctionReference reference,
                parse_function_name(caller, *input.function_name, ""));
    MILL_CO_TRY(const FunctionPtr old, find(reference));
    const Turn turn(changing_, old->id());
    if (!turn.is_mine()) co_return std::unexpected(update_in_progress(old->id().arn()));
    MILL_CO_CHECK(check_revision(input.revision_id, *old));
    if (input.publish.value_or(false)) co_return not_supported("Publish");
    if (input.image_uri) co_return not_supported("ImageUri");
    FunctionCode source{.zip_file = std::move(input.zip_file),
                        .s3_bucket = std::move(input.s3_bucket),
                        .s3_key = std::move(input.s3_key),
                        .s3_object_version = std::move(input.s3_object_version)};
    MILL_CO_TRY(const StoredCode code, co_await keep_upload(code_, objects_, std::move(source)));
    Function changed = *old;
    changed.code_sha256 = code.sha256;
    changed.code_bytes = code.bytes;
    MILL_CO_CHECK(co_await fit_layers(changed));
    if (input.architectures) changed.architectures = *input.architectures;
    if (input.dry_run.value_or(false))
        co_return std::make_shared<const Function>(std::move(changed));
    stamp(changed);
    co_return co_await replace(std::move(changed));
}

Task<Result<FunctionPtr>> Functions::update_configuration(Caller caller,
                                                          UpdateFunctionConfigurationInput input) {
    MILL_CO_TRY(const FunctionReference reference,
                parse_function_name(caller, *input.function_name, ""));
    MILL_CO_TRY(const FunctionPtr old, find(reference));
    const Turn turn(changing_, old->id());
    if (!turn.is_mine()) co_return std::unexpected(update_in_progress(old->id().arn()));
    MILL_CO_CHECK(check_revision(input.revision_id, *old));
    Function changed = *old;
    MILL_CO_CHECK(apply(settings_of(input), changed));
    if (input.layers) {
        MILL_CO_TRY(changed.layers, layers_->resolve(caller, *input.layers));
        MILL_CO_CHECK(co_await fit_layers(changed));
    }
    stamp(changed);
    co_return co_await replace(std::move(changed));
}

Task<Result<FunctionPtr>> Functions::update_tags(FunctionId id,
                                                 std::map<std::string, std::string> tags) {
    MILL_CO_CHECK(check_tags(tags));
    MILL_CO_TRY(const FunctionPtr old, find({id, ""}));
    const Turn turn(changing_, old->id());
    if (!turn.is_mine()) co_return std::unexpected(update_in_progress(old->id().arn()));
    Function changed = *old;
    changed.tags = std::move(tags);
    co_return co_await replace(std::move(changed));
}

Task<Result<void>> Functions::remove(FunctionReference reference) {
    MILL_CO_TRY(const FunctionPtr old, find(reference));
    const Turn turn(changing_, old->id());
    if (!turn.is_mine()) co_return std::unexpected(update_in_progress(old->id().arn()));
    storage::Table::Commit commit;
    MILL_CO_TRY(commit.erases, url_rows(table_, reference.id));
    commit.erases.push_back(key_of(reference.id));
    commit.erases.push_back(event_settings_row(reference.id));
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    functions_.erase(reference.id);
    if (on_change_) on_change_(reference.id, nullptr);
    co_return Result<void>();
}

}  // namespace mill::lambda
