// SPDX-License-Identifier: Apache-2.0
#include "services/s3/s3.h"

#include <algorithm>

#include "model/arn.h"
#include "services/s3/body.h"
#include "services/s3/expiry.h"
#include "services/s3/notifier.h"
#include "services/s3/object_encryption.h"
#include "services/s3/settings/tagging.h"
#include "services/s3/settings/versioning.h"
#include "services/s3/uploads.h"

namespace mill::s3 {
namespace {

const std::string bucket_prefix = "s3/bucket/";

std::string bucket_row(const std::string& name) { return bucket_prefix + name; }
std::string setting_rows(const std::string& bucket) { return "s3/setting/" + bucket + "/"; }

// Of a new id: the rest becomes a part of a version's.
constexpr std::size_t version_random_digits = 16;

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
Result<void> check_conditions(const WriteConditions& conditions, const std::optional<Object>& now) {
    if (conditions.if_none_match && now) return precondition_failed();
    if (!conditions.if_match) return {};
    if (!now) return no_such_key();
    const bool holds = *conditions.if_match == "*" || *conditions.if_match == now->etag ||
                       "\"" + *conditions.if_match + "\"" == now->etag;
    return holds ? Result<void>() : precondition_failed();
}

}  // namespace

bool is_bucket_name(std::string_view name) {
    const auto letter_or_digit = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    };
    return name.size() >= 3 && name.size() <= 63 && letter_or_digit(name.front()) &&
           letter_or_digit(name.back()) && name.find("..") == std::string_view::npos &&
           std::ranges::all_of(name,
                               [&](char c) { return letter_or_digit(c) || c == '-' || c == '.'; });
}

Failure no_such_bucket() {
    return fail("NoSuchBucket", "The specified bucket does not exist", 404);
}
Failure no_such_key() { return fail("NoSuchKey", "The specified key does not exist.", 404); }
Failure precondition_failed() {
    return fail("PreconditionFailed",
                "At least one of the pre-conditions you specified did not hold", 412);
}

S3::S3(Machine& machine, storage::Table& table, std::string directory)
    : machine_(machine),
      table_(table),
      blobs_(machine, std::move(directory)),
      objects_(table),
      notifier_(std::make_unique<Notifier>(machine, table)) {}
S3::~S3() = default;

Result<std::unique_ptr<S3>> S3::open(Machine& machine, storage::Engine& engine,
                                     std::string directory) {
    std::unique_ptr<S3> s3(new S3(machine, *engine.table, std::move(directory)));
    MILL_TRY(const auto used, s3->objects_.used_blobs());
    MILL_CHECK(s3->blobs_.keep_only({used.begin(), used.end()}));
    return s3;
}

extern const wire::StreamedOperation put_object_streamed, upload_part_streamed;
std::span<const wire::StreamedOperation* const> streamed_operations() {
    static constexpr const wire::StreamedOperation* all[] = {&put_object_streamed,
                                                             &upload_part_streamed};
    return all;
}

wire::Service S3::service() {
    return {.signing_name = "s3",
            .protocol = wire::Protocol::rest_xml,
            .api_version = "2006-03-01",
            .xml_namespace = "http://s3.amazonaws.com/doc/2006-03-01/",
            .operations = operations(),
            .instance = this};
}

Task<Result<Bytes>> S3::get_object(std::string bucket, std::string key) {
    MILL_CO_TRY(auto found_bucket, find_bucket(bucket));
    if (!found_bucket) co_return no_such_bucket();
    MILL_CO_TRY(Object found, objects_.find(bucket, key, std::nullopt));
    const auto size = static_cast<std::uint64_t>(found.size);
    co_return co_await read(std::move(found), 0, size);
}

Task<Result<void>> S3::deliver(ports::FailureNotice notice) {
    const std::string name =
        model::parse_arn(notice.destination_arn).value_or(model::Arn{}).resource;
    MILL_CO_TRY(const auto found, find_bucket(name));
    if (!found) co_return no_such_bucket();

    Object object{.last_modified = now(), .content_type = "application/json"};
    wire::http::WholeBody document(std::move(notice.document));
    MILL_CO_TRY(const Received received, co_await receive(*this, document, {}));
    take_content(object, received);
    MILL_CO_TRY(object.encryption, choose_encryption(*this, *found, {}));
    MILL_CO_CHECK(co_await put(name, std::move(notice.object_key), std::move(object), {},
                               "ObjectCreated:Put"));
    co_return Result<void>();
}

Result<std::optional<Bucket>> S3::find_bucket(const std::string& name) {
    MILL_TRY(auto row, table_.get(bucket_row(name)));
    if (!row) return std::optional<Bucket>();
    MILL_TRY(Bucket found, wire::from_json<Bucket>(*row));
    return std::optional<Bucket>(std::move(found));
}

Result<Bucket> S3::bucket(const Caller& caller, const std::string& name,
                          const std::optional<std::string>& expected_owner) {
    MILL_TRY(auto found, find_bucket(name));
    if (!found) return no_such_bucket();
    const bool is_expected = expected_owner.value_or(found->account) == found->account;
    if (found->account != caller.account || !is_expected)
        return fail("AccessDenied", "Access Denied", 403);
    return *std::move(found);
}

Result<std::vector<Bucket>> S3::all_buckets() {
    MILL_TRY(auto rows, table_.scan(bucket_prefix));
    std::vector<Bucket> out;
    for (const auto& row : rows) {
        MILL_TRY(Bucket found, wire::from_json<Bucket>(row.value));
        out.push_back(std::move(found));
    }
    return out;
}

Result<std::vector<Bucket>> S3::buckets_of(const std::string& account) {
    MILL_TRY(auto buckets, all_buckets());
    std::erase_if(buckets, [&](const Bucket& bucket) { return bucket.account != account; });
    return buckets;
}

Task<Result<void>> S3::create_bucket(Bucket bucket, std::optional<Bytes> tags) {
    std::string row = bucket_row(bucket.name);
    storage::Table::Commit commit{.preconditions = {{row, std::nullopt}},
                                  .puts = {{row, wire::to_json(bucket)}}};
    if (tags)
        commit.puts.push_back(
            {setting_rows(bucket.name) + std::string(Tagging::query), *std::move(tags)});
    auto done = co_await table_.commit(std::move(commit));
    if (!done && done.error().code == "storage.conflict") {
        co_return fail("OperationAborted",
                       "A conflicting conditional operation is currently in progress against this "
                       "resource. Please try again.",
                       409);
    }
    co_return done;
}

Task<Result<void>> S3::delete_bucket(std::string name) {
    // A put that began before this scan is seen by it; one that begins later finds the bucket gone.
    MILL_CO_TRY(const bool is_empty, objects_.is_empty(name));
    if (!is_empty) {
        co_return fail("BucketNotEmpty",
                       "The bucket you tried to delete is not empty. You must delete all versions "
                       "in the bucket.",
                       409);
    }
    Objects::Change change;
    change.commit.erases.push_back(bucket_row(name));
    for (const std::string& prefix : {setting_rows(name), upload_rows(name)}) {
        MILL_CO_TRY(auto rows, table_.scan(prefix));
        for (auto& row : rows) change.commit.erases.push_back(std::move(row.key));
    }
    MILL_CO_TRY(const auto uploads, list_uploads(*this, name, {}, {}, 0));
    for (const Upload& upload : uploads)
        MILL_CO_CHECK(objects_.drop({.upload = upload.id}, change));
    co_return co_await commit(std::move(name), std::move(change));
}

Result<std::optional<Bytes>> S3::setting(const std::string& bucket, std::string_view name) {
    return table_.get(setting_rows(bucket).append(name));
}

Task<Result<void>> S3::put_setting(std::string bucket, std::string name,
                                   std::optional<Bytes> document) {
    MILL_CO_TRY(auto holder, table_.get(bucket_row(bucket)));
    if (!holder) co_return no_such_bucket();
    storage::Table::Commit commit{.preconditions = {{bucket_row(bucket), *std::move(holder)}}};
    std::string row = setting_rows(bucket) + name;
    if (document) {
        commit.puts.push_back({std::move(row), *std::move(document)});
    } else {
        commit.erases.push_back(std::move(row));
    }
    auto done = co_await table_.commit(std::move(commit));
    if (!done && done.error().code == "storage.conflict") co_return no_such_bucket();
    co_return done;
}

std::string S3::new_id() {
    constexpr std::size_t digits = 32;
    return machine::random_hex(machine_.entropy, digits);
}

Result<Versions> S3::versions_of(const std::string& bucket) {
    MILL_TRY(const auto versioning, find_setting<Versioning>(*this, bucket));
    const std::string status = versioning->status.value_or("");
    return status == "Enabled"     ? Versions::kept
           : status == "Suspended" ? Versions::suspended
                                   : Versions::none;
}

Task<Result<Object>> S3::put(std::string bucket, std::string key, Object object,
                             WriteConditions conditions, std::string event, Objects::Change also) {
    const std::string blob = object.blob;
    MILL_CO_TRY(const Versions versions, versions_of(bucket));
    MILL_CO_TRY(const auto now, objects_.current(bucket, key));
    auto done = check_conditions(conditions, now);
    std::optional<Object> written;
    if (done) {
        MILL_CO_TRY(auto change, objects_.put(bucket, key, std::move(object), versions,
                                              new_id().substr(version_random_digits)));
        written = change.object;
        also.merge(std::move(change));
        done =
            co_await commit(std::move(bucket), std::move(also), std::move(key), std::move(event));
    }
    if (done) co_return *std::move(written);
    if (!blob.empty()) discard({blob});
    co_return std::unexpected(std::move(done).error());
}

Task<Result<std::optional<Object>>> S3::erase(std::string bucket, std::string key,
                                              std::optional<std::string> version,
                                              WriteConditions conditions) {
    return erase_as(std::move(bucket), std::move(key), std::move(version), std::move(conditions),
                    "ObjectRemoved");
}

Task<Result<void>> S3::expire_object(std::string bucket, std::string key,
                                     std::optional<std::string> version) {
    const auto gone = co_await erase_as(std::move(bucket), std::move(key), std::move(version), {},
                                        "LifecycleExpiration");
    if (!gone) co_return std::unexpected(gone.error());
    co_return Result<void>();
}

Task<Result<std::optional<Object>>> S3::erase_as(std::string bucket, std::string key,
                                                 std::optional<std::string> version,
                                                 WriteConditions conditions, std::string cause) {
    MILL_CO_TRY(const Versions versions, versions_of(bucket));
    MILL_CO_TRY(const auto present, objects_.current(bucket, key));
    MILL_CO_CHECK(check_conditions(conditions, present));
    MILL_CO_TRY(auto change, objects_.erase(bucket, key, version, versions,
                                            new_id().substr(version_random_digits), now()));
    auto removed = std::move(change.object);
    if (!removed) {  // it may be on its way
        MILL_CO_CHECK(co_await wait_for_commits());
        co_return removed;
    }
    const bool is_marker = !version && removed->is_delete_marker;
    change.object = removed;
    MILL_CO_CHECK(co_await commit(std::move(bucket), std::move(change), std::move(key),
                                  cause + (is_marker ? ":DeleteMarkerCreated" : ":Delete")));
    co_return removed;
}

Task<Result<Object>> S3::set_tags(std::string bucket, std::string key,
                                  std::optional<std::string> version, Texts tags,
                                  std::string event) {
    MILL_CO_TRY(Object object, objects_.find(bucket, key, version));
    object.tags = std::move(tags);
    MILL_CO_TRY(auto change, objects_.rewrite(bucket, key, object));
    MILL_CO_CHECK(
        co_await commit(std::move(bucket), std::move(change), std::move(key), std::move(event)));
    co_return object;
}

Task<Result<void>> S3::commit(std::string bucket, Objects::Change change, std::string key,
                              std::string event) {
    MILL_CO_TRY(auto holder, table_.get(bucket_row(bucket)));
    if (!holder) co_return no_such_bucket();
    Notifier::Told told;
    if (!event.empty()) {
        MILL_CO_TRY(const auto wanted, find_setting<Notifications>(*this, bucket));
        MILL_CO_TRY(const Bucket owner, wire::from_json<Bucket>(*holder));
        MILL_CO_TRY(told, notifier_->add(*wanted, {event, bucket, owner.account, owner.region, key},
                                         change));
    }
    change.commit.preconditions.push_back({bucket_row(bucket), *std::move(holder)});
    auto done = co_await table_.commit(change.commit);
    if (!done && done.error().code == "storage.conflict") co_return no_such_bucket();
    if (!done) co_return done;
    notifier_->tell(change, told);
    discard(std::move(change.dropped));
    co_return done;
}

Result<void> S3::start(ports::EventInvoker& functions, ports::FailureDestinations others) {
    MILL_CHECK(notifier_->start(functions, std::move(others)));
    scope_.spawn(run_expiry(*this));
    return {};
}

void S3::stop() {
    scope_.clear();  // the tasks, and so whoever uses the notifier
    notifier_.reset();
}

void S3::discard(std::vector<std::string> blobs) {
    std::erase_if(blobs, [this](const std::string& blob) {
        const auto at = readers_.find(blob);
        if (at != readers_.end()) at->second.is_discarded = true;
        return at != readers_.end();
    });
    if (keepers_ > 0) {
        kept_.insert(kept_.end(), blobs.begin(), blobs.end());
    } else if (!blobs.empty()) {
        scope_.spawn(blobs_.remove(std::move(blobs)));
    }
}

S3::Keeping::~Keeping() {
    if (--s3_.keepers_ == 0) s3_.discard(std::exchange(s3_.kept_, {}));
}

S3::Reading::Reading(S3& s3, std::vector<std::string> blobs) : s3_(s3), blobs_(std::move(blobs)) {
    for (const std::string& blob : blobs_) ++s3_.readers_[blob].count;
}

S3::Reading::~Reading() {
    std::vector<std::string> discarded;
    for (std::string& blob : blobs_) {
        const auto at = s3_.readers_.find(blob);
        if (--at->second.count > 0) continue;
        if (at->second.is_discarded) discarded.push_back(std::move(blob));
        s3_.readers_.erase(at);
    }
    s3_.discard(std::move(discarded));
}

}  // namespace mill::s3
