// SPDX-License-Identifier: Apache-2.0
#include "services/iam/iam.h"

#include <algorithm>

#include "model/arn.h"

namespace mill::iam {
namespace {

constexpr std::string_view provided_types[] = {"AWS::IAM::Role"};
constexpr std::string_view role_create_only[] = {"RoleName", "Path"};
constexpr std::size_t name_length_max = 64;
constexpr std::size_t id_characters = 17;  // after AROA

std::string row_of(const std::string& account, const std::string& name) {
    return "iam/role/" + account + "/" + name;
}

Failure invalid(std::string message) { return fail("ValidationError", std::move(message), 400); }

// [\w+=,.@-]+ https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
bool is_valid_name(std::string_view name) {
    constexpr std::string_view others = "_+=,.@-";
    return !name.empty() && name.size() <= name_length_max &&
           std::ranges::all_of(name, [&](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      others.find(c) != std::string_view::npos;
           });
}

bool is_valid_path(std::string_view path) { return path.starts_with('/') && path.ends_with('/'); }

// A generated name too long for a role loses its front part's end; the random end keeps it unique.
std::string fitted(const std::string& generated) {
    constexpr std::size_t end = 13;
    if (generated.size() <= name_length_max) return generated;
    return generated.substr(0, name_length_max - end) + generated.substr(generated.size() - end);
}

Result<wire::Value> policy_of(const wire::Value& properties) {
    const wire::Value* policy = properties.find("AssumeRolePolicyDocument");
    if (!policy || policy->is_null())
        return invalid("Property AssumeRolePolicyDocument cannot be empty.");
    wire::Value document = *policy;
    if (const std::string* text = policy->string()) {
        auto parsed = wire::parse_json(*text);
        if (!parsed)
            return fail("MalformedPolicyDocument", "This policy contains invalid Json", 400);
        document = *std::move(parsed);
    }
    if (!document.find("Statement")) {
        return fail("MalformedPolicyDocument",
                    "Syntax errors in policy: AssumeRolePolicyDocument has no Statement.", 400);
    }
    return document;
}

std::string role_id(machine::Entropy& entropy) {
    static constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string id(id_characters, '\0');
    entropy.fill(id.data(), id.size());
    for (char& c : id) c = alphabet[c & 31];
    return "AROA" + id;
}

ports::Resource resource_of(const Role& role) {
    ports::Resource resource{.physical_id = role.name};
    resource.attributes["Arn"] = role.arn;
    resource.attributes["RoleId"] = role.id;
    return resource;
}

Failure already_exists(const std::string& name) {
    return fail("EntityAlreadyExists", "Role with name " + name + " already exists.", 409);
}

}  // namespace

Iam::~Iam() = default;

Result<std::unique_ptr<Iam>> Iam::open(Machine& machine, storage::Engine& engine) {
    return std::unique_ptr<Iam>(new Iam(machine, *engine.table));
}

std::span<const std::string_view> Iam::types() const { return provided_types; }

std::span<const std::string_view> Iam::create_only(std::string_view) const {
    return role_create_only;
}

Result<std::optional<Role>> Iam::find_role(const std::string& account, const std::string& name) {
    MILL_TRY(auto row, table_.get(row_of(account, name)));
    if (!row) return std::optional<Role>();
    MILL_TRY(Role role, wire::from_json<Role>(*row));
    return std::optional<Role>(std::move(role));
}

Task<Result<ports::Resource>> Iam::create(ports::ResourceRequest request) {
    const std::string name =
        wire::text_of(request.properties, "RoleName", fitted(request.generated_name));
    const std::string path = wire::text_of(request.properties, "Path", "/");
    if (!is_valid_name(name))
        co_return invalid(
            "The specified value for roleName is invalid. It must contain only alphanumeric "
            "characters and/or the following: +=,.@_-");
    if (!is_valid_path(path))
        co_return invalid(
            "The specified value for path is invalid. It must begin and end with / and contain "
            "only alphanumeric characters and/or / characters.");
    MILL_CO_TRY(wire::Value policy, policy_of(request.properties));
    Role role{
        .name = name,
        .id = role_id(machine_.entropy),
        .arn = model::Arn{"aws", "iam", "", request.caller.account, "role" + path + name}.text(),
        .path = path,
        .created = machine_.clock.wall(),
        .assume_role_policy = std::move(policy),
        .properties = std::move(request.properties)};
    std::string row = row_of(request.caller.account, name);
    auto done = co_await table_.commit(
        {.preconditions = {{row, std::nullopt}}, .puts = {{row, wire::to_json(role)}}});
    if (!done && done.error().code == "storage.conflict") co_return already_exists(name);
    MILL_CO_CHECK(done);
    co_return resource_of(role);
}

Task<Result<ports::Resource>> Iam::update(ports::ResourceRequest request, std::string physical_id,
                                          wire::Value old_properties) {
    const bool renamed =
        wire::text_of(request.properties, "RoleName") != wire::text_of(old_properties, "RoleName");
    const bool moved = wire::text_of(request.properties, "Path", "/") !=
                       wire::text_of(old_properties, "Path", "/");
    if (renamed || moved) co_return fail("resource.replace", "RoleName and Path cannot change");
    MILL_CO_TRY(wire::Value policy, policy_of(request.properties));
    MILL_CO_TRY(auto role, find_role(request.caller.account, physical_id));
    if (!role)
        co_return fail("NoSuchEntity", "The role with name " + physical_id + " cannot be found.",
                       404);
    role->assume_role_policy = std::move(policy);
    role->properties = std::move(request.properties);
    MILL_CO_CHECK(co_await table_.commit(
        {.puts = {{row_of(request.caller.account, physical_id), wire::to_json(*role)}}}));
    co_return resource_of(*role);
}

Task<Result<void>> Iam::remove(ports::ResourceRequest request, std::string physical_id) {
    co_return co_await table_.commit({.erases = {row_of(request.caller.account, physical_id)}});
}

}  // namespace mill::iam
