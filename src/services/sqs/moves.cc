// SPDX-License-Identifier: Apache-2.0
// Message move tasks: dead letters go back to where they came from, or to a queue of choice.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
#include <fmt/format.h>

#include <algorithm>

#include "services/sqs/errors.h"
#include "services/sqs/sqs.h"

namespace mill::sqs {
namespace {

constexpr std::size_t step = 10;

std::string moves_prefix(const std::string& source_arn) {
    return std::string(move_rows_prefix) + source_arn + "/";
}

// A copy of another id and time, as AWS makes it.
Draft sent_again(Content content) {
    Draft draft{.content = std::move(content), .delay_seconds = 0, .deduplicate = false};
    draft.content.message_id.clear();
    draft.content.source_arn.clear();
    return draft;
}

}  // namespace

std::string MoveTaskRow::table_key() const {
    return fmt::format("{}{:016}-{}", moves_prefix(source_arn), started_ms, id);
}

std::vector<MoveTaskPointer> Sqs::moves_of(const std::string& source_arn) const {
    const std::string prefix = moves_prefix(source_arn);
    std::vector<MoveTaskPointer> found;
    for (auto at = moves_.lower_bound(prefix); at != moves_.end() && at->first.starts_with(prefix);
         ++at) {
        found.push_back(at->second);
    }
    std::ranges::reverse(found);
    return found;
}

Task<Result<MoveTaskPointer>> Sqs::start_move(std::string source_arn,
                                              std::optional<std::string> destination_arn,
                                              std::optional<std::int64_t> per_second) {
    MILL_CO_TRY(const auto source, find_by_arn(source_arn));
    MILL_CO_CHECK(co_await source->ready());
    const auto before = moves_of(source_arn);
    if (std::ranges::any_of(before, [](const MoveTaskPointer& t) { return t->is_active(); })) {
        co_return invalid_parameter(
            "There is already a task running. Only one active task is allowed for a source queue "
            "arn at a given time.");
    }
    const auto task = std::make_shared<MoveTaskRow>();
    task->id = machine::uuid_v4(machine_.entropy);
    task->source_arn = std::move(source_arn);
    task->destination_arn = std::move(destination_arn);
    task->per_second = per_second;
    task->status = "RUNNING";
    task->started_ms = epoch_ms(now());
    task->to_move = static_cast<std::int64_t>(source->counts().waiting);
    moves_.emplace(task->table_key(), task);  // before the commit: no second one begins meanwhile
    storage::Table::Commit commit{.puts = {{task->table_key(), wire::to_json(*task)}}};
    for (std::size_t i = limits::sqs::list_move_tasks_max - 1; i < before.size(); ++i)
        commit.erases.push_back(before[i]->table_key());
    const std::vector<std::string> old = commit.erases;
    if (auto stored = co_await table_.commit(std::move(commit)); !stored) {
        moves_.erase(task->table_key());
        co_return std::unexpected(std::move(stored).error());
    }
    for (const std::string& key : old) moves_.erase(key);
    background_.spawn(run_move(task));
    co_return task;
}

Task<Result<void>> Sqs::store_move(MoveTaskPointer task) {
    if (!moves_.contains(task->table_key())) co_return queue_not_found();
    changed_.notify_all();
    co_return co_await table_.commit({.puts = {{task->table_key(), wire::to_json(*task)}}});
}

Task<void> Sqs::run_move(MoveTaskPointer task) {
    while (task->status == "RUNNING") {
        const auto source = find_by_arn(task->source_arn);
        if (!source) co_return;  // its tasks went with it
        const std::int64_t moved_before = task->moved;
        const auto more = co_await move_some(task, *source);
        if (task->status != "RUNNING") break;
        if (more && !*more) task->status = "COMPLETED";
        Duration pause{};
        if (!more) {
            machine_.log.warning("sqs.move_failed",
                                 {{"source", task->source_arn}, {"error", more.error().message}});
            pause = limits::sqs::move_retry_delay;
        } else if (task->per_second) {
            pause = std::chrono::seconds(task->moved - moved_before) / *task->per_second;
        }
        const Instant until = machine_.clock.now() + pause;
        while (task->status == "RUNNING" && machine_.clock.now() < until)
            co_await changed_.wait_until(machine_.timers, until);
    }
    if (task->status == "CANCELLING") task->status = "CANCELLED";
    while (!co_await store_move(task) && moves_.contains(task->table_key())) {
        co_await machine::sleep_until(machine_.timers,
                                      machine_.clock.now() + limits::sqs::move_retry_delay);
    }
}

// False when nothing is left. What was done before an error stays done.
Task<Result<bool>> Sqs::move_some(MoveTaskPointer task, QueuePointer source) {
    MILL_CO_CHECK(co_await source->ready());
    const auto count = static_cast<std::size_t>(task->per_second.value_or(step));
    const auto taken = source->take(std::min(count, step), std::chrono::seconds(1), 0);
    if (taken.given.empty()) co_return false;
    for (const Number number : taken.given) source->hold(number);
    auto moved = co_await move_messages(task, source, taken.given);
    if (!moved) {
        for (const Number number : taken.given) source->release(number);
        co_return std::unexpected(std::move(moved).error());
    }
    co_return true;
}

Task<Result<void>> Sqs::move_messages(MoveTaskPointer task, QueuePointer source,
                                      std::vector<Number> numbers) {
    struct Group {
        std::vector<Draft> drafts;
        std::vector<Number> numbers;
    };
    std::map<std::string, Group> groups;  // by where they go
    for (const Number number : numbers) {
        MILL_CO_TRY(auto received, co_await source->read(number));
        if (!received) continue;
        Group& group = groups[task->destination_arn.value_or(received->content.source_arn)];
        group.drafts.push_back(sent_again(std::move(received->content)));
        group.numbers.push_back(number);
    }
    for (auto& [arn, group] : groups) {
        const auto target = find_by_arn(arn);
        if (!target) {
            task->status = "FAILED";
            task->failure = arn.empty() ? "CouldNotDetermineMessageSource"
                                        : "AWS.SimpleQueueService.NonExistentQueue";
            co_return queue_not_found();
        }
        MILL_CO_CHECK(co_await (*target)->ready());
        MILL_CO_TRY(const auto sent, co_await (*target)->send(std::move(group.drafts)));
        MILL_CO_CHECK(co_await source->erase(group.numbers));
        task->moved += static_cast<std::int64_t>(sent.size());
    }
    co_return Result<void>();
}

}  // namespace mill::sqs
