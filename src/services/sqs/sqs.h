// SPDX-License-Identifier: Apache-2.0
// SQS: queues, standard and FIFO. Speaks AWS JSON 1.0, and Query to older clients.
//
// Owns the queues: their rows (Table, keys "sqs/...") and one StreamLog each. Executor thread only.
// What is answered is durable before it is. A queue is erased from the table first, its log is
// dropped after; logs without a queue are dropped at the next start.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <vector>

#include "machine/machine.h"
#include "services/ports/failure_destination.h"
#include "services/ports/message_queue.h"
#include "services/ports/queue_source.h"
#include "services/ports/resource_provider.h"
#include "services/sqs/move_task.h"
#include "services/sqs/queue.h"
#include "storage/stream_log.h"
#include "wire/operation.h"

namespace mill::sqs {

struct Options {
    // A queue's log is left as it is, however little of it is still wanted, below this.
    std::uint64_t waste_bytes_min = limits::sqs::waste_bytes_min;
};

class Sqs final : public ports::FailureDestination,
                  public ports::MessageQueue,
                  public ports::QueueSource,
                  public ports::ResourceProvider {
  public:
    static Result<std::unique_ptr<Sqs>> open(Machine& machine, storage::Engine& engine,
                                             Options options);
    Sqs(Machine& machine, storage::Engine& engine, Options options);
    ~Sqs() override;
    wire::Service service();        // AWS JSON
    wire::Service query_service();  // the same operations in Query
    // Where queue URLs point to that no client has asked for.
    void set_endpoint_url(std::string url) { endpoint_url_ = std::move(url); }
    // Goes on with what a restart has interrupted.
    void start();

    WallTime now() const { return machine_.clock.wall(); }
    std::string url_of(const Caller& caller, const QueueRow& row) const;
    // By URL, or by name alone. QueueDoesNotExist.
    Result<QueuePointer> find_queue(const Caller& caller, const std::string& url) const;
    Result<QueuePointer> find_queue(const std::string& account, const std::string& region,
                                    const std::string& name) const;
    Result<QueuePointer> find_by_arn(const std::string& arn) const;
    // And its messages known.
    Task<Result<QueuePointer>> ready_queue(Caller caller, std::string url);
    // Of one account and region, by name, beginning after `after`.
    std::vector<QueuePointer> list_queues(const Caller& caller, const std::string& after) const;
    // Whose dead letters come to the queue; by name, beginning after `after`.
    std::vector<QueuePointer> sources_of(const Queue& queue, const std::string& after) const;

    // The queue of that name, if its attributes do not differ from these. QueueNameExists.
    Task<Result<QueuePointer>> create_queue(Caller caller, std::string name, Attributes attributes,
                                            std::map<std::string, std::string> tags);
    Task<Result<void>> delete_queue(QueuePointer queue);
    // Reads, changes and durably writes the row, one caller after the other.
    using Change = std::function<Result<void>(QueueRow&)>;
    Task<Result<void>> change_row(QueuePointer queue, Change change);
    Task<Result<void>> set_attributes(QueuePointer queue, Attributes changes);

    struct Receive {
        std::size_t count = 1;
        Duration visibility{};
        Duration wait{};
        std::string attempt_id;  // of a FIFO queue; empty: none
        bool notes = true;       // see Queue::take()
    };
    // Waits until there is a message. Those that were received too often go to the dead-letter
    // queue instead.
    Task<Result<std::vector<Received>>> receive(QueuePointer queue, Receive options);

    Task<Result<MoveTaskPointer>> start_move(std::string source_arn,
                                             std::optional<std::string> destination_arn,
                                             std::optional<std::int64_t> per_second);
    // The newest first.
    std::vector<MoveTaskPointer> moves_of(const std::string& source_arn) const;
    Task<Result<void>> store_move(MoveTaskPointer task);

    // FailureDestination
    Task<Result<void>> deliver(ports::FailureNotice notice) override;

    // MessageQueue
    Task<Result<void>> send(std::string queue_arn, ports::QueueMessage message) override;

    // QueueSource
    Result<ports::SourceQueue> source_queue(const std::string& queue_arn) override;
    Task<Result<std::vector<ports::SourceMessage>>> take_messages(std::string queue_arn,
                                                                  std::size_t count) override;
    Task<void> wait_for_messages(std::string queue_arn, Instant deadline) override;
    Task<Result<void>> delete_messages(std::string queue_arn,
                                       std::vector<std::string> receipt_handles) override;
    void note_failed(const std::string& queue_arn,
                     const std::vector<std::string>& receipt_handles) override;
    void untake_messages(const std::string& queue_arn,
                         const std::vector<std::string>& receipt_handles) override;

    // ResourceProvider
    std::span<const std::string_view> types() const override;
    Task<Result<ports::Resource>> create(ports::ResourceRequest request) override;
    Task<Result<ports::Resource>> update(ports::ResourceRequest request, std::string physical_id,
                                         wire::Value old_properties) override;
    Task<Result<void>> remove(ports::ResourceRequest request, std::string physical_id) override;

  private:
    Result<void> recover();
    Result<QueuePointer> open_queue(QueueRow row);
    Result<void> check_dead_letter_target(const Attributes& attributes,
                                          const std::string& own_arn) const;
    QueuePointer dead_letter_queue(const Queue& queue) const;
    Task<Result<void>> bury(QueuePointer queue, QueuePointer dead_letters,
                            std::vector<Number> numbers);
    Task<Result<std::vector<Received>>> read_all(QueuePointer queue, std::vector<Number> numbers);
    Task<void> drop_log(std::string name);
    Task<void> run_move(MoveTaskPointer task);
    Task<Result<bool>> move_some(MoveTaskPointer task, QueuePointer source);
    Task<Result<void>> move_messages(MoveTaskPointer task, QueuePointer source,
                                     std::vector<Number> numbers);
    Task<Result<ports::Resource>> create_policies(ports::ResourceRequest request);

    Machine& machine_;
    storage::LogStore& logs_;
    storage::Table& table_;
    Options options_;
    std::string endpoint_url_ = "http://127.0.0.1:4566";
    std::map<std::string, QueuePointer, std::less<>> queues_;    // by table key
    std::map<std::string, MoveTaskPointer, std::less<>> moves_;  // by table key
    std::set<std::string> being_made_;                           // table keys
    machine::Signal changed_;
    Scope background_;
};

std::span<const wire::Operation* const> operations();
// What an error is called in batch results and by SDKs.
std::string_view query_code(std::string_view code);

}  // namespace mill::sqs
