// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/mappings/mappings.h"

#include <fmt/format.h>

#include <utility>

#include "model/arn.h"
#include "services/lambda/mappings/queue_run.h"
#include "services/lambda/mappings/stream_run.h"
#include "services/lambda/tags.h"

namespace mill::lambda {
namespace {

constexpr auto erase_again = std::chrono::seconds(5);
constexpr std::string_view row_prefix = "lambda/mapping/";

storage::Table::Entry row(const Mapping& mapping) {
    return {std::string(row_prefix) + mapping.uuid, wire::to_json(mapping)};
}

void describe_stream(const Mapping& mapping, MappingDescription& description) {
    const MappingSettings& settings = mapping.settings;
    description.starting_position = mapping.starting_position;
    description.starting_time = mapping.starting_time;
    description.parallelization_factor = settings.parallelization_factor;
    description.retry_attempts_max = settings.retry_attempts_max;
    description.record_age_seconds_max = settings.record_age_seconds_max;
    description.tumbling_window_seconds = settings.tumbling_window_seconds;
    description.bisect_on_error = settings.bisect_on_error;
    auto& target = description.destination_config.emplace().on_failure.emplace();
    if (!settings.on_failure.empty()) target.destination = settings.on_failure;
}

// As AWS tells of queues, but for a problem, which it does not tell.
void describe_queue(const MappingSettings& settings, MappingDescription& description) {
    description.state_transition_reason = "USER_INITIATED";
    if (settings.max_concurrency)
        description.scaling_config = ScalingConfig{settings.max_concurrency};
    if (!description.last_processing_result->starts_with("PROBLEM"))
        description.last_processing_result.reset();
}

Failure not_found() {
    return fail("ResourceNotFoundException", "The resource you requested does not exist.", 404);
}

bool is_stream_arn(const std::string& text) {
    const auto arn = model::parse_arn(text);
    return arn && arn->service == "kinesis" && arn->resource.starts_with("stream/");
}

}  // namespace

Mappings::Entry::Entry(storage::Table& table, Mapping of)
    : mapping(std::move(of)), discards(std::make_shared<Discards>(table, mapping.uuid)) {}
Mappings::Entry::~Entry() = default;

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
        const std::string uuid = mapping.uuid;
        entries_[uuid] = std::make_unique<Entry>(table_, std::move(mapping));
        MILL_TRY(auto result, table_.get(Checkpoints::result_row(uuid, {}).key));
        if (result) entries_[uuid]->counts.last_result = *std::move(result);
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
    std::vector<std::string> uuids;
    for (const auto& [uuid, entry] : entries_) uuids.push_back(uuid);
    for (const std::string& uuid : uuids) {
        auto found = entries_.find(uuid);
        // A change under way ends the run itself, and starts none any more.
        while (found != entries_.end() && found->second->changing && found->second->run) {
            co_await changed_.wait();
            found = entries_.find(uuid);
        }
        if (found == entries_.end() || !found->second->run) continue;
        Entry& entry = *found->second;
        entry.changing = true;
        co_await end_run(entry);
        entry.changing = false;
        changed_.notify_all();
    }
    changes_.clear();
    co_await keep_results();
}

// What no checkpoint has taken along: of queues, and of what went wrong since.
Task<void> Mappings::keep_results() {
    storage::Table::Commit commit;
    for (const auto& [uuid, entry] : entries_) {
        if (entry->mapping.state == "Deleting") continue;  // its rows are about to go
        storage::Table::Entry told = Checkpoints::result_row(uuid, entry->counts.last_result);
        const auto stored = table_.get(told.key);
        const bool is_new = told.value != MappingCounts().last_result;
        if (stored && (*stored ? **stored != told.value : is_new))
            commit.puts.push_back(std::move(told));
    }
    if (commit.puts.empty()) co_return;
    const auto kept = co_await table_.commit(std::move(commit));
    if (!kept) machine_.log.warning("mapping.result_not_kept", {{"error", kept.error().message}});
}

void Mappings::end_tasks() {
    changes_.clear();
    for (auto& [uuid, entry] : entries_) entry->run.reset();
}

Task<void> Mappings::end_run(Entry& entry) {
    if (!entry.run) co_return;
    co_await entry.run->finish();
    entry.run.reset();
    changed_.notify_all();
}

void Mappings::start_run(Entry& entry) {
    const Mapping& mapping = entry.mapping;
    const auto target =
        functions_({.account = mapping.account, .region = mapping.region}, mapping.function_arn);
    const MappingServices services{machine_, table_, source_, invoker_, destinations_, queues_};
    if (mapping.reads_queue()) {
        const std::chrono::seconds timeout(target ? target->timeout_seconds : 0);
        entry.run = std::make_unique<QueueRun>(services, mapping, timeout, entry.counts);
    } else {
        entry.run =
            std::make_unique<StreamRun>(services, mapping, target ? target->role : std::string(),
                                        entry.counts, *entry.discards);
    }
    entry.run->start();
}

Result<Mappings::Entry*> Mappings::entry_of(const std::string& uuid) const {
    const auto found = entries_.find(uuid);
    if (found == entries_.end()) return not_found();
    return found->second.get();
}

Result<Mappings::Entry*> Mappings::find(const Caller& caller, const std::string& uuid) const {
    MILL_TRY(Entry * entry, entry_of(uuid));
    const Mapping& mapping = entry->mapping;
    if (mapping.account != caller.account || mapping.region != caller.region) return not_found();
    return entry;
}

MappingDescription Mappings::describe(const Entry& entry) const {
    const Mapping& mapping = entry.mapping;
    const MappingSettings& settings = mapping.settings;
    MappingDescription description{.uuid = mapping.uuid,
                                   .mapping_arn = mapping.arn(),
                                   .source_arn = mapping.source_arn,
                                   .function_arn = mapping.function_arn,
                                   .batch_size = settings.batch_size,
                                   .window_seconds = settings.window_seconds,
                                   .response_types = settings.response_types,
                                   .last_modified = mapping.last_modified,
                                   .last_processing_result = entry.counts.last_result,
                                   .state = mapping.state};
    if (mapping.reads_queue()) {
        describe_queue(settings, description);
    } else {
        describe_stream(mapping, description);
    }
    if (!settings.filters.empty()) {
        auto& filters = description.filter_criteria.emplace().filters.emplace();
        for (const std::string& pattern : settings.filters) filters.push_back({pattern});
    }
    if (!settings.kms_key_arn.empty()) description.kms_key_arn = settings.kms_key_arn;
    if (!settings.metrics.empty()) description.metrics_config.emplace().metrics = settings.metrics;
    return description;
}

Task<Result<std::vector<storage::Table::Entry>>> Mappings::first_checkpoints(Mapping mapping) {
    std::vector<storage::Table::Entry> rows;
    if (mapping.reads_queue()) co_return rows;
    const std::string stream = mapping.stream_arn();
    MILL_CO_TRY(const auto shards, source_.shards(stream));
    MILL_CO_TRY(std::string incarnation, source_.incarnation(stream));
    rows.push_back(Checkpoints::source_row(mapping.uuid, std::move(incarnation)));
    for (const auto& shard : shards) {
        Result<ports::Position> position = 0;
        if (mapping.starting_position == "TRIM_HORIZON") {
            position = source_.trim_horizon(stream, shard.shard_id);
        } else if (mapping.starting_position == "LATEST") {
            position = source_.latest(stream, shard.shard_id);
        } else {
            position = co_await source_.at_time(stream, shard.shard_id, *mapping.starting_time);
        }
        if (!position) co_return std::unexpected(position.error());
        rows.push_back(
            Checkpoints::row(mapping.uuid, shard.shard_id, model::LanePositions(*position)));
    }
    co_return rows;
}

Result<void> Mappings::check_new(const Create& request) const {
    if (is_queue_arn(request.source_arn)) {
        if (!request.starting_position.empty() || request.starting_time)
            return invalid("StartingPosition is not valid for SQS event sources.");
        return check_settings(request.settings, request.source_arn);
    }
    if (!is_stream_arn(request.source_arn)) return invalid("Unrecognized event source.");
    if (request.starting_position.empty())
        return invalid(
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy "
            "constraint: Member must not be null.");
    const bool has_time = request.starting_time.has_value();
    if (request.starting_position == "AT_TIMESTAMP" && !has_time)
        return invalid(
            "StartingPositionTimestamp is required when StartingPosition is AT_TIMESTAMP.");
    if (request.starting_position != "AT_TIMESTAMP" && has_time)
        return invalid(
            "StartingPositionTimestamp is only valid when StartingPosition is AT_TIMESTAMP.");
    if (has_time && *request.starting_time > machine_.clock.wall())
        return invalid("StartingPositionTimestamp must not be in the future.");
    return check_settings(request.settings, request.source_arn);
}

Result<void> Mappings::check_source(const Caller& caller, const std::string& source_arn,
                                    std::int64_t timeout_seconds) const {
    if (!is_queue_arn(source_arn)) {
        if (source_.check_source(source_arn)) return {};
        const bool is_consumer = source_arn.find("/consumer/") != std::string::npos;
        return invalid((is_consumer ? "Stream consumer not found: " : "Stream not found: ") +
                       source_arn);
    }
    const bool is_near = model::parse_arn(source_arn)->region == caller.region;
    const auto queue = is_near && queues_ ? queues_->source_queue(source_arn)
                                          : fail("QueueDoesNotExist", "no such queue");
    if (!queue)
        return invalid(
            "Error occurred while ReceiveMessage. SQS Error Code: "
            "AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does "
            "not exist or you do not have access to it.");
    if (queue->visibility >= std::chrono::seconds(timeout_seconds)) return {};
    return invalid(
        fmt::format("Queue visibility timeout: {} seconds is less than Function timeout: {} "
                    "seconds",
                    queue->visibility.count(), timeout_seconds));
}

// Filter criteria are not encrypted with it: it only has to be there.
Result<void> Mappings::check_key(const Caller& caller, const std::string& key_arn) const {
    if (key_arn.empty() || !keys_) return {};
    const auto usable = keys_->check_key(caller, key_arn);
    if (usable || usable.error().status == 0) return usable;
    return invalid(fmt::format(
        "Lambda was unable to encrypt the filter criteria with the KMS key {}. KMS Exception: {} "
        "KMS Message: {}",
        key_arn, usable.error().code, usable.error().message));
}

Result<void> Mappings::check_timeout(const std::string& function_arn, std::int64_t seconds) const {
    for (const auto& [uuid, entry] : entries_) {
        const Mapping& mapping = entry->mapping;
        if (mapping.function_arn != function_arn || !mapping.reads_queue()) continue;
        const auto queue = queues_->source_queue(mapping.source_arn);
        if (queue)
            MILL_CHECK(check_source({.region = mapping.region}, mapping.source_arn, seconds));
    }
    return {};
}

Result<void> Mappings::check_unique(const std::string& source_arn, const std::string& function_arn,
                                    const std::string& itself) const {
    for (const auto& [uuid, other] : entries_) {
        if (uuid == itself || other->mapping.source_arn != source_arn ||
            other->mapping.function_arn != function_arn)
            continue;
        return fail("ResourceConflictException",
                    "The event source arn (\" " + source_arn + " \") and function (\" " +
                        function_arn.substr(function_arn.find(":function:") + 10) +
                        " \") provided mapping already exists. Please update or delete the "
                        "existing mapping with UUID " +
                        uuid,
                    409);
    }
    return {};
}

Task<Result<MappingDescription>> Mappings::create(Caller caller, Create request) {
    MILL_CO_CHECK(check_new(request));
    MILL_CO_CHECK(check_tags(request.tags));
    const auto target = functions_(caller, request.function);
    if (!target) co_return invalid("Function does not exist");
    MILL_CO_CHECK(check_source(caller, request.source_arn, target->timeout_seconds));
    MILL_CO_CHECK(check_unique(request.source_arn, target->arn));
    MILL_CO_CHECK(check_key(caller, request.settings.kms_key_arn));
    const Mapping mapping{.uuid = machine::uuid_v4(machine_.entropy),
                          .account = caller.account,
                          .region = caller.region,
                          .source_arn = std::move(request.source_arn),
                          .function_arn = target->arn,
                          .starting_position = std::move(request.starting_position),
                          .starting_time = request.starting_time,
                          .settings = std::move(request.settings),
                          .enabled = request.enabled,
                          .last_modified = machine_.clock.wall(),
                          .tags = std::move(request.tags)};
    const std::string uuid = mapping.uuid;
    auto entry = std::make_unique<Entry>(table_, mapping);
    entry->changing = true;
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
                                               const std::string& function_arn) const {
    std::vector<MappingDescription> found;
    for (const auto& [uuid, entry] : entries_) {
        const Mapping& mapping = entry->mapping;
        if (mapping.account != caller.account || mapping.region != caller.region) continue;
        if (!source_arn.empty() && mapping.source_arn != source_arn) continue;
        if (!function_arn.empty() && mapping.function_arn != function_arn) continue;
        MappingDescription description = describe(*entry);
        // A list does not tell criteria that are encrypted; what tells of one mapping does.
        // https://docs.aws.amazon.com/lambda/latest/api/API_EventSourceMappingConfiguration.html
        if (description.kms_key_arn) description.filter_criteria.reset();
        found.push_back(std::move(description));
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
    MILL_CO_CHECK(check_change(request.settings, changed.source_arn));
    if (request.function) {
        const auto target = functions_(caller, *request.function);
        if (!target) co_return invalid("Function does not exist");
        if (changed.reads_queue())
            MILL_CO_CHECK(check_source(caller, changed.source_arn, target->timeout_seconds));
        MILL_CO_CHECK(check_unique(changed.source_arn, target->arn, uuid));
        changed.function_arn = target->arn;
    }
    if (request.settings.kms_key_arn)
        MILL_CO_CHECK(check_key(caller, *request.settings.kms_key_arn));
    apply_change(std::move(request.settings), changed.settings);
    MILL_CO_CHECK(check_settings(changed.settings, changed.source_arn));
    if (request.enabled) changed.enabled = *request.enabled;
    const bool switched = changed.enabled != entry->mapping.enabled;
    changed.state = !switched ? "Updating" : changed.enabled ? "Enabling" : "Disabling";
    changed.last_modified = machine_.clock.wall();
    entry->changing = true;
    // Reserves the pair of stream and function while we await.
    const std::string before = std::exchange(entry->mapping.function_arn, changed.function_arn);
    const auto stored = co_await store(changed);
    if (!stored) {
        entry->mapping.function_arn = before;
        entry->changing = false;
        changed_.notify_all();
        co_return std::unexpected(stored.error());
    }
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
    if (!stored) {
        entry->changing = false;
        changed_.notify_all();
        co_return std::unexpected(stored.error());
    }
    entry->mapping = std::move(changed);
    MappingDescription description = describe(*entry);
    changes_.spawn(apply(std::move(uuid)));
    co_return description;
}

Result<std::map<std::string, std::string>> Mappings::tags(const Caller& caller,
                                                          const std::string& uuid) const {
    MILL_TRY(const Entry* entry, find(caller, uuid));
    return entry->mapping.tags;
}

// Deliveries go on meanwhile.
Task<Result<void>> Mappings::set_tags(Caller caller, std::string uuid,
                                      std::map<std::string, std::string> tags) {
    MILL_CO_CHECK(check_tags(tags));
    MILL_CO_TRY(Entry * entry, find(caller, uuid));
    if (entry->changing)
        co_return fail("ResourceConflictException",
                       "The event source mapping is being changed. Try again.", 409);
    entry->changing = true;
    Mapping changed = entry->mapping;
    changed.tags = std::move(tags);
    auto stored = co_await store(changed);
    entry->changing = false;
    if (stored) entry->mapping.tags = std::move(changed.tags);
    changed_.notify_all();
    co_return stored;
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
    commit.erases.push_back(Checkpoints::source_row(mapping.uuid, {}).key);
    commit.erases.push_back(Checkpoints::result_row(mapping.uuid, {}).key);
    MILL_CO_TRY(const auto checkpoints, table_.scan(Checkpoints::prefix(mapping.uuid)));
    for (const auto& checkpoint : checkpoints) commit.erases.push_back(checkpoint.key);
    MILL_CO_TRY(const auto discards, table_.scan(Discards::prefix(mapping.uuid)));
    for (const auto& discard : discards) commit.erases.push_back(discard.key);
    co_return co_await table_.commit(std::move(commit));
}

Task<void> Mappings::apply(std::string uuid) {
    Entry& entry = *entries_.at(uuid);
    co_await end_run(entry);
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
