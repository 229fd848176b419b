// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/functions/functions.h"

#include <fmt/format.h>

#include "services/lambda/functions/code_upload.h"
#include "services/lambda/functions/versions.h"
#include "services/lambda/functions/zip_archive.h"
#include "services/lambda/layers/layers.h"
#include "services/lambda/tags.h"

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

Result<void> check_create(const CreateFunctionInput& input) {
    if (input.package_type == "Image" || input.code->image_uri)
        return not_supported("PackageType Image");
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
        if (function.build_id.empty()) function.build_id = function.revision_id;  // older stores
        add_blobs(function, used);
        auto shared = std::make_shared<const Function>(std::move(function));
        count_reserved(*shared);
        functions_[shared->id()].latest = std::move(shared);
    }
    MILL_CHECK(load_versions(used));
    MILL_CHECK(load_aliases());
    return code_.clean(used);
}

const Functions::Entry* Functions::entry_of(const FunctionId& id) const {
    const auto found = functions_.find(id);
    return found == functions_.end() ? nullptr : &found->second;
}

Result<FunctionPtr> Functions::find(const FunctionReference& reference) const {
    const Entry* entry = entry_of(reference.id);
    FunctionPtr found;
    if (entry) found = version_of(*entry, reference.qualifier);
    if (!found) return std::unexpected(function_not_found(reference.arn()));
    return found;
}

std::vector<FunctionPtr> Functions::list(const Caller& caller, const std::string& after,
                                         std::size_t limit) const {
    std::vector<FunctionPtr> out;
    for (auto at = functions_.upper_bound(FunctionId{caller.account, caller.region, after});
         at != functions_.end(); ++at) {
        const FunctionId& id = at->first;
        if (id.account != caller.account || id.region != caller.region || out.size() == limit)
            break;
        out.push_back(at->second.latest);
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
    function.build_id = machine::uuid_v4(machine_.entropy);
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
    const Turn turn(turns_, function.id());
    if (functions_.contains(function.id()) || !turn.is_mine()) co_return exists;
    MILL_CO_TRY(const StoredCode code,
                co_await keep_function_code(code_, objects_, *std::move(input.code)));
    function.code_sha256 = code.sha256;
    function.code_bytes = code.bytes;
    MILL_CO_CHECK(co_await fit_layers(function));
    stamp(function);
    // What was put while a function of this name went.
    MILL_CO_TRY(std::vector<std::string> stale, rows_of(function.id()));
    Change change{.latest = std::move(function), .erases = std::move(stale)};
    if (input.publish.value_or(false)) plan_version(change, {});
    co_return co_await carry_out(std::move(change));
}

Task<Result<FunctionPtr>> Functions::carry_out(Change change) {
    const FunctionId id = change.latest.id();
    storage::Table::Commit commit{.erases = std::move(change.erases)};
    commit.puts = {{key_of(id), wire::to_json(change.latest)}};
    if (change.version) commit.puts.push_back(version_row(*change.version));
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    Entry& entry = functions_[id];
    entry.latest = std::make_shared<const Function>(std::move(change.latest));
    count_reserved(*entry.latest);
    FunctionPtr made = entry.latest;
    if (change.version) {
        made = std::make_shared<const Function>(*std::move(change.version));
        entry.versions[*version_number(made->version)] = made;
    }
    if (on_change_) on_change_(id);
    co_return made;
}

Task<Result<FunctionPtr>> Functions::update_code(Caller caller, UpdateFunctionCodeInput input) {
    MILL_CO_TRY(const FunctionReference reference,
                parse_unqualified_name(caller, *input.function_name));
    MILL_CO_TRY(const FunctionPtr old, find(reference));
    const Turn turn(turns_, old->id());
    if (!turn.is_mine()) co_return std::unexpected(update_in_progress(old->id().arn()));
    MILL_CO_CHECK(check_revision(input.revision_id, old->revision_id));
    if (input.image_uri) co_return not_supported("ImageUri");
    FunctionCode source{.zip_file = std::move(input.zip_file),
                        .s3_bucket = std::move(input.s3_bucket),
                        .s3_key = std::move(input.s3_key),
                        .s3_object_version = std::move(input.s3_object_version)};
    MILL_CO_TRY(const StoredCode code,
                co_await keep_function_code(code_, objects_, std::move(source)));
    Function changed = *old;
    changed.code_sha256 = code.sha256;
    changed.code_bytes = code.bytes;
    MILL_CO_CHECK(co_await fit_layers(changed));
    if (input.architectures) changed.architectures = *input.architectures;
    if (input.dry_run.value_or(false))
        co_return std::make_shared<const Function>(std::move(changed));
    stamp(changed);
    Change change{.latest = std::move(changed)};
    FunctionPtr last;
    if (input.publish.value_or(false)) last = plan_version(change, {});
    MILL_CO_TRY(FunctionPtr made, co_await carry_out(std::move(change)));
    co_return last ? last : made;
}

Task<Result<FunctionPtr>> Functions::update_configuration(Caller caller,
                                                          UpdateFunctionConfigurationInput input) {
    MILL_CO_TRY(const FunctionReference reference,
                parse_unqualified_name(caller, *input.function_name));
    MILL_CO_TRY(const FunctionPtr old, find(reference));
    const Turn turn(turns_, old->id());
    if (!turn.is_mine()) co_return std::unexpected(update_in_progress(old->id().arn()));
    MILL_CO_CHECK(check_revision(input.revision_id, old->revision_id));
    Function changed = *old;
    MILL_CO_CHECK(apply(settings_of(input), changed));
    if (input.layers) {
        MILL_CO_TRY(changed.layers, layers_->resolve(caller, *input.layers));
        MILL_CO_CHECK(co_await fit_layers(changed));
    }
    stamp(changed);
    co_return co_await carry_out({.latest = std::move(changed)});
}

Task<Result<FunctionPtr>> Functions::update_tags(FunctionId id,
                                                 std::map<std::string, std::string> tags) {
    MILL_CO_CHECK(check_tags(tags));
    MILL_CO_TRY(const FunctionPtr old, find({id, ""}));
    const Turn turn(turns_, old->id());
    if (!turn.is_mine()) co_return std::unexpected(update_in_progress(old->id().arn()));
    Function changed = *old;
    changed.tags = std::move(tags);
    co_return co_await carry_out({.latest = std::move(changed)});
}

Task<Result<void>> Functions::remove(FunctionId id) {
    MILL_CO_CHECK(find({id, ""}));
    const Turn turn(turns_, id);
    if (!turn.is_mine()) co_return std::unexpected(update_in_progress(id.arn()));
    storage::Table::Commit commit;
    MILL_CO_TRY(commit.erases, rows_of(id));
    commit.erases.push_back(key_of(id));
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    functions_.erase(id);
    reserved_.erase(id);
    if (on_change_) on_change_(id);
    co_return Result<void>();
}

}  // namespace mill::lambda
