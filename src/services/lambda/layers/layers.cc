// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/layers/layers.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/lambda/functions/code_upload.h"
#include "services/lambda/layers/layer_policy.h"

namespace mill::lambda {
namespace {

constexpr std::string_view version_prefix = "lambda/layer-version/";
// The number last given, which must outlive the versions.
constexpr std::string_view count_prefix = "lambda/layer/";
constexpr std::size_t layers_max = 5;

struct Count {
    std::string account, region, name;
    std::int64_t last_version = 0;
    static constexpr auto shape() {
        using C = Count;
        return wire::structure(
            "LayerCount", wire::member<&C::account>("Account"), wire::member<&C::region>("Region"),
            wire::member<&C::name>("LayerName"), wire::member<&C::last_version>("LastVersion"));
    }
};

std::string key_of(const LayerId& id, std::int64_t version) {
    return fmt::format("{}{}/{:010}", version_prefix, id.text(), version);
}

std::string count_key(const LayerId& id) { return std::string(count_prefix) + id.text(); }

Failure invalid(std::string message) {
    return fail("InvalidParameterValueException", std::move(message), 400);
}

// "2026-01-12T15:37:17.123+0000"
std::string created_text(WallTime time) {
    std::string text = iso8601_ms(time);
    text.pop_back();
    return text + "+0000";
}

Failure not_there() {
    return fail("ResourceNotFoundException", "The resource you requested does not exist.", 404);
}

Failure no_layer_arn(const std::vector<std::string>& arns) {
    std::string all;
    for (const std::string& arn : arns) all += (all.empty() ? "" : ", ") + arn;
    return fail("ValidationException",
                fmt::format("1 validation error detected: Value '[{}]' at 'layers' failed to "
                            "satisfy constraint: Member must satisfy constraint: [Member must have "
                            "length less than or equal to 140, Member must have length greater "
                            "than or equal to 1, Member must satisfy regular expression pattern: "
                            "arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\d{{12}}:layer:[a-zA-Z0-9-_]+:"
                            "[0-9]+, Member must not be null]",
                            all),
                400);
}

}  // namespace

Error layer_version_missing(const std::string& arn) {
    return {"InvalidParameterValueException", fmt::format("Layer version {} does not exist.", arn),
            400};
}

Result<std::unique_ptr<Layers>> Layers::open(Machine& machine, storage::Table& table,
                                             ports::ObjectStore& objects, CodeStore& code) {
    std::unique_ptr<Layers> layers(new Layers(machine, table, objects, code));
    MILL_CHECK(layers->load());
    return layers;
}

Result<void> Layers::load() {
    MILL_TRY(const auto counts, table_.scan(count_prefix));
    for (const auto& row : counts) {
        MILL_TRY(const Count count, wire::from_json<Count>(row.value));
        layers_[{count.account, count.region, count.name}].last_version = count.last_version;
    }
    MILL_TRY(const auto rows, table_.scan(version_prefix));
    for (const auto& row : rows) {
        MILL_TRY(LayerVersion version, wire::from_json<LayerVersion>(row.value));
        auto shared = std::make_shared<const LayerVersion>(std::move(version));
        layers_[shared->id()].versions[shared->version] = shared;
    }
    return {};
}

void Layers::add_blobs(std::set<std::string>& used) const {
    for (const auto& [id, layer] : layers_) {
        for (const auto& [number, version] : layer.versions) used.insert(version->code_sha256);
    }
}

Task<Result<LayerVersionPtr>> Layers::publish(LayerId id, PublishLayerVersionInput input) {
    FunctionCode source{.zip_file = std::move(input.content->zip_file),
                        .s3_bucket = std::move(input.content->s3_bucket),
                        .s3_key = std::move(input.content->s3_key),
                        .s3_object_version = std::move(input.content->s3_object_version)};
    MILL_CO_TRY(const StoredCode code, co_await keep_upload(code_, objects_, std::move(source)));
    LayerVersion made{.account = id.account,
                      .region = id.region,
                      .name = id.name,
                      .version = ++layers_[id].last_version,
                      .description = input.description.value_or(""),
                      .license = input.license.value_or(""),
                      .created = created_text(machine_.clock.wall()),
                      .runtimes = input.runtimes.value_or(std::vector<std::string>()),
                      .architectures = input.architectures.value_or(std::vector<std::string>()),
                      .code_sha256 = code.sha256,
                      .code_bytes = code.bytes};
    storage::Table::Commit commit;
    commit.puts = {
        {key_of(id, made.version), wire::to_json(made)},
        {count_key(id), wire::to_json(Count{id.account, id.region, id.name, made.version})}};
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    auto shared = std::make_shared<const LayerVersion>(std::move(made));
    layers_[id].versions[shared->version] = shared;
    co_return shared;
}

const LayerVersionPtr* Layers::lookup(const LayerReference& reference) const {
    const auto layer = layers_.find(reference.id);
    if (layer == layers_.end()) return nullptr;
    const auto version = layer->second.versions.find(reference.version);
    return version == layer->second.versions.end() ? nullptr : &version->second;
}

Result<LayerVersionPtr> Layers::find(const LayerReference& reference) const {
    if (reference.version < 1) return invalid("Layer Version Cannot be less than 1.");
    const LayerVersionPtr* found = lookup(reference);
    if (found) return *found;
    return not_there();
}

std::vector<LayerVersionPtr> Layers::versions(const LayerId& id, std::int64_t before,
                                              const LayerFilter& filter, std::size_t limit) const {
    std::vector<LayerVersionPtr> out;
    const auto layer = layers_.find(id);
    if (layer == layers_.end()) return out;
    const auto& all = layer->second.versions;
    for (auto at = std::make_reverse_iterator(all.lower_bound(before));
         at != all.rend() && out.size() < limit; ++at) {
        if (filter.takes(*at->second)) out.push_back(at->second);
    }
    return out;
}

std::vector<LayerVersionPtr> Layers::newest(const Caller& caller, const std::string& after,
                                            const LayerFilter& filter, std::size_t limit) const {
    std::vector<LayerVersionPtr> out;
    for (auto at = layers_.upper_bound({caller.account, caller.region, after});
         at != layers_.end() && out.size() < limit; ++at) {
        const LayerId& id = at->first;
        if (id.account != caller.account || id.region != caller.region) break;
        auto matching = versions(id, wire::unbounded_above, filter, 1);
        if (!matching.empty()) out.push_back(std::move(matching.front()));
    }
    return out;
}

std::int64_t Layers::bytes(const Caller& caller) const {
    std::int64_t sum = 0;
    for (const auto& [id, layer] : layers_) {
        if (id.account != caller.account || id.region != caller.region) continue;
        for (const auto& [number, version] : layer.versions) sum += version->code_bytes;
    }
    return sum;
}

Task<Result<void>> Layers::remove(LayerReference reference) {
    if (reference.version < 1) co_return invalid("Layer Version Cannot be less than 1.");
    if (!lookup(reference)) co_return Result<void>();
    storage::Table::Commit commit;
    commit.erases = {key_of(reference.id, reference.version)};
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    layers_[reference.id].versions.erase(reference.version);
    co_return Result<void>();
}

// With changes that are not durable yet, which are not in memory.
Result<Bytes> Layers::row_of(const LayerReference& reference) const {
    MILL_CHECK(find(reference));
    MILL_TRY(auto row, table_.get(key_of(reference.id, reference.version)));
    if (!row) return not_there();
    return *std::move(row);
}

Task<Result<LayerVersionPtr>> Layers::add_statement(LayerReference reference,
                                                    LayerStatement statement,
                                                    std::optional<std::string> revision) {
    MILL_CO_TRY(Bytes before, row_of(reference));
    MILL_CO_TRY(LayerVersion layer, wire::from_json<LayerVersion>(before));
    MILL_CO_CHECK(check_policy_revision(layer, revision));
    if (std::ranges::find(layer.policy, statement.id, &LayerStatement::id) != layer.policy.end()) {
        co_return fail("ResourceConflictException",
                       fmt::format("The statement id ({}) provided already exists. Please provide "
                                   "a new statement id, or remove the existing statement.",
                                   statement.id),
                       409);
    }
    layer.policy.push_back(std::move(statement));
    co_return co_await change_policy(std::move(layer), std::move(before));
}

Task<Result<void>> Layers::remove_statement(LayerReference reference, std::string id,
                                            std::optional<std::string> revision) {
    MILL_CO_TRY(Bytes before, row_of(reference));
    MILL_CO_TRY(LayerVersion layer, wire::from_json<LayerVersion>(before));
    MILL_CO_CHECK(check_policy_revision(layer, revision));
    if (std::erase_if(layer.policy, [&](const LayerStatement& one) { return one.id == id; }) == 0) {
        co_return fail("ResourceNotFoundException",
                       fmt::format("Statement {} is not found in resource policy.", id), 404);
    }
    MILL_CO_CHECK(co_await change_policy(std::move(layer), std::move(before)));
    co_return Result<void>();
}

Task<Result<LayerVersionPtr>> Layers::change_policy(LayerVersion changed, Bytes before) {
    const std::string key = key_of(changed.id(), changed.version);
    changed.policy_revision = machine::uuid_v4(machine_.entropy);
    storage::Table::Commit commit;
    commit.preconditions = {{key, std::move(before)}};  // nothing comes between reading and this
    commit.puts = {{key, wire::to_json(changed)}};
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    auto shared = std::make_shared<const LayerVersion>(std::move(changed));
    auto& versions = layers_[shared->id()].versions;
    const auto place = versions.find(shared->version);
    if (place != versions.end()) place->second = shared;
    co_return shared;
}

Result<std::vector<FunctionLayer>> Layers::resolve(const Caller& caller,
                                                   const std::vector<std::string>& arns) const {
    if (arns.size() > layers_max)
        return invalid(fmt::format("Cannot reference more than {} layers.", layers_max));
    std::vector<FunctionLayer> out;
    std::map<LayerId, std::string> seen;
    for (const std::string& arn : arns) {
        const auto reference = parse_layer_version_arn(arn);
        if (!reference) return no_layer_arn(arns);
        if (reference->id.region != caller.region) {
            return invalid(
                fmt::format("Layers are not in the same region as the function. Layers "
                            "are expected to be in region {}.",
                            caller.region));
        }
        const LayerVersionPtr* found = lookup(*reference);
        if (!found) return std::unexpected(layer_version_missing(arn));
        const auto [before, is_first] = seen.try_emplace(reference->id, arn);
        if (!is_first) {
            return invalid(fmt::format(
                "Two different versions of the same layer are not allowed to be referenced in the "
                "same function. {} and {} are versions of the same layer.",
                before->second, arn));
        }
        out.push_back({arn, (*found)->code_sha256, (*found)->code_bytes});
    }
    return out;
}

}  // namespace mill::lambda
