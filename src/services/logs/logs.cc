// SPDX-License-Identifier: Apache-2.0
#include "services/logs/logs.h"

#include <algorithm>
#include <set>

#include "model/arn.h"
#include "services/logs/declarations.h"

namespace mill::logs {
namespace {

std::string log_name(const GroupRow& row) { return std::string(group_logs_prefix) + row.id; }

std::string row_key(const std::string& account, const std::string& region, std::string_view name) {
    return std::string(group_rows_prefix) + account + "/" + region + "/" + std::string(name);
}

Task<void> run_flush(GroupPointer group) { co_await group->flush(); }

}  // namespace

Failure invalid_parameter(std::string message) {
    return fail("InvalidParameterException", std::move(message), 400);
}
Failure group_not_found() {
    return fail("ResourceNotFoundException", "The specified log group does not exist.", 400);
}
Failure stream_not_found() {
    return fail("ResourceNotFoundException", "The specified log stream does not exist.", 400);
}

Logs::Logs(Machine& machine, storage::Engine& engine)
    : machine_(machine),
      logs_(*engine.logs),
      table_(*engine.table),
      subscriptions_(machine, table_) {}

Logs::~Logs() = default;

Result<std::unique_ptr<Logs>> Logs::open(Machine& machine, storage::Engine& engine) {
    auto logs = std::make_unique<Logs>(machine, engine);
    MILL_CHECK(logs->recover());
    return logs;
}

Result<void> Logs::recover() {
    std::set<std::string> known_logs;
    MILL_TRY(const auto rows, table_.scan(group_rows_prefix));
    for (const auto& entry : rows) {
        MILL_TRY(GroupRow row, wire::from_json<GroupRow>(entry.value));
        MILL_TRY(const auto stream_entries,
                 table_.scan(std::string(stream_rows_prefix) + row.id + "/"));
        std::vector<StreamRow> streams;
        for (const auto& stream : stream_entries) {
            MILL_TRY(StreamRow stream_row, wire::from_json<StreamRow>(stream.value));
            streams.push_back(std::move(stream_row));
        }
        known_logs.insert(log_name(row));
        MILL_TRY(auto group, open_group(std::move(row), std::move(streams)));
        MILL_CHECK(subscriptions_.recover(group));
        groups_.emplace(entry.key, std::move(group));
    }
    for (const std::string& name : logs_.log_names()) {
        if (name.starts_with(group_logs_prefix) && !known_logs.contains(name))
            background_.spawn(drop_log(name));
    }
    return {};
}

Result<GroupPointer> Logs::open_group(GroupRow row, std::vector<StreamRow> streams) {
    MILL_TRY(storage::StreamLog * log, logs_.open_log(log_name(row)));
    return std::make_shared<Group>(machine_, table_, tails_, *log, std::move(row),
                                   std::move(streams));
}

Result<GroupPointer> Logs::new_group(const std::string& account, const std::string& region,
                                     const std::string& name) {
    GroupRow row;
    row.id = machine::random_hex(machine_.entropy, 16);
    row.account = account;
    row.region = region;
    row.name = name;
    row.created_ms = epoch_ms(now());
    std::string key = row.table_key();
    MILL_TRY(auto group, open_group(std::move(row), {}));
    group->mark_new();
    groups_.emplace(std::move(key), group);
    return group;
}

wire::Service Logs::service() {
    return {.signing_name = "logs",
            .target_prefix = "Logs_20140328",
            .protocol = wire::Protocol::aws_json,
            .json_version = "1.1",
            .api_version = "2014-03-28",
            .xml_namespace = {},
            .operations = operations(),
            .instance = this};
}

void Logs::append(const std::string& account, const std::string& region,
                  const std::string& group_name, const std::string& stream,
                  std::vector<ports::LogEvent> events) {
    const auto found = groups_.find(row_key(account, region, group_name));
    auto opened = found == groups_.end() ? new_group(account, region, group_name)
                                         : Result<GroupPointer>(found->second);
    if (!opened) {
        machine_.log.warning("logs.dropped",
                             {{"group", group_name}, {"error", opened.error().message}});
        return;
    }
    const GroupPointer& group = *opened;
    if (!group->find_stream(stream)) group->add_stream(stream);
    std::vector<NewEvent> taken;
    taken.reserve(events.size());
    for (auto& event : events)
        taken.push_back({epoch_ms(event.timestamp), std::move(event.message)});
    group->add_events(stream, std::move(taken));
    start_flush(group);
}

void Logs::start_flush(const GroupPointer& group) {
    if (group->has_work() && !group->is_flushing()) background_.spawn(run_flush(group));
}

Task<Result<void>> Logs::save(GroupPointer group) {
    start_flush(group);
    co_return co_await group->sync();
}

Result<GroupPointer> Logs::find_group(const Caller& caller, const std::string& name) const {
    const auto found = groups_.find(row_key(caller.account, caller.region, name));
    if (found == groups_.end()) return group_not_found();
    return found->second;
}

Result<GroupPointer> Logs::find_group(const Caller& caller, const std::optional<std::string>& name,
                                      const std::optional<std::string>& identifier) const {
    if (name.has_value() == identifier.has_value()) {
        return invalid_parameter(
            "LogGroup name and LogGroup identifier are mutually exclusive parameters, and one of "
            "them "
            "must be given.");
    }
    if (name) return find_group(caller, *name);
    constexpr std::string_view resource_prefix = "log-group:";
    const auto arn = model::parse_arn(*identifier);
    if (!arn || !arn->resource.starts_with(resource_prefix)) return find_group(caller, *identifier);
    const Caller owner{.account = arn->account, .region = arn->region};
    return find_group(owner, arn->resource.substr(resource_prefix.size()));
}

std::vector<GroupPointer> Logs::list_groups(const Caller& caller, const std::string& after) const {
    const std::string prefix = row_key(caller.account, caller.region, "");
    std::vector<GroupPointer> found;
    for (auto at = groups_.upper_bound(prefix + after);
         at != groups_.end() && at->first.starts_with(prefix); ++at) {
        found.push_back(at->second);
    }
    return found;
}

Task<Result<void>> Logs::create_group(Caller caller, std::string name, GroupSettings settings) {
    if (name.starts_with("aws/"))
        co_return invalid_parameter("Log groups starting with 'aws/' are reserved for AWS.");
    if (groups_.contains(row_key(caller.account, caller.region, name))) {
        co_return fail("ResourceAlreadyExistsException", "The specified log group already exists",
                       400);
    }
    MILL_CO_TRY(auto group, new_group(caller.account, caller.region, name));
    group->set_retention(settings.retention_days);
    group->set_tags(std::move(settings.tags));
    co_return co_await save(std::move(group));
}

Task<Result<void>> Logs::create_stream(GroupPointer group, std::string name) {
    if (group->find_stream(name)) {
        co_return fail("ResourceAlreadyExistsException", "The specified log stream already exists",
                       400);
    }
    group->add_stream(std::move(name));
    co_return co_await save(std::move(group));
}

Task<Result<void>> Logs::delete_group(GroupPointer group) {
    const std::string key = group->row().table_key();
    if (group->is_closed()) co_return group_not_found();
    groups_.erase(key);  // output that comes now makes a new group
    co_await group->close();
    storage::Table::Commit commit;
    MILL_CO_TRY(const auto rows,
                table_.scan(std::string(stream_rows_prefix) + group->row().id + "/"));
    for (const auto& row : rows) commit.erases.push_back(row.key);
    subscriptions_.end(*group, commit);
    // A group of the same name may have been made meanwhile, and its row written: that one stays.
    MILL_CO_TRY(const auto present, table_.get(key));
    if (present) {
        MILL_CO_TRY(const auto row, wire::from_json<GroupRow>(*present));
        if (row.id == group->row().id) commit.erases.push_back(key);
    }
    if (auto committed = co_await table_.commit(std::move(commit)); !committed) {
        std::vector<StreamRow> streams;
        for (const auto& [name, stream] : group->streams()) streams.push_back(stream);
        auto opened = open_group(group->row(), std::move(streams));
        if (opened && groups_.try_emplace(key, *opened).second)
            static_cast<void>(subscriptions_.resume(*opened));
        co_return committed;
    }
    co_await drop_log(log_name(group->row()));
    co_return Result<void>();
}

Task<Result<void>> Logs::subscribe(GroupPointer group, SubscriptionRow row) {
    MILL_CO_CHECK(FilterPattern::parse(row.pattern));
    MILL_CO_CHECK(co_await subscriptions_.test(group, row));
    MILL_CO_CHECK(co_await save(group));
    co_return co_await subscriptions_.put(std::move(group), std::move(row));
}

Task<void> Logs::drop_log(std::string name) {
    auto dropped = co_await logs_.drop_log(name);
    // It stays an orphan then, which the next start drops.
    if (!dropped)
        machine_.log.warning("logs.drop_log", {{"log", name}, {"error", dropped.error().message}});
}

}  // namespace mill::logs
