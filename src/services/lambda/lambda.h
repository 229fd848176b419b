// SPDX-License-Identifier: Apache-2.0
// Lambda: functions, their environments (Runtime API, warm reuse, timeouts) and event source
// mappings.
//
// Owns the Table's rows "lambda/..." and its directory: blobs/ (code zips), code/ (extracted,
// derived, per run), scratch/ (functions' /tmp, per run). After a crash functions, mappings,
// checkpoints and accepted events are there; environments start anew and an event under way is
// delivered again.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "machine/machine.h"
#include "services/ports/event_invoker.h"
#include "services/ports/failure_destination.h"
#include "services/ports/invoker.h"
#include "services/ports/key_store.h"
#include "services/ports/log_sink.h"
#include "services/ports/object_store.h"
#include "services/ports/queue_source.h"
#include "services/ports/record_source.h"
#include "services/ports/resource_provider.h"
#include "storage/stream_log.h"
#include "wire/operation.h"

namespace mill::lambda {

using CodeFolders = std::map<std::string, std::string>;  // a path by its name

struct Options {
    std::string directory;     // for code: <data>/lambda
    std::string runtimes;      // where the bootstraps of interpreted runtimes lie: <share>/runtimes
    std::string endpoint_url;  // what functions get as AWS_ENDPOINT_URL: "http://127.0.0.1:4566"
    // Folders that are the code of S3Bucket "code-folders", S3Key NAME, as they lie. Only for a
    // server that does not outlive them.
    CodeFolders code_folders = {};
    Duration idle_max = std::chrono::minutes(10);  // a warm environment unused for so long is ended
    int environments_max = 1000;                   // account concurrency
};

class CodeStore;
class EnvironmentPool;
class EventQueue;
class FunctionUrls;
class Functions;
class Layers;
struct Invocation;
class Invocations;
class Mappings;

class Lambda final : public ports::Invoker,
                     public ports::EventInvoker,
                     public ports::ResourceProvider {
  public:
    static Result<std::unique_ptr<Lambda>> open(Machine& machine, storage::Engine& engine,
                                                ports::RecordSource& source, ports::LogSink& logs,
                                                ports::ObjectStore& objects, Options options);
    ~Lambda() override;
    wire::Service service();
    // What functions get as AWS_ENDPOINT_URL, once the gateway's port is known. Before start().
    void set_endpoint_url(std::string url);
    // Where documents on failed records and events can go. Before start().
    void set_failure_destinations(ports::FailureDestinations destinations);
    // What mappings of queues read. Before start().
    void set_queue_source(ports::QueueSource& queues);
    // Where the keys are that mappings name.
    void set_key_store(const ports::KeyStore& keys);
    // Of the mappings, in Prometheus' text format.
    std::string metrics_text() const;
    // Starts the pollers of enabled mappings. After open(), once the gateway listens.
    void start();
    // Ends all tasks at once, as a crash does. Before those go whom they tell and read.
    void end_tasks();
    // Ends pollers and environments; what was not acknowledged is delivered again after the next
    // start.
    Task<void> stop(Instant deadline);

    Functions& functions() { return *functions_; }
    Layers& layers() { return *layers_; }
    FunctionUrls& urls() { return *urls_; }
    Invocations& invocations() { return *invocations_; }
    EventQueue& events() { return *events_; }
    Mappings& mappings() { return *mappings_; }
    storage::Table& table() { return table_; }
    WallTime now() const { return machine_.clock.wall(); }
    // How many invocations may be under way at once, and how many of them no function has reserved.
    std::int64_t concurrency() const { return options_.environments_max; }
    std::int64_t unreserved_concurrency() const;

    Task<Result<ports::InvokeOutcome>> invoke(ports::InvokeRequest request) override;
    Task<Result<void>> accept_event(ports::InvokeRequest request) override;

    std::span<const std::string_view> types() const override;
    std::span<const std::string_view> create_only(std::string_view type) const override;
    Task<Result<ports::Resource>> create(ports::ResourceRequest request) override;
    Task<Result<ports::Resource>> update(ports::ResourceRequest request, std::string physical_id,
                                         wire::Value old_properties) override;
    Task<Result<void>> remove(ports::ResourceRequest request, std::string physical_id) override;

  private:
    Lambda(Machine& machine, storage::Table& table, Options options);
    Result<Invocation> prepare(ports::InvokeRequest request);

    Machine& machine_;
    storage::Table& table_;
    Options options_;
    std::unique_ptr<CodeStore> code_;
    std::unique_ptr<Layers> layers_;
    std::unique_ptr<Functions> functions_;
    std::unique_ptr<FunctionUrls> urls_;
    std::unique_ptr<EnvironmentPool> pool_;
    std::unique_ptr<Invocations> invocations_;
    std::unique_ptr<EventQueue> events_;
    std::unique_ptr<Mappings> mappings_;
    Scope stopping_;
};

std::span<const wire::Operation* const> operations();

}  // namespace mill::lambda
