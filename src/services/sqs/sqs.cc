// SPDX-License-Identifier: Apache-2.0
#include "services/sqs/sqs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/arn.h"
#include "services/sqs/declarations.h"

namespace mill::sqs {
namespace {

using Codes = std::pair<std::string_view, std::string_view>;
constexpr std::array<Codes, 13> query_codes = {{
    {"QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"},
    {"QueueNameExists", "QueueAlreadyExists"},
    {"PurgeQueueInProgress", "AWS.SimpleQueueService.PurgeQueueInProgress"},
    {"TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"},
    {"EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest"},
    {"BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"},
    {"BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong"},
    {"InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId"},
    {"UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation"},
    {"MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight"},
    {"InvalidParameterValueException", "InvalidParameterValue"},
    {"MissingRequiredParameterException", "MissingParameter"},
    {"ValidationException", "InvalidParameterValue"},
}};

std::string row_prefix(const std::string& account, const std::string& region) {
    return std::string(queue_rows_prefix) + account + "/" + region + "/";
}

}  // namespace

std::string_view query_code(std::string_view code) {
    const auto found = std::ranges::find(query_codes, code, &Codes::first);
    return found == query_codes.end() ? code : found->second;
}

Sqs::Sqs(Machine& machine, storage::Engine& engine, Options options)
    : machine_(machine),
      logs_(*engine.logs),
      table_(*engine.table),
      options_(options),
      changed_(machine.executor) {}

Sqs::~Sqs() = default;

Result<std::unique_ptr<Sqs>> Sqs::open(Machine& machine, storage::Engine& engine, Options options) {
    auto sqs = std::make_unique<Sqs>(machine, engine, options);
    MILL_CHECK(sqs->recover());
    return sqs;
}

Result<void> Sqs::recover() {
    std::set<std::string> known_logs;
    MILL_TRY(const auto rows, table_.scan(queue_rows_prefix));
    for (const auto& entry : rows) {
        MILL_TRY(QueueRow row, wire::from_json<QueueRow>(entry.value));
        known_logs.insert(row.log_name());
        MILL_TRY(auto queue, open_queue(std::move(row)));
        queues_.emplace(entry.key, std::move(queue));
    }
    MILL_TRY(const auto moves, table_.scan(move_rows_prefix));
    for (const auto& entry : moves) {
        MILL_TRY(MoveTaskRow row, wire::from_json<MoveTaskRow>(entry.value));
        moves_.emplace(entry.key, std::make_shared<MoveTaskRow>(std::move(row)));
    }
    for (const std::string& name : logs_.log_names()) {
        if (name.starts_with(queue_logs_prefix) && !known_logs.contains(name))
            background_.spawn(drop_log(name));
    }
    return {};
}

void Sqs::start() {
    for (const auto& [key, task] : moves_) {
        if (task->is_active()) background_.spawn(run_move(task));
    }
}

Result<QueuePointer> Sqs::open_queue(QueueRow row) {
    MILL_TRY(storage::StreamLog * log, logs_.open_log(row.log_name()));
    return std::make_shared<Queue>(machine_, *log, std::move(row), options_.waste_bytes_min);
}

wire::Service Sqs::service() {
    return {.signing_name = "sqs",
            .target_prefix = "AmazonSQS",
            .protocol = wire::Protocol::aws_json,
            .json_version = "1.0",
            .api_version = "2012-11-05",
            .xml_namespace = {},
            .operations = operations(),
            .instance = this,
            .query_codes = query_codes};
}

wire::Service Sqs::query_service() {
    wire::Service service = this->service();
    service.target_prefix = {};
    service.protocol = wire::Protocol::query;
    service.xml_namespace = "http://queue.amazonaws.com/doc/2012-11-05/";
    service.path_parameter = "QueueUrl";
    return service;
}

std::string Sqs::url_of(const Caller& caller, const QueueRow& row) const {
    return (caller.host.empty() ? endpoint_url_ : caller.endpoint()) + "/" + row.account + "/" +
           row.name;
}

Result<QueuePointer> Sqs::find_queue(const Caller& caller, const std::string& url) const {
    const std::size_t slash = url.rfind('/');
    if (slash == std::string::npos) return find_queue(caller.account, caller.region, url);
    const std::size_t before = slash == 0 ? std::string::npos : url.rfind('/', slash - 1);
    if (before == std::string::npos) return queue_not_found();
    return find_queue(url.substr(before + 1, slash - before - 1), caller.region,
                      url.substr(slash + 1));
}

Result<QueuePointer> Sqs::find_queue(const std::string& account, const std::string& region,
                                     const std::string& name) const {
    const auto found = queues_.find(row_prefix(account, region) + name);
    if (found == queues_.end()) return queue_not_found();
    return found->second;
}

Result<QueuePointer> Sqs::find_by_arn(const std::string& text) const {
    const auto arn = model::parse_arn(text);
    if (!arn || arn->service != "sqs") return queue_not_found();
    return find_queue(arn->account, arn->region, arn->resource);
}

Task<Result<QueuePointer>> Sqs::ready_queue(Caller caller, std::string url) {
    MILL_CO_TRY(auto queue, find_queue(caller, url));
    MILL_CO_CHECK(co_await queue->ready());
    co_return queue;
}

std::vector<QueuePointer> Sqs::list_queues(const Caller& caller, const std::string& after) const {
    const std::string prefix = row_prefix(caller.account, caller.region);
    std::vector<QueuePointer> found;
    for (auto at = queues_.upper_bound(prefix + after);
         at != queues_.end() && at->first.starts_with(prefix); ++at) {
        found.push_back(at->second);
    }
    return found;
}

std::vector<QueuePointer> Sqs::sources_of(const Queue& queue, const std::string& after) const {
    const Caller owner{.account = queue.row().account, .region = queue.row().region};
    auto all = list_queues(owner, after);
    std::erase_if(all, [arn = queue.row().arn()](const QueuePointer& source) {
        return source->settings().dead_letter_arn != arn;
    });
    return all;
}

Result<void> Sqs::check_dead_letter_target(const Attributes& attributes,
                                           const std::string& own_arn) const {
    const QueueSettings settings = settings_of(attributes);
    if (settings.dead_letter_arn.empty()) return {};
    const auto invalid = [&](std::string_view reason) {
        return invalid_parameter(
            fmt::format("Value {} for parameter RedrivePolicy is invalid. Reason: {}",
                        attributes.at("RedrivePolicy"), reason));
    };
    const auto target = find_by_arn(settings.dead_letter_arn);
    const auto own = model::parse_arn(own_arn);
    if (!target || (*target)->row().region != own->region ||
        (*target)->row().account != own->account) {
        return invalid("Dead letter target does not exist.");
    }
    const QueueSettings& theirs = (*target)->settings();
    const bool is_allowed = theirs.redrive_permission == "byQueue"
                                ? std::ranges::count(theirs.redrive_sources, own_arn) > 0
                                : theirs.redrive_permission != "denyAll";
    if (!is_allowed) return invalid("Redrive permission denied by the dead letter queue.");
    return {};
}

Task<Result<QueuePointer>> Sqs::create_queue(Caller caller, std::string name, Attributes attributes,
                                             std::map<std::string, std::string> tags) {
    MILL_CO_CHECK(check_queue_name(name));
    MILL_CO_CHECK(check_attributes(attributes, is_fifo_name(name), true));
    const std::string key = row_prefix(caller.account, caller.region) + name;
    while (being_made_.contains(key)) co_await changed_.wait();
    if (const auto known = queues_.find(key); known != queues_.end()) {
        const Attributes theirs = with_defaults(known->second->row().attributes);
        for (const auto& [attribute, value] : attributes) {
            const auto at = theirs.find(attribute);
            if (at != theirs.end() ? at->second == value : value.empty()) continue;
            co_return fail("QueueNameExists",
                           fmt::format("A queue already exists with the same name and a different "
                                       "value for attribute {}",
                                       attribute),
                           400);
        }
        co_return known->second;
    }
    QueueRow row;
    row.id = machine::random_hex(machine_.entropy, 16);
    row.account = caller.account;
    row.region = caller.region;
    row.name = std::move(name);
    row.created_ms = row.modified_ms = epoch_ms(now());
    row.attributes = with_changes({}, attributes);
    row.tags = std::move(tags);
    MILL_CO_CHECK(check_dead_letter_target(row.attributes, row.arn()));
    being_made_.insert(key);
    auto stored = co_await table_.commit({.puts = {{key, wire::to_json(row)}}});
    being_made_.erase(key);
    changed_.notify_all();
    if (!stored) co_return std::unexpected(std::move(stored).error());
    MILL_CO_TRY(auto queue, open_queue(std::move(row)));
    queues_.insert_or_assign(key, queue);
    co_return queue;
}

Task<Result<void>> Sqs::delete_queue(QueuePointer queue) {
    const std::string key = queue->row().table_key();
    storage::Table::Commit commit{.erases = {key}};
    for (const MoveTaskPointer& task : moves_of(queue->row().arn()))
        commit.erases.push_back(task->table_key());
    const std::vector<std::string> erased = commit.erases;
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    if (const auto at = queues_.find(key); at != queues_.end() && at->second == queue)
        queues_.erase(at);
    for (const std::string& gone : erased) moves_.erase(gone);
    co_await queue->close();
    co_await drop_log(queue->row().log_name());
    co_return Result<void>();
}

Task<void> Sqs::drop_log(std::string name) {
    auto dropped = co_await logs_.drop_log(name);
    // It stays an orphan then, which the next start drops.
    if (!dropped)
        machine_.log.warning("sqs.drop_log", {{"log", name}, {"error", dropped.error().message}});
}

Task<Result<void>> Sqs::change_row(QueuePointer queue, Change change) {
    while (queue->is_changing) co_await queue->changed().wait();
    if (queue->is_closed()) co_return queue_not_found();
    QueueRow row = queue->row();
    MILL_CO_CHECK(change(row));
    queue->is_changing = true;
    auto stored =
        co_await table_.commit({.preconditions = {{row.table_key(), wire::to_json(queue->row())}},
                                .puts = {{row.table_key(), wire::to_json(row)}}});
    queue->is_changing = false;
    queue->changed().notify_all();
    if (!stored && stored.error().code == "storage.conflict") co_return queue_not_found();
    if (stored) queue->set_row(std::move(row));
    co_return stored;
}

Task<Result<void>> Sqs::set_attributes(QueuePointer queue, Attributes changes) {
    MILL_CO_CHECK(check_attributes(changes, queue->is_fifo(), false));
    if (changes.contains("RedrivePolicy"))
        MILL_CO_CHECK(check_dead_letter_target(with_changes({}, changes), queue->row().arn()));
    const WallTime time = now();
    co_return co_await change_row(queue, [changes, time](QueueRow& row) -> Result<void> {
        row.attributes = with_changes(std::move(row.attributes), changes);
        row.modified_ms = epoch_ms(time);
        return {};
    });
}

Task<Result<void>> Sqs::send(std::string queue_arn, ports::QueueMessage message) {
    MILL_CO_TRY(const auto queue, find_by_arn(queue_arn));
    MILL_CO_CHECK(co_await queue->ready());
    Content content{.body = std::move(message.body),
                    .group_id = std::move(message.group_id),
                    .sender_id = queue->row().account};
    for (auto& [name, attribute] : message.attributes)
        content.attributes[name] = {attribute.data_type, attribute.is_binary,
                                    std::move(attribute.value)};
    if (queue->is_fifo()) {
        if (content.group_id.empty()) co_return missing_parameter("MessageGroupId");
        content.deduplication_id = message.deduplication_id.empty()
                                       ? hex(sha256(content.body))
                                       : std::move(message.deduplication_id);
    }
    MILL_CO_CHECK(check_content(*queue, content));
    std::vector<Draft> drafts;
    drafts.push_back({.content = std::move(content)});
    MILL_CO_TRY(const auto sent, co_await queue->send(std::move(drafts)));
    static_cast<void>(sent);
    co_return Result<void>();
}

Task<Result<void>> Sqs::deliver(ports::FailureNotice notice) {
    MILL_CO_TRY(const auto queue, find_by_arn(notice.destination_arn));
    if (queue->is_fifo())
        co_return unsupported("A FIFO queue cannot be the destination of failures.");
    co_return co_await send(
        std::move(notice.destination_arn),
        {.body = std::move(notice.document), .attributes = std::move(notice.attributes)});
}

}  // namespace mill::sqs
