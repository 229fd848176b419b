// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/stack_runner.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/assert.h"
#include "services/cloudformation/exports.h"
#include "services/cloudformation/nested_stacks.h"

namespace mill::cloudformation {

using wire::Value;

namespace {

// After storage has failed.
constexpr Duration retry_first = std::chrono::seconds(1);
constexpr Duration retry_max = std::chrono::minutes(1);

bool says_exists(const Error& error) {
    return error.code.find("AlreadyExist") != error.code.npos ||
           error.message.find("already exist") != error.message.npos;
}

// The id of the resource that a provider says exists: the UUID in the message of an event source
// mapping, else its name.
std::string existing_id(const ports::ResourceRequest& request, const Error& error) {
    constexpr std::string_view uuid_word = "UUID ";
    if (const std::size_t at = error.message.rfind(uuid_word); at != error.message.npos) {
        return error.message.substr(at + uuid_word.size());
    }
    const std::string kind = request.type.substr(request.type.rfind(':') + 1);
    const std::string name =
        text_of(request.properties, kind + "Name", text_of(request.properties, "Name"));
    return name.empty() ? request.generated_name : name;
}

// https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html
std::string_view handler_error_code(const Error& error) {
    const auto has = [&](std::string_view part) {
        return error.code.find(part) != error.code.npos;
    };
    if (error.status == 0 || error.status >= 500) return "InternalFailure";
    if (says_exists(error)) return "AlreadyExists";
    if (has("NotFound") || has("NoSuch")) return "NotFound";
    if (has("AccessDenied")) return "AccessDenied";
    if (has("Throttl") || has("TooManyRequests")) return "Throttling";
    if (has("LimitExceeded")) return "ServiceLimitExceeded";
    if (has("Conflict") || has("InUse")) return "ResourceConflict";
    return "InvalidRequest";
}

bool is_overdue(const StackRow& row, WallTime now) {
    return row.timeout_minutes && now - row.created > std::chrono::minutes(*row.timeout_minutes);
}

// Not begun, or removed.
bool is_gone(const ResourceRow& resource) {
    return resource.status.empty() || resource.status == "DELETE_COMPLETE" ||
           resource.status == "DELETE_SKIPPED";
}

}  // namespace

Task<void> StackRunner::run(Stack& stack) {
    stack.running = true;
    co_await machine::yield(machine_.executor);  // who ordered it is answered first
    Duration pause = retry_first;
    while (is_in_progress(stack.row.status)) {
        const Result<void> done = co_await step(stack);
        if (done) {
            pause = retry_first;
            continue;
        }
        // The rows still say what is to be done: it is taken up again, as by the next start.
        machine_.log.error("cloudformation.stack_interrupted",
                           {{"stack", stack.row.stack_id}, {"error", done.error().message}});
        co_await machine::sleep_until(machine_.timers, machine_.clock.now() + pause);
        pause = std::min(2 * pause, retry_max);
    }
    stack.running = false;
}

Task<Result<void>> StackRunner::step(Stack& stack) {
    const std::string status = stack.row.status;
    if (status == "CREATE_IN_PROGRESS") co_return co_await create(stack);
    if (status == "ROLLBACK_IN_PROGRESS" || status == "DELETE_IN_PROGRESS")
        co_return co_await remove_all(stack);
    if (status == "UPDATE_IN_PROGRESS") co_return co_await update(stack);
    if (status == "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        co_return co_await clean_up(stack, "UPDATE_COMPLETE");
    if (status == "UPDATE_ROLLBACK_IN_PROGRESS") co_return co_await roll_update_back(stack);
    MILL_ASSERT(status == "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS");
    co_return co_await clean_up(stack, "UPDATE_ROLLBACK_COMPLETE");
}

Task<Result<void>> StackRunner::create(Stack& stack) {
    if (const auto found = resolve_imports(stacks_, stack.row); !found)
        co_return co_await fail_creation(stack, found.error().message + ". ");
    MILL_CO_TRY(const Plan plan, plan_of(stack.row, store_));
    for (std::size_t i = 0; i < stack.row.now.resources.size(); ++i) {
        if (stack.row.now.resources[i].status == "CREATE_COMPLETE") continue;
        const std::string id = stack.row.now.resources[i].logical_id;
        MILL_CO_TRY(const Outcome failure, co_await create_resource(stack, plan, id));
        if (stack.row.status != "CREATE_IN_PROGRESS")
            co_return Result<void>();  // a deletion has been asked for
        if (failure) {
            co_return co_await fail_creation(
                stack, fmt::format("The following resource(s) failed to create: [{}]. ", id));
        }
        if (is_overdue(stack.row, machine_.clock.wall()))
            co_return co_await fail_creation(
                stack, "Stack creation time exceeded the specified timeout. ");
    }
    Result<std::vector<StackOutput>> outputs = outputs_of(plan, stack.row);
    if (!outputs) co_return co_await fail_creation(stack, outputs.error().message + " ");
    stack.row.now.outputs = *std::move(outputs);
    stacks_.set_status(stack, "CREATE_COMPLETE");
    co_return co_await stacks_.save(stack);
}

Task<Result<void>> StackRunner::fail_creation(Stack& stack, std::string reason) {
    const StackRow& row = stack.row;
    if (row.disable_rollback || row.on_failure == "DO_NOTHING") {
        stacks_.set_status(stack, "CREATE_FAILED", std::move(reason));
    } else if (row.on_failure == "DELETE") {
        stacks_.set_status(stack, "DELETE_IN_PROGRESS", reason + "Delete requested by user.");
    } else {
        stacks_.set_status(stack, "ROLLBACK_IN_PROGRESS", reason + "Rollback requested by user.");
    }
    co_return co_await stacks_.save(stack);
}

Task<Result<StackRunner::Outcome>> StackRunner::create_resource(Stack& stack, const Plan& plan,
                                                                std::string id) {
    ResourceRow* resource = find_resource(stack.row.now.resources, id);
    const bool resumed = resource->status == "CREATE_IN_PROGRESS";
    if (!resumed) {
        Result<Value> properties = planned_properties(plan, stack.row, id);
        if (!properties) {
            stacks_.set_status(stack, *resource, "CREATE_FAILED", properties.error().message);
            MILL_CO_CHECK(co_await stacks_.save(stack));
            co_return Outcome(properties.error());
        }
        resource->properties = *std::move(properties);
        resource->generated_name = generated_name(stack.row, *resource);
        stacks_.set_status(stack, *resource, "CREATE_IN_PROGRESS");
        MILL_CO_CHECK(co_await stacks_.save(stack));
        resource = find_resource(stack.row.now.resources, id);
    }
    Result<ports::Resource> made =
        co_await obtain(request_for(stack.row, *resource, resource->properties), resumed);
    resource = find_resource(stack.row.now.resources, id);
    if (!made) {
        resource->physical_id = begun_id(stack.row, *resource);
        co_return co_await failed(stack, Where::resources, id, "CREATE_FAILED", made.error());
    }
    resource->physical_id = std::move(made->physical_id);
    resource->attributes = std::move(made->attributes);
    stacks_.set_status(stack, *resource, "CREATE_IN_PROGRESS", "Resource creation Initiated");
    std::optional<std::string> remark;
    if (!providers_.contains(resource->type))
        remark = fmt::format("A placeholder: Millrace does not provide {}", resource->type);
    stacks_.set_status(stack, *resource, "CREATE_COMPLETE", std::move(remark));
    MILL_CO_CHECK(co_await stacks_.save(stack));
    co_return Outcome();
}

Task<Result<ports::Resource>> StackRunner::obtain(ports::ResourceRequest request, bool resumed) {
    ports::ResourceProvider& provider = provider_of(request.type);
    Result<ports::Resource> made = co_await provider.create(request);
    if (made || !resumed || !says_exists(made.error())) co_return made;
    std::string id = existing_id(request, made.error());
    Value properties = request.properties;
    co_return co_await provider.update(std::move(request), std::move(id), std::move(properties));
}

Task<Result<StackRunner::Outcome>> StackRunner::failed(Stack& stack, Where where, std::string id,
                                                       std::string status, Error error) {
    ResourceRow* resource = entry(stack.row, where, id);
    machine_.log.warning("cloudformation.resource_failed", {{"stack", stack.row.name},
                                                            {"resource", id},
                                                            {"status", status},
                                                            {"code", error.code},
                                                            {"error", error.message}});
    stacks_.set_status(
        stack, *resource, std::move(status),
        resource->type == nested_stack_type ? error.message : handler_message(error));
    MILL_CO_CHECK(co_await stacks_.save(stack));
    co_return Outcome(std::move(error));
}

Task<Result<void>> StackRunner::remove_all(Stack& stack) {
    if (stack.row.previous) leave_behind(stack.row);  // by an update that was left as it failed
    stack.row.previous.reset();
    MILL_CO_CHECK(co_await empty_cleanup(stack));
    std::vector<std::string> kept;  // could not be removed, or something that needs them could not
    std::vector<std::string> failures;
    for (std::size_t i = stack.row.now.resources.size(); i-- > 0;) {
        const ResourceRow resource = stack.row.now.resources[i];
        if (is_gone(resource)) continue;
        const bool is_needed = std::ranges::any_of(kept, [&](const std::string& id) {
            const ResourceRow* dependent = find_resource(stack.row.now.resources, id);
            return std::ranges::find(dependent->depends_on, resource.logical_id) !=
                   dependent->depends_on.end();
        });
        if (is_needed) {
            kept.push_back(resource.logical_id);
            continue;
        }
        const bool retain =
            resource.deletion_policy == "Retain" ||
            (resource.deletion_policy == "RetainExceptOnCreate" &&
             stack.row.status == "DELETE_IN_PROGRESS") ||
            std::ranges::find(stack.row.retain, resource.logical_id) != stack.row.retain.end();
        MILL_CO_TRY(const Outcome failure,
                    co_await remove_resource(stack, Where::resources, resource.logical_id, retain));
        if (failure) {
            kept.push_back(resource.logical_id);
            failures.push_back(resource.logical_id);
        }
    }
    const bool is_rollback = stack.row.status == "ROLLBACK_IN_PROGRESS";
    if (!failures.empty()) {
        std::ranges::reverse(failures);
        stacks_.set_status(stack, is_rollback ? "ROLLBACK_FAILED" : "DELETE_FAILED",
                           fmt::format("The following resource(s) failed to delete: [{}]. ",
                                       fmt::join(failures, ", ")));
    } else {
        if (!is_rollback) stack.row.deleted = machine_.clock.wall();
        stack.row.now.imports.clear();  // what another stack exports is not held any more
        stacks_.set_status(stack, is_rollback ? "ROLLBACK_COMPLETE" : "DELETE_COMPLETE");
    }
    co_return co_await stacks_.save(stack);
}

Task<Result<StackRunner::Outcome>> StackRunner::remove_resource(Stack& stack, Where where,
                                                                std::string id, bool retain) {
    ResourceRow* resource = entry(stack.row, where, id);
    if (resource->physical_id.empty() && resource->status == "CREATE_IN_PROGRESS" && !retain) {
        // Its creation was begun and its end is not recorded: find what was made, so that it can be
        // removed.
        Result<ports::Resource> made =
            co_await obtain(request_for(stack.row, *resource, resource->properties), true);
        if (!made && made.error().status == 0) MILL_CO_CHECK(made);  // nobody knows: asked again
        resource = entry(stack.row, where, id);
        resource->physical_id =
            made ? std::move(made->physical_id) : begun_id(stack.row, *resource);
    }
    if (resource->physical_id.empty()) {  // there is nothing to remove
        resource->status = "DELETE_COMPLETE";
        co_return Outcome();
    }
    if (retain) {
        stacks_.set_status(stack, *resource, "DELETE_SKIPPED");
        MILL_CO_CHECK(co_await stacks_.save(stack));
        co_return Outcome();
    }
    if (resource->status != "DELETE_IN_PROGRESS") {
        stacks_.set_status(stack, *resource, "DELETE_IN_PROGRESS");
        MILL_CO_CHECK(co_await stacks_.save(stack));
        resource = entry(stack.row, where, id);
    }
    ports::ResourceRequest request = request_for(stack.row, *resource, resource->properties);
    const Result<void> removed =
        co_await provider_of(resource->type).remove(std::move(request), resource->physical_id);
    if (!removed) co_return co_await failed(stack, where, id, "DELETE_FAILED", removed.error());
    resource = entry(stack.row, where, id);
    stacks_.set_status(stack, *resource, "DELETE_COMPLETE");
    MILL_CO_CHECK(co_await stacks_.save(stack));
    co_return Outcome();
}

std::string StackRunner::begun_id(const StackRow& row, const ResourceRow& resource) const {
    if (resource.type != nested_stack_type) return {};
    const Stack* nested =
        stacks_.find({.account = row.account, .region = row.region}, resource.generated_name);
    return nested ? nested->row.stack_id : std::string();
}

ports::ResourceProvider& StackRunner::provider_of(std::string_view type) const {
    const auto found = providers_.find(type);
    return found == providers_.end() ? placeholders_ : *found->second;
}

ports::ResourceRequest StackRunner::request_for(const StackRow& row, const ResourceRow& resource,
                                                Value properties) const {
    return {.caller = {.account = row.account, .region = row.region},
            .type = resource.type,
            .logical_id = resource.logical_id,
            .stack_name = row.name,
            .stack_id = row.stack_id,
            .generated_name = resource.generated_name,
            .properties = std::move(properties)};
}

// "<stack>-<logical id>-<12 random>", its first part cut so that the type takes it.
std::string StackRunner::generated_name(const StackRow& row, const ResourceRow& resource) const {
    constexpr std::string_view digits =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    constexpr std::size_t random_length = 12;
    const bool is_short =
        resource.type.starts_with("AWS::Lambda::") || resource.type == "AWS::IAM::Role";
    const std::size_t length_max = is_short ? 64 : 128;
    const std::size_t choices = resource.type == nested_stack_type ? 36 : digits.size();
    std::string name = row.name + "-" + resource.logical_id;
    if (name.size() > length_max - random_length - 1) name.resize(length_max - random_length - 1);
    name += '-';
    for (std::size_t i = 0; i < random_length; ++i) {
        name += digits[machine::random_u64(machine_.entropy) % choices];
    }
    return name;
}

std::string StackRunner::handler_message(const Error& error) const {
    return fmt::format(
        "Resource handler returned message: \"{}\" (RequestToken: {}, HandlerErrorCode: {})",
        error.status == 0 ? "Internal failure" : error.message, machine::uuid_v4(machine_.entropy),
        handler_error_code(error));
}

Result<std::vector<StackOutput>> StackRunner::outputs_of(const Plan& plan,
                                                         const StackRow& row) const {
    MILL_TRY(std::vector<StackOutput> outputs, planned_outputs(plan, row));
    MILL_CHECK(check_exports(stacks_, row, outputs));
    return outputs;
}

}  // namespace mill::cloudformation
