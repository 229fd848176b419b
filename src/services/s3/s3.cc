// SPDX-License-Identifier: Apache-2.0
#include "services/s3/s3.h"

#include <algorithm>
#include <set>

#include "model/arn.h"
#include "services/s3/declarations.h"

namespace mill::s3 {
namespace {

const std::string bucket_prefix = "s3/bucket/";

std::string bucket_row(const std::string& name) { return bucket_prefix + name; }
const std::string object_prefix = "s3/object/";
std::string object_rows(const std::string& bucket) { return object_prefix + bucket + "/"; }
std::string setting_rows(const std::string& bucket) { return "s3/setting/" + bucket + "/"; }

// Names of all blobs that objects have.
Result<std::set<std::string>> used_blobs(storage::Table& table) {
    std::set<std::string> used;
    MILL_TRY(const auto rows, table.scan(object_prefix));
    for (const auto& row : rows) {
        MILL_TRY(Object object, wire::from_json<Object>(row.value));
        used.insert(std::move(object.blob));
    }
    return used;
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
    : machine_(machine), table_(table), blobs_(machine, std::move(directory)) {}
S3::~S3() = default;

Result<std::unique_ptr<S3>> S3::open(Machine& machine, storage::Engine& engine,
                                     std::string directory) {
    std::unique_ptr<S3> s3(new S3(machine, *engine.table, std::move(directory)));
    MILL_TRY(const auto used, used_blobs(*engine.table));
    MILL_CHECK(s3->blobs_.keep_only(used));
    return s3;
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
    MILL_CO_TRY(Object found, object(bucket, key));
    co_return co_await blobs_.get(found.blob);
}

Task<Result<void>> S3::deliver(ports::FailureNotice notice) {
    const std::string name =
        model::parse_arn(notice.destination_arn).value_or(model::Arn{}).resource;
    MILL_CO_TRY(const auto found, find_bucket(name));
    if (!found) co_return no_such_bucket();
    const Digest16 digest = md5(notice.document);
    Object object{
        .size = static_cast<std::int64_t>(notice.document.size()),
        .etag = "\"" + hex({reinterpret_cast<const char*>(digest.data()), digest.size()}) + "\"",
        .last_modified = now(),
        .content_type = "application/json"};
    MILL_CO_TRY(object.blob, co_await blobs_.put(std::move(notice.document)));
    co_return co_await put(name, std::move(notice.object_key), std::move(object), false);
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

Result<std::vector<Bucket>> S3::buckets_of(const std::string& account) {
    MILL_TRY(auto rows, table_.scan(bucket_prefix));
    std::vector<Bucket> out;
    for (const auto& row : rows) {
        MILL_TRY(Bucket found, wire::from_json<Bucket>(row.value));
        if (found.account == account) out.push_back(std::move(found));
    }
    return out;
}

Task<Result<void>> S3::create_bucket(Bucket bucket) {
    std::string row = bucket_row(bucket.name);
    auto done = co_await table_.commit(
        {.preconditions = {{row, std::nullopt}}, .puts = {{row, wire::to_json(bucket)}}});
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
    MILL_CO_TRY(auto rows, table_.scan(object_rows(name), {}, 1));
    if (!rows.empty())
        co_return fail("BucketNotEmpty", "The bucket you tried to delete is not empty", 409);
    storage::Table::Commit commit{.erases = {bucket_row(name)}};
    MILL_CO_TRY(auto settings, table_.scan(setting_rows(name)));
    for (auto& setting : settings) commit.erases.push_back(std::move(setting.key));
    co_return co_await table_.commit(std::move(commit));
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

Result<Object> S3::object(const std::string& bucket, const std::string& key) {
    MILL_TRY(auto row, table_.get(object_rows(bucket) + key));
    if (!row) return no_such_key();
    return wire::from_json<Object>(*row);
}

Result<std::vector<S3::Listed>> S3::list(const std::string& bucket, const std::string& prefix,
                                         const std::string& after, std::size_t limit) {
    const std::string rows_of = object_rows(bucket);
    MILL_TRY(auto rows,
             table_.scan(rows_of + prefix, after.empty() ? std::string() : rows_of + after, limit));
    std::vector<Listed> out;
    for (auto& row : rows) {
        MILL_TRY(Object found, wire::from_json<Object>(row.value));
        out.push_back({row.key.substr(rows_of.size()), std::move(found)});
    }
    return out;
}

Task<Result<void>> S3::put(std::string bucket, std::string key, Object object, bool only_new) {
    MILL_CO_TRY(auto holder, table_.get(bucket_row(bucket)));
    if (!holder) co_return no_such_bucket();
    std::string row = object_rows(bucket) + key;
    storage::Table::Commit commit{.preconditions = {{bucket_row(bucket), *std::move(holder)}},
                                  .puts = {{row, wire::to_json(object)}}};
    if (only_new) commit.preconditions.push_back({row, std::nullopt});
    auto done = co_await table_.commit(std::move(commit));
    if (done || done.error().code != "storage.conflict") co_return done;
    MILL_CO_TRY(auto still, find_bucket(bucket));
    if (still && only_new) co_return precondition_failed();
    co_return no_such_bucket();
}

Task<Result<void>> S3::erase(std::string bucket, std::string key) {
    co_return co_await table_.commit({.erases = {object_rows(bucket) + key}});
}

}  // namespace mill::s3
