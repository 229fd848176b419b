// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "services/lambda/functions/concurrency.h"
#include "services/lambda/functions/functions.h"
#include "services/lambda/functions/runtime_names.h"
#include "services/lambda/functions/zip_archive.h"
#include "services/lambda/resources/properties.h"
#include "services/lambda/resources/resources.h"

namespace mill::lambda {

extern const wire::Operation create_function_operation;
extern const wire::Operation update_function_code_operation;
extern const wire::Operation update_function_configuration_operation;
extern const wire::Operation put_function_concurrency_operation;

namespace {

constexpr std::string_view create_only[] = {"FunctionName", "PackageType"};

using wire::Value;

constexpr std::size_t name_characters_max = 64;
constexpr std::size_t inline_code_bytes_max = 4 * 1024 * 1024;

// Inline code is the text of one module, index.py, not a zip.
Result<void> fit_inline_code(Value& properties) {
    Value* code = properties.find("Code");
    const Value* text = code == nullptr ? nullptr : code->find("ZipFile");
    if (text == nullptr || text->string() == nullptr) return {};
    const std::string runtime = wire::text_of(properties, "Runtime");
    if (python_version(runtime).empty()) {
        return fail(
            "InvalidParameterValueException",
            fmt::format("ZipFile can only be used when Runtime is set to nodejs or python, not {}",
                        runtime),
            400);
    }
    if (text->string()->size() > inline_code_bytes_max) {
        return fail("ValidationError", "Template may not exceed 4194304 bytes of inline code.",
                    400);
    }
    MILL_TRY(Bytes zip, zip_of("index.py", *text->string()));
    (*code)["ZipFile"] = base64_encode(zip);
    return {};
}

Result<void> fit_function(Value& properties) {
    MILL_CHECK(fit_tags(properties));
    MILL_CHECK(fit_inline_code(properties));
    return fit(wire::structure_of<CreateFunctionInput>(), properties);
}

ports::Resource resource_of(const FunctionId& id) {
    ports::Resource resource{.physical_id = id.name};
    resource.attributes["Arn"] = id.arn();
    return resource;
}

// The part of the properties that UpdateFunctionConfiguration takes; what the template no longer
// names returns to its default.
Value configuration_part(const Value& properties, const std::string& name) {
    Value out = Value::map();
    const wire::Structure& structure = wire::structure_of<UpdateFunctionConfigurationInput>();
    for (const wire::Member& member : structure.members) {
        if (const Value* value = properties.find(member.name)) out[member.name] = *value;
    }
    const Function defaults;
    out["FunctionName"] = name;
    set_default(out, "Description", "");
    set_default(out, "Timeout", defaults.timeout_seconds);
    set_default(out, "MemorySize", defaults.memory_mb);
    set_default(out, "Environment", Value::map());
    set_default(out, "Layers", Value::list());
    set_default(out, "DeadLetterConfig", Value::map());
    set_default(out, "EphemeralStorage", Value(Value::Map{{"Size", defaults.scratch_mb}}));
    set_default(out, "TracingConfig", Value(Value::Map{{"Mode", defaults.tracing_mode}}));
    set_default(out, "LoggingConfig", Value(Value::Map{{"LogGroup", "/aws/lambda/" + name}}));
    return out;
}

Value code_part(const Value& properties, const std::string& name) {
    Value out = Value::map();
    if (const Value* code = properties.find("Code"); code != nullptr && code->members() != nullptr)
        out = *code;
    out["FunctionName"] = name;
    if (const Value* architectures = properties.find("Architectures"))
        out["Architectures"] = *architectures;
    set_default(out, "Architectures", Value(Value::List{"x86_64"}));
    return out;
}

// Templates say it with the function, the API beside it. Empty: none is reserved.
Result<std::optional<std::int64_t>> take_reserved(Value& properties) {
    const Value* given = properties.find("ReservedConcurrentExecutions");
    Value part = Value::map();
    if (given) part["ReservedConcurrentExecutions"] = *given;
    properties.erase("ReservedConcurrentExecutions");
    MILL_TRY(const Concurrency read, ports::read_properties<Concurrency>(std::move(part)));
    return read.reserved;
}

Task<Result<void>> reserve(Lambda& lambda, Caller caller, FunctionId id,
                           std::optional<std::int64_t> reserved) {
    const auto known = lambda.functions().reserved().find(id);
    const bool has = known != lambda.functions().reserved().end();
    if (!reserved && has)
        co_return co_await lambda.functions().reserve_concurrency(id, {}, lambda.concurrency());
    if (!reserved || (has && known->second == *reserved)) co_return Result<void>();
    Value input =
        Value::Map{{"FunctionName", id.name}, {"ReservedConcurrentExecutions", *reserved}};
    MILL_CO_CHECK(co_await put_function_concurrency_operation.invoke(&lambda, std::move(caller),
                                                                     std::move(input)));
    co_return Result<void>();
}

Task<Result<ports::Resource>> create_function(Lambda& lambda, ports::ResourceRequest request) {
    MILL_CO_TRY(const auto reserved, take_reserved(request.properties));
    MILL_CO_CHECK(fit_function(request.properties));
    set_default(request.properties, "FunctionName",
                request.generated_name.substr(0, name_characters_max));
    const FunctionId id{request.caller.account, request.caller.region,
                        wire::text_of(request.properties, "FunctionName")};
    MILL_CO_CHECK(co_await create_function_operation.invoke(&lambda, request.caller,
                                                            std::move(request.properties)));
    if (auto set = co_await reserve(lambda, request.caller, id, reserved); !set) {
        MILL_CO_CHECK(co_await lambda.functions().remove(id));
        co_return std::unexpected(std::move(set).error());
    }
    co_return resource_of(id);
}

Task<Result<ports::Resource>> update_function(Lambda& lambda, ports::ResourceRequest request,
                                              std::string physical_id, wire::Value old_properties) {
    const bool code_changed = differ(request.properties, old_properties, {"Code", "Architectures"});
    MILL_CO_TRY(const auto reserved, take_reserved(request.properties));
    MILL_CO_CHECK(fit_function(request.properties));
    const FunctionId id{request.caller.account, request.caller.region, physical_id};
    if (code_changed) {
        MILL_CO_CHECK(co_await update_function_code_operation.invoke(
            &lambda, request.caller, code_part(request.properties, physical_id)));
    }
    MILL_CO_CHECK(co_await update_function_configuration_operation.invoke(
        &lambda, request.caller, configuration_part(request.properties, physical_id)));
    MILL_CO_CHECK(co_await lambda.functions().update_tags(id, tags_in(request.properties)));
    MILL_CO_CHECK(co_await reserve(lambda, request.caller, id, reserved));
    co_return resource_of(id);
}

Task<Result<void>> remove_function(Lambda& lambda, ports::ResourceRequest request,
                                   std::string physical_id) {
    FunctionId id{request.caller.account, request.caller.region, std::move(physical_id)};
    auto removed = co_await lambda.functions().remove(std::move(id));
    if (!removed && removed.error().code == "ResourceNotFoundException") co_return Result<void>();
    co_return removed;
}

}  // namespace

const ResourceType function_resource{"AWS::Lambda::Function", create_only, &create_function,
                                     &update_function, &remove_function};

}  // namespace mill::lambda
