// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/mappings/mappings.h"

#include "model/arn.h"
#include "services/lambda/mappings/mapping_run.h"

namespace mill::lambda {
namespace {

constexpr auto erase_again = std::chrono::seconds(5);
constexpr std::string_view row_prefix = "lambda/mapping/";

storage::Table::Entry row(const Mapping& mapping) {
    return {std::string(row_prefix) + mapping.uuid, wire::to_json(mapping)};
}

Failure invalid(std::string message) {
    return fail("InvalidParameterValueException", std::move(message), 400);
}

Failure not_found() {
    return fail("ResourceNotFoundException", "The resource you requested does not exist.", 404);
}

bool is_stream_arn(const std::string& text) {
    const auto arn = model::parse_arn(text);
    return arn && arn->service == "kinesis" && arn->resource.starts_with("stream/");
}

template <class T>
void replace(T& value, std::optional<T>& with) {
    if (with) value = *std::move(with);
}

}  // namespace

struct Mappings::Entry {
    Mapping mapping;
    std::unique_ptr<MappingRun> run;
    bool changing = false;
    std::string last_result = "No records processed";
};

Mappings::Mappings(Machine& machine, storage::Table& table, ports::RecordSource& source,
                   ports::Invoker& invoker, FunctionLookup functions)
    : machine_(machine),
      table_(table),
      source_(source),
      invoker_(invoker),
      functions_(std::move(functions)),
      changed_(machine.executor) {}

Mappings::~Mappings() = default;

Result<std::unique_ptr<Mappings>> Mappings::open(Machine& machine, storage::Table& table,
                                                 ports::RecordSource& source,
                                                 ports::Invoker& invoker,
                                                 FunctionLookup functions) {
    std::unique_ptr<Mappings> mappings(
        new Mappings(machine, table, source, invoker, std::move(functions)));
    MILL_CHECK(mappings->load());
    return mappings;
}

Result<void> Mappings::load() {
    MILL_TRY(const auto rows, table_.scan(row_prefix));
    for (const auto& stored : rows) {
        MILL_TRY(auto mapping, wire::from_json<Mapping>(stored.value));
        auto entry = std::make_unique<Entry>();
        entry->mapping = std::move(mapping);
        entries_[entry->mapping.uuid] = std::move(entry);
    }
    return {};
}

void Mappings::start() {
    started_ = true;
    for (auto& [uuid, entry] : entries_) {
        const std::string& state = entry->mapping.state;
        if (state == "Enabled") {
            start_run(*entry);
        } else if (state != "Disabled") {
            entry->changing = true;
            changes_.spawn(apply(uuid));
        }
    }
}

Task<void> Mappings::stop() {
    started_ = false;
    for (auto& [uuid, entry] : entries_) {
        if (entry->run) co_await entry->run->finish();
    }
    changes_.clear();
}

void Mappings::start_run(Entry& entry) {
    const Mapping& mapping = entry.mapping;
    const auto target =
        functions_({.account = mapping.account, .region = mapping.region}, mapping.function_arn);
    entry.run = std::make_unique<MappingRun>(machine_, table_, source_, invoker_, mapping,
                                             target ? target->role : std::string());
    entry.run->start();
}

Result<Mappings::Entry*> Mappings::find(const Caller& caller, const std::string& uuid) const {
    const auto found = entries_.find(uuid);
    if (found == entries_.end()) return not_found();
    const Mapping& mapping = found->second->mapping;
    if (mapping.account != caller.account || mapping.region != caller.region) return not_found();
    return found->second.get();
}

MappingDescription Mappings::describe(const Entry& entry) const {
    const Mapping& mapping = entry.mapping;
    const Caller owner{.account = mapping.account, .region = mapping.region};
    wire::Value destination = wire::Value::map();
    destination["OnFailure"] = wire::Value::map();
    return {.uuid = mapping.uuid,
            .mapping_arn =
                model::arn_of(owner, "lambda", "event-source-mapping:" + mapping.uuid).text(),
            .source_arn = mapping.source_arn,
            .function_arn = mapping.function_arn,
            .starting_position = mapping.starting_position,
            .starting_time = mapping.starting_time,
            .batch_size = mapping.settings.batch_size,
            .window_seconds = mapping.settings.window_seconds,
            .retry_attempts_max = mapping.settings.retry_attempts_max,
            .record_age_seconds_max = mapping.settings.record_age_seconds_max,
            .bisect_on_error = mapping.settings.bisect_on_error,
            .destination_config = std::move(destination),
            .response_types = mapping.settings.response_types,
            .last_modified = mapping.last_modified,
            .last_processing_result = entry.run ? entry.run->last_result() : entry.last_result,
            .state = mapping.state};
}

Task<Result<std::vector<storage::Table::Entry>>> Mappings::first_checkpoints(Mapping mapping) {
    std::vector<storage::Table::Entry> rows;
    MILL_CO_TRY(const auto shards, source_.shards(mapping.source_arn));
    for (const auto& shard : shards) {
        Result<ports::Position> position = 0;
        if (mapping.starting_position == "TRIM_HORIZON") {
            position = source_.trim_horizon(mapping.source_arn, shard.shard_id);
        } else if (mapping.starting_position == "LATEST") {
            position = source_.latest(mapping.source_arn, shard.shard_id);
        } else {
            position = co_await source_.at_time(mapping.source_arn, shard.shard_id,
                                                *mapping.starting_time);
        }
        if (!position) co_return std::unexpected(position.error());
        rows.push_back(Checkpoints::row(mapping.uuid, shard.shard_id, *position));
    }
    co_return rows;
}

Task<Result<MappingDescription>> Mappings::create(Caller caller, Create request) {
    if (!is_stream_arn(request.source_arn)) co_return invalid("Unrecognized event source.");
    if (request.starting_position == "AT_TIMESTAMP" && !request.starting_time) {
        co_return invalid(
            "StartingPositionTimestamp is required when StartingPosition is AT_TIMESTAMP.");
    }
    if (request.starting_position != "AT_TIMESTAMP" && request.starting_time) {
        co_return invalid(
            "StartingPositionTimestamp is only valid when StartingPosition is AT_TIMESTAMP.");
    }
    const auto target = functions_(caller, request.function);
    if (!target) co_return invalid("Function does not exist");
    if (!source_.shards(request.source_arn))
        co_return invalid("Stream not found: " + request.source_arn);
    for (const auto& [uuid, other] : entries_) {
        if (other->mapping.source_arn != request.source_arn ||
            other->mapping.function_arn != target->arn)
            continue;
        co_return fail("ResourceConflictException",
                       "The event source arn (\" " + request.source_arn + " \") and function (\" " +
                           target->arn.substr(target->arn.find(":function:") + 10) +
                           " \") provided mapping already exists. Please update or delete the "
                           "existing mapping with UUID " +
                           uuid,
                       409);
    }
    auto entry = std::make_unique<Entry>();
    entry->changing = true;
    entry->mapping = {.uuid = machine::uuid_v4(machine_.entropy),
                      .account = caller.account,
                      .region = caller.region,
                      .source_arn = std::move(request.source_arn),
                      .function_arn = target->arn,
                      .starting_position = std::move(request.starting_position),
                      .starting_time = request.starting_time,
                      .settings = std::move(request.settings),
                      .enabled = request.enabled,
                      .last_modified = machine_.clock.wall()};
    const std::string uuid = entry->mapping.uuid;
    Mapping mapping = entry->mapping;
    entries_[uuid] = std::move(entry);  // reserves the pair of stream and function while we await

    storage::Table::Commit commit;
    auto checkpoints = co_await first_checkpoints(mapping);
    Result<void> stored;
    if (checkpoints) {
        commit.puts = *std::move(checkpoints);
        commit.puts.push_back(row(mapping));
        stored = co_await table_.commit(std::move(commit));
    }
    if (!checkpoints || !stored) {
        entries_.erase(uuid);
        co_return std::unexpected(checkpoints ? stored.error() : checkpoints.error());
    }
    MappingDescription description = describe(*entries_.at(uuid));
    changes_.spawn(apply(uuid));
    co_return description;
}

Result<MappingDescription> Mappings::get(const Caller& caller, const std::string& uuid) const {
    MILL_TRY(const Entry* entry, find(caller, uuid));
    return describe(*entry);
}

std::vector<MappingDescription> Mappings::list(const Caller& caller, const std::string& source_arn,
                                               const std::string& function) const {
    std::string function_arn;
    if (!function.empty()) {
        const auto target = functions_(caller, function);
        if (!target) return {};
        function_arn = target->arn;
    }
    std::vector<MappingDescription> found;
    for (const auto& [uuid, entry] : entries_) {
        const Mapping& mapping = entry->mapping;
        if (mapping.account != caller.account || mapping.region != caller.region) continue;
        if (!source_arn.empty() && mapping.source_arn != source_arn) continue;
        if (!function_arn.empty() && mapping.function_arn != function_arn) continue;
        found.push_back(describe(*entry));
    }
    return found;
}

Task<Result<MappingDescription>> Mappings::update(Caller caller, std::string uuid, Update request) {
    MILL_CO_TRY(Entry * entry, find(caller, uuid));
    if (entry->changing) {
        co_return fail("ResourceInUseException",
                       "Cannot update the event source mapping because it is in use.", 400);
    }
    Mapping changed = entry->mapping;
    if (request.function) {
        const auto target = functions_(caller, *request.function);
        if (!target) co_return invalid("Function does not exist");
        changed.function_arn = target->arn;
    }
    replace(changed.settings.batch_size, request.batch_size);
    replace(changed.settings.window_seconds, request.window_seconds);
    replace(changed.settings.retry_attempts_max, request.retry_attempts_max);
    replace(changed.settings.record_age_seconds_max, request.record_age_seconds_max);
    replace(changed.settings.bisect_on_error, request.bisect_on_error);
    replace(changed.settings.response_types, request.response_types);
    replace(changed.enabled, request.enabled);
    const bool switched = changed.enabled != entry->mapping.enabled;
    changed.state = !switched ? "Updating" : changed.enabled ? "Enabling" : "Disabling";
    changed.last_modified = machine_.clock.wall();
    entry->changing = true;
    const auto stored = co_await store(changed);
    if (!stored) {
        entries_.at(uuid)->changing = false;
        co_return std::unexpected(stored.error());
    }
    entry = entries_.at(uuid).get();
    entry->mapping = std::move(changed);
    MappingDescription description = describe(*entry);
    changes_.spawn(apply(std::move(uuid)));
    co_return description;
}

Task<Result<MappingDescription>> Mappings::remove(Caller caller, std::string uuid) {
    MILL_CO_TRY(Entry * entry, find(caller, uuid));
    if (entry->changing) {
        co_return fail("ResourceInUseException",
                       "Cannot delete the event source mapping because it is in use.", 400);
    }
    Mapping changed = entry->mapping;
    changed.state = "Deleting";
    entry->changing = true;
    const auto stored = co_await store(changed);
    entry = entries_.at(uuid).get();
    if (!stored) {
        entry->changing = false;
        co_return std::unexpected(stored.error());
    }
    entry->mapping = std::move(changed);
    MappingDescription description = describe(*entry);
    changes_.spawn(apply(std::move(uuid)));
    co_return description;
}

Task<Result<void>> Mappings::store(Mapping mapping) {
    storage::Table::Commit commit;
    commit.puts.push_back(row(mapping));
    co_return co_await table_.commit(std::move(commit));
}

// The mapping with its checkpoints.
Task<Result<void>> Mappings::erase(Mapping mapping) {
    storage::Table::Commit commit;
    commit.erases.push_back(row(mapping).key);
    MILL_CO_TRY(const auto checkpoints, table_.scan(Checkpoints::prefix(mapping.uuid)));
    for (const auto& checkpoint : checkpoints) commit.erases.push_back(checkpoint.key);
    co_return co_await table_.commit(std::move(commit));
}

Task<void> Mappings::apply(std::string uuid) {
    Entry& entry = *entries_.at(uuid);
    if (entry.run) {
        co_await entry.run->finish();
        entry.last_result = entry.run->last_result();
        entry.run.reset();
    }
    if (entry.mapping.state == "Deleting") {
        for (;;) {  // it was promised: until storage takes it
            const auto erased = co_await erase(entry.mapping);
            if (erased) break;
            machine_.log.error("mapping.not_deleted",
                               {{"mapping", uuid}, {"error", erased.error().message}});
            co_await machine::sleep_until(machine_.timers, machine_.clock.now() + erase_again);
        }
        entries_.erase(uuid);
        changed_.notify_all();
        co_return;
    }
    Mapping settled = entry.mapping;
    settled.state = settled.enabled ? "Enabled" : "Disabled";
    if (auto stored = co_await store(settled); !stored) {
        machine_.log.error("mapping.not_stored",
                           {{"mapping", uuid}, {"error", stored.error().message}});
    }
    entry.mapping = std::move(settled);
    entry.changing = false;
    if (entry.mapping.enabled && started_) start_run(entry);
    changed_.notify_all();
}

Task<void> Mappings::settled(std::string uuid) {
    for (;;) {
        const auto found = entries_.find(uuid);
        if (found == entries_.end() || !found->second->changing) co_return;
        co_await changed_.wait();
    }
}

}  // namespace mill::lambda
