// SPDX-License-Identifier: Apache-2.0
// Notifier: tells functions, queues and topics of what happened to objects. What is to be told is a
// row, "s3/event/<number>", of the same commit as what happened; it goes when the destination has
// it. So after a crash nothing is lost, and something may be told twice. Each destination is told
// in order, one event after the other, and waits for no other; one that is gone is not told.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
#pragma once

#include <deque>

#include "machine/machine.h"
#include "services/ports/event_invoker.h"
#include "services/ports/failure_destination.h"
#include "services/s3/objects.h"
#include "services/s3/settings/notifications.h"

namespace mill::s3 {

class Notifier {
  public:
    Notifier(Machine& machine, storage::Table& table) : machine_(machine), table_(table) {}

    // What is told goes into the change's commit. After that, tell() it.
    struct Event {
        std::string name;  // "ObjectCreated:Put"
        std::string bucket, account, region, key;
    };
    using Told = std::vector<std::string>;  // rows
    Result<Told> add(const Notifications& wanted, const Event& event, Objects::Change& change);
    void tell(const Objects::Change& committed, const Told& told);

    // Whoever wants to be told is told here: AWS sends a test, and so learns whether there is such
    // a queue or topic. InvalidArgument.
    Task<Result<void>> test(Notifications wanted, std::string bucket);
    // Goes on where the server stopped.
    Result<void> start(ports::EventInvoker& functions, ports::FailureDestinations others);

  private:
    struct Row {
        std::string destination;  // an ARN
        std::string document;
        static constexpr auto shape() {
            return wire::structure("Event", wire::member<&Row::destination>("Destination"),
                                   wire::member<&Row::document>("Document"));
        }
    };
    struct Waiting {
        std::string key;
        Row row;
    };
    void queue(Waiting waiting);
    Task<void> run(std::string destination);
    Task<void> forget(std::string row);
    Task<Result<void>> deliver(Row row);
    Task<Result<void>> test_one(std::string arn, std::string document);

    Machine& machine_;
    storage::Table& table_;
    ports::EventInvoker* functions_ = nullptr;
    ports::FailureDestinations others_;
    // By destination; one that is there has a task that tells it.
    std::map<std::string, std::deque<Waiting>> waiting_;
    Scope scope_;  // last
};

// Whether one of the configuration's events and its filter fit.
bool wants(const std::vector<std::string>& events,
           const std::optional<NotificationConfigurationFilter>& filter, std::string_view event,
           std::string_view key);
std::string event_document(const Notifier::Event& event, const Object& object,
                           const std::string& configuration, WallTime now,
                           const std::string& request_id);

}  // namespace mill::s3
