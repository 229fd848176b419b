// SPDX-License-Identifier: Apache-2.0
// S3: buckets, their settings, objects and their versions. Bytes lie in a BlobStore, everything
// else in the Table: "s3/bucket/<bucket>", "s3/setting/<bucket>/<name>", and what objects.h lists.
// Names of buckets are global, as on AWS; only the owner's account may use one.
//
// An answered write is durable: the blob is synced before the row that names it is committed, so a
// crash leaves the old object or the new one, never half of it; a blob without a row is harmless,
// and goes with the next start. Executor thread only.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>

#include "machine/machine.h"
#include "services/ports/event_invoker.h"
#include "services/ports/failure_destination.h"
#include "services/ports/object_store.h"
#include "services/ports/resource_provider.h"
#include "services/s3/objects.h"
#include "storage/blob_store.h"
#include "storage/stream_log.h"
#include "wire/streamed.h"

namespace mill::s3 {

struct Bucket {
    std::string name;
    std::string account;
    std::string region;
    WallTime created;
    static constexpr auto shape() {
        return wire::structure("Bucket", wire::member<&Bucket::name>("Name"),
                               wire::member<&Bucket::account>("Account"),
                               wire::member<&Bucket::region>("Region"),
                               wire::member<&Bucket::created>("Created"));
    }
};

// What must hold of the object that a write replaces or removes.
struct WriteConditions {
    std::optional<std::string> if_match, if_none_match;
};

class Notifier;

class S3 final : public ports::ObjectStore,
                 public ports::FailureDestination,
                 public ports::ResourceProvider {
  public:
    // Blobs go to `directory`.
    static Result<std::unique_ptr<S3>> open(Machine& machine, storage::Engine& engine,
                                            std::string directory);
    ~S3() override;
    wire::Service service();

    Task<Result<Bytes>> get_object(std::string bucket, std::string key) override;
    // The document becomes an object of the bucket, of type application/json.
    Task<Result<void>> deliver(ports::FailureNotice notice) override;

    std::span<const std::string_view> types() const override;
    std::span<const std::string_view> create_only(std::string_view type) const override;
    Task<Result<ports::Resource>> create(ports::ResourceRequest request) override;
    Task<Result<ports::Resource>> update(ports::ResourceRequest request, std::string physical_id,
                                         wire::Value old_properties) override;
    Task<Result<void>> remove(ports::ResourceRequest request, std::string physical_id) override;

    // For the operations. NoSuchBucket; AccessDenied when it is another account's.
    // Likewise when `expected_owner` is given and is not the owner.
    Result<Bucket> bucket(const Caller& caller, const std::string& name,
                          const std::optional<std::string>& expected_owner = std::nullopt);
    Result<std::optional<Bucket>> find_bucket(const std::string& name);
    Result<std::vector<Bucket>> buckets_of(const std::string& account);
    Result<std::vector<Bucket>> all_buckets();
    // `tags`: its setting of them.
    Task<Result<void>> create_bucket(Bucket bucket, std::optional<Bytes> tags = std::nullopt);
    // Its settings go with it. BucketNotEmpty.
    Task<Result<void>> delete_bucket(std::string name);
    // One of the bucket's documents (settings/setting.h): absent if never put, empty if deleted.
    Result<std::optional<Bytes>> setting(const std::string& bucket, std::string_view name);
    // Absent: as if it had never been put. NoSuchBucket if the bucket went meanwhile.
    Task<Result<void>> put_setting(std::string bucket, std::string name,
                                   std::optional<Bytes> document);

    Objects& objects() { return objects_; }
    Result<Versions> versions_of(const std::string& bucket);
    // NoSuchBucket if the bucket went meanwhile; PreconditionFailed, NoSuchKey. `event` is what
    // notifications call it: "ObjectCreated:Put". `also` is carried out in the same commit.
    Task<Result<Object>> put(std::string bucket, std::string key, Object object,
                             WriteConditions conditions, std::string event,
                             Objects::Change also = {});
    // What was removed, or the delete marker that was put; absent if there was nothing.
    Task<Result<std::optional<Object>>> erase(std::string bucket, std::string key,
                                              std::optional<std::string> version,
                                              WriteConditions conditions);
    // As erase() does it, by a rule of the bucket's lifecycle.
    Task<Result<void>> expire_object(std::string bucket, std::string key,
                                     std::optional<std::string> version);
    // In place of all tags that the version had.
    Task<Result<Object>> set_tags(std::string bucket, std::string key,
                                  std::optional<std::string> version, Texts tags,
                                  std::string event);
    // NoSuchBucket if the bucket's row is not there any more, or another precondition fails. Who
    // wants to know of the event is told after it.
    Task<Result<void>> commit(std::string bucket, Objects::Change change, std::string key = {},
                              std::string event = {});
    // Until all that reads have seen is durable: for an answer that rests on what somebody else has
    // begun.
    Task<Result<void>> wait_for_commits() { return table_.commit({}); }
    void discard(std::vector<std::string> blobs);

    // Bytes of the object, all or a part; whole blobs are verified.
    Task<Result<Bytes>> read(Object object, std::uint64_t offset, std::uint64_t count);

    // Blobs stay while somebody reads them, also when their object goes.
    class Reading {
      public:
        Reading(S3& s3, std::vector<std::string> blobs);
        ~Reading();
        Reading(const Reading&) = delete;
        Reading& operator=(const Reading&) = delete;

      private:
        S3& s3_;
        std::vector<std::string> blobs_;
    };
    // No blob goes meanwhile: a backup copies them after the rows that name them.
    class Keeping {
      public:
        explicit Keeping(S3& s3) : s3_(s3) { ++s3_.keepers_; }
        ~Keeping();
        Keeping(const Keeping&) = delete;
        Keeping& operator=(const Keeping&) = delete;

      private:
        S3& s3_;
    };
    storage::BlobStore& blobs() { return blobs_; }
    Machine& machine() { return machine_; }
    storage::Table& table() { return table_; }
    Notifier& notifier() { return *notifier_; }
    // Notifications that wait are delivered from here on, and what expires goes.
    Result<void> start(ports::EventInvoker& functions, ports::FailureDestinations others);
    // Before those go whom it tells.
    void stop();
    WallTime now() const { return machine_.clock.wall(); }
    std::string new_id();  // random, 32 hexadecimal digits

  private:
    Task<Result<std::optional<Object>>> erase_as(std::string bucket, std::string key,
                                                 std::optional<std::string> version,
                                                 WriteConditions conditions, std::string cause);
    S3(Machine& machine, storage::Table& table, std::string directory);
    Task<Result<ports::Resource>> put_policy(ports::ResourceRequest request);

    Machine& machine_;
    storage::Table& table_;
    storage::BlobStore blobs_;
    Objects objects_;
    std::unique_ptr<Notifier> notifier_;
    struct Readers {
        int count = 0;
        bool is_discarded = false;  // it goes with the last of them
    };
    std::map<std::string, Readers, std::less<>> readers_;
    int keepers_ = 0;
    std::vector<std::string> kept_;  // they go with the last of them
    Scope scope_;                    // last: its tasks use the rest
};

std::span<const wire::Operation* const> operations();
// Those of them whose bodies may be large.
std::span<const wire::StreamedOperation* const> streamed_operations();

// Errors in S3's words. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
Failure no_such_bucket();
Failure no_such_key();
Failure precondition_failed();

}  // namespace mill::s3
