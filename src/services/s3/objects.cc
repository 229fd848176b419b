// SPDX-License-Identifier: Apache-2.0
#include "services/s3/objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "services/s3/s3.h"
#include "storage/blob_store.h"

namespace mill::s3 {
namespace {

constexpr char end_of_key = '\0';  // in the rows of versions: below all that keys hold
constexpr std::size_t order_digits = 16;
constexpr std::string_view null_version = "null";

const std::string objects_prefix = "s3/object/", versions_prefix = "s3/version/",
                  parts_prefix = "s3/part/";

std::string object_rows(const std::string& bucket) { return objects_prefix + bucket + "/"; }
std::string object_row(const std::string& bucket, const std::string& key) {
    return object_rows(bucket) + key;
}
std::string version_rows(const std::string& bucket) { return versions_prefix + bucket + "/"; }
std::string version_rows(const std::string& bucket, const std::string& key) {
    return version_rows(bucket) + key + end_of_key;
}
std::string version_row(const std::string& bucket, const std::string& key, std::int64_t order) {
    return version_rows(bucket, key) + fmt::format("{:016x}", ~static_cast<std::uint64_t>(order));
}

std::optional<std::int64_t> order_in(std::string_view version) {
    std::uint64_t order = 0;
    const char* const end = version.data() + order_digits;
    if (version.size() != 2 * order_digits ||
        version.find_first_not_of("0123456789abcdef") != std::string_view::npos)
        return std::nullopt;
    if (std::from_chars(version.data(), end, order, 16).ptr != end) return std::nullopt;
    return static_cast<std::int64_t>(order);
}

Failure no_such_version() {
    return fail("NoSuchVersion", "The specified version does not exist.", 404);
}

}  // namespace

std::string version_text(const Object& object) {
    return object.version_id.value_or(std::string(null_version));
}

void Objects::Change::merge(Change other) {
    const auto append = [](auto& to, auto& from) {
        to.insert(to.end(), std::make_move_iterator(from.begin()),
                  std::make_move_iterator(from.end()));
    };
    append(commit.preconditions, other.commit.preconditions);
    append(commit.puts, other.commit.puts);
    append(commit.erases, other.commit.erases);
    append(dropped, other.dropped);
    if (other.object) object = std::move(other.object);
}

std::string Objects::part_row(const std::string& upload, std::int64_t number) {
    return part_rows(upload) + fmt::format("{:05}", number);
}

Result<std::optional<Object>> Objects::current(const std::string& bucket,
                                               const std::string& key) const {
    MILL_TRY(const auto row, table_.get(object_row(bucket, key)));
    if (!row) return std::optional<Object>();
    MILL_TRY(Object object, wire::from_json<Object>(*row));
    return std::optional(std::move(object));
}

Result<std::vector<Objects::Found>> Objects::newest_old(const std::string& bucket,
                                                        const std::string& key,
                                                        std::size_t count) const {
    MILL_TRY(auto rows, table_.scan(version_rows(bucket, key), {}, count));
    std::vector<Found> found;
    for (auto& row : rows) {
        MILL_TRY(Object object, wire::from_json<Object>(row.value));
        found.push_back({std::move(row.key), std::move(object)});
    }
    return found;
}

// The null version is looked for among all: buckets that were never versioned have no old ones.
Result<std::optional<Objects::Found>> Objects::find_old(const std::string& bucket,
                                                        const std::string& key,
                                                        const std::string& version) const {
    if (version == null_version) {
        MILL_TRY(auto all, newest_old(bucket, key, 0));
        for (Found& one : all) {
            if (!one.object.version_id) return std::optional(std::move(one));
        }
        return std::optional<Found>();
    }
    const auto order = order_in(version);
    if (!order) return fail("InvalidArgument", "Invalid version id specified", 400);
    std::string row = version_row(bucket, key, *order);
    MILL_TRY(const auto text, table_.get(row));
    if (!text) return std::optional<Found>();
    MILL_TRY(Object object, wire::from_json<Object>(*text));
    if (object.version_id != version) return std::optional<Found>();
    return std::optional<Found>({std::move(row), std::move(object)});
}

Result<Object> Objects::find(const std::string& bucket, const std::string& key,
                             const std::optional<std::string>& version) const {
    MILL_TRY(auto now, current(bucket, key));
    if (!version) return now ? Result<Object>(*std::move(now)) : no_such_key();
    if (now && version_text(*now) == *version) return *std::move(now);
    MILL_TRY(auto old, find_old(bucket, key, *version));
    if (!old) return no_such_version();
    if (old->object.is_delete_marker)
        return fail("MethodNotAllowed",
                    "The specified method is not allowed against this resource.", 405);
    return std::move(old->object);
}

Result<std::vector<Part>> Objects::parts(const std::string& upload) const {
    MILL_TRY(const auto rows, table_.scan(part_rows(upload)));
    std::vector<Part> parts;
    parts.reserve(rows.size());
    for (const auto& row : rows) {
        MILL_TRY(Part part, wire::from_json<Part>(row.value));
        parts.push_back(std::move(part));
    }
    return parts;
}

// By bisection over the numbers, of which some may be missing: the last part whose place, which
// grows with them, is at most that.
Result<std::optional<Part>> Objects::last_part(const std::string& upload,
                                               std::int64_t Part::* place,
                                               std::int64_t at_most) const {
    std::optional<Part> found;
    std::int64_t low = 1, high = part_number_max;
    while (low <= high) {
        const std::int64_t middle = low + (high - low) / 2;
        MILL_TRY(const auto rows, table_.scan(part_rows(upload), part_row(upload, middle - 1), 1));
        std::optional<Part> next;
        if (!rows.empty()) {
            MILL_TRY(next, wire::from_json<Part>(rows.front().value));
        }
        if (next && next->number <= high && (*next).*place <= at_most) {
            low = next->number + 1;
            found = std::move(next);
        } else {
            high = middle - 1;
        }
    }
    return found;
}

// As complete_upload() says it; of parts that were put together before it was said.
void Objects::place(std::vector<Part>& parts) {
    std::int64_t begin = 0, index = 0;
    for (Part& part : parts) {
        part.begin = std::exchange(begin, begin + part.size);
        part.index = ++index;
    }
}

Result<std::vector<Part>> Objects::parts_in(const std::string& upload, std::uint64_t offset,
                                            std::uint64_t count) const {
    constexpr std::size_t rows_at_once = 64;
    const auto end = static_cast<std::int64_t>(offset + count);
    MILL_TRY(const auto first, last_part(upload, &Part::begin, static_cast<std::int64_t>(offset)));
    std::vector<Part> found;
    if (!first) return found;
    if (first->index == 0) {
        MILL_TRY(found, parts(upload));
        place(found);
        return found;
    }
    std::string after = part_row(upload, first->number - 1);
    while (true) {
        MILL_TRY(auto rows, table_.scan(part_rows(upload), after, rows_at_once));
        for (const auto& row : rows) {
            MILL_TRY(Part part, wire::from_json<Part>(row.value));
            if (part.begin >= end) return found;
            found.push_back(std::move(part));
        }
        if (rows.size() < rows_at_once) return found;
        after = std::move(rows.back().key);
    }
}

Result<std::optional<Part>> Objects::part_at(const std::string& upload, std::int64_t index) const {
    MILL_TRY(auto found, last_part(upload, &Part::index, index));
    if (found && found->index == 0) {
        MILL_TRY(auto all, parts(upload));
        place(all);
        const auto at = std::ranges::find(all, index, &Part::index);
        return at == all.end() ? std::nullopt : std::optional(std::move(*at));
    }
    if (found && found->index != index) found.reset();
    return found;
}

Result<void> Objects::drop(const Object& object, Change& change) const {
    if (storage::BlobStore::is_own(object.blob)) change.dropped.push_back(object.blob);
    if (!object.upload) return {};
    MILL_TRY(auto rows, table_.scan(part_rows(*object.upload)));
    for (auto& row : rows) {
        MILL_TRY(Part part, wire::from_json<Part>(row.value));
        change.dropped.push_back(std::move(part.blob));
        change.commit.erases.push_back(std::move(row.key));
    }
    return {};
}

Result<Objects::Change> Objects::put(const std::string& bucket, const std::string& key,
                                     Object object, Versions versions,
                                     const std::string& random) const {
    Change change;
    MILL_TRY(const auto now, current(bucket, key));
    if (versions == Versions::none) {
        if (now) MILL_CHECK(drop(*now, change));
    } else {
        MILL_TRY(const auto old, newest_old(bucket, key, 1));
        const std::int64_t last =
            std::max(now ? now->order : -1, old.empty() ? -1 : old.front().object.order);
        object.order = last + 1;
        if (versions == Versions::kept)
            object.version_id = fmt::format("{:016x}{}", object.order, random);
        const bool replaces = now && versions == Versions::suspended && !now->version_id;
        if (replaces) {
            MILL_CHECK(drop(*now, change));
        } else if (now) {
            change.commit.puts.push_back(
                {version_row(bucket, key, now->order), wire::to_json(*now)});
        }
        if (versions == Versions::suspended && !replaces) {
            MILL_TRY(const auto null, find_old(bucket, key, std::string(null_version)));
            if (null) {
                change.commit.erases.push_back(null->row);
                MILL_CHECK(drop(null->object, change));
            }
        }
    }
    std::string row =
        object.is_delete_marker ? version_row(bucket, key, object.order) : object_row(bucket, key);
    if (object.is_delete_marker && now) change.commit.erases.push_back(object_row(bucket, key));
    change.commit.puts.push_back({std::move(row), wire::to_json(object)});
    change.object = std::move(object);
    return change;
}

Result<Objects::Change> Objects::erase(const std::string& bucket, const std::string& key,
                                       const std::optional<std::string>& version, Versions versions,
                                       const std::string& random, WallTime now) const {
    if (!version && versions != Versions::none)
        return put(bucket, key, {.last_modified = now, .is_delete_marker = true}, versions, random);
    Change change;
    MILL_TRY(auto present, current(bucket, key));
    if (version) {
        MILL_CHECK(erase_version(bucket, key, *version, std::move(present), change));
    } else if (present) {
        change.commit.erases.push_back(object_row(bucket, key));
        MILL_CHECK(drop(*present, change));
        change.object = std::move(present);
    }
    return change;
}

// For good. The next older version becomes the current one, unless it is a delete marker.
Result<void> Objects::erase_version(const std::string& bucket, const std::string& key,
                                    const std::string& version, std::optional<Object> current,
                                    Change& change) const {
    MILL_TRY(auto newest, newest_old(bucket, key, 2));
    const bool is_current = current && version_text(*current) == version;
    if (is_current) {
        change.object = std::move(current);
        change.commit.erases.push_back(object_row(bucket, key));
    } else {
        MILL_TRY(auto old, find_old(bucket, key, version));
        if (!old) return {};
        change.commit.erases.push_back(old->row);
        if (!current && !newest.empty() && newest.front().row == old->row)
            newest.erase(newest.begin());
        change.object = std::move(old->object);
    }
    MILL_CHECK(drop(*change.object, change));
    const bool uncovers = is_current || (!current && !newest.empty());
    if (!uncovers || newest.empty() || newest.front().object.is_delete_marker) return {};
    std::erase(change.commit.erases, object_row(bucket, key));
    change.commit.erases.push_back(newest.front().row);
    change.commit.puts.push_back({object_row(bucket, key), wire::to_json(newest.front().object)});
    return {};
}

Result<Objects::Change> Objects::rewrite(const std::string& bucket, const std::string& key,
                                         Object object) const {
    Change change;
    MILL_TRY(const auto now, current(bucket, key));
    const bool is_current = now && version_text(*now) == version_text(object);
    change.commit.puts.push_back(
        {is_current ? object_row(bucket, key) : version_row(bucket, key, object.order),
         wire::to_json(object)});
    change.object = std::move(object);
    return change;
}

Result<std::vector<Objects::Listed>> Objects::list(const std::string& bucket,
                                                   const std::string& prefix,
                                                   const std::string& after,
                                                   std::size_t limit) const {
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

Result<std::vector<Objects::Listed>> Objects::list_versions(const std::string& bucket,
                                                            const std::string& prefix,
                                                            const Mark& after,
                                                            std::size_t limit) const {
    MILL_TRY(auto present, list(bucket, prefix, after.key, limit));
    const std::string rows_of = version_rows(bucket);
    const std::string last =
        after.key.empty() ? std::string() : version_row(bucket, after.key, after.order);
    MILL_TRY(auto rows, table_.scan(rows_of + prefix, last, limit));
    std::vector<Listed> out;
    std::string latest_of = after.key;  // the key whose newest version has been seen
    std::size_t i = 0, j = 0;
    while (out.size() < limit && (i < present.size() || j < rows.size())) {
        const std::string_view old_key =
            j < rows.size() ? std::string_view(rows[j].key)
                                  .substr(rows_of.size(),
                                          rows[j].key.size() - rows_of.size() - order_digits - 1)
                            : std::string_view();
        if (i < present.size() && (j == rows.size() || present[i].key <= old_key)) {
            latest_of = present[i].key;
            out.push_back(std::move(present[i++]));
            continue;
        }
        MILL_TRY(Object found, wire::from_json<Object>(rows[j].value));
        const bool is_latest = latest_of != old_key;
        latest_of = old_key;
        out.push_back({latest_of, std::move(found), is_latest});
        ++j;
    }
    return out;
}

Result<std::int64_t> Objects::order_of(const std::string& bucket, const std::string& key,
                                       const std::string& version) const {
    if (version != null_version) {
        const auto order = order_in(version);
        if (order) return *order;
        return fail("InvalidArgument", "Invalid version id specified", 400);
    }
    MILL_TRY(const auto now, current(bucket, key));
    if (now && !now->version_id) return now->order;
    MILL_TRY(const auto old, find_old(bucket, key, version));
    return old ? old->object.order : 0;
}

Result<Objects::Place> Objects::place_of(const std::string& bucket, const std::string& key,
                                         const Object& object) const {
    MILL_TRY(const auto now, table_.get(object_row(bucket, key)));
    MILL_TRY(const auto newest, table_.scan(version_rows(bucket, key), {}, 2));
    const Bytes text = wire::to_json(object);
    if (now == text) return newest.empty() ? Place::only : Place::latest;
    const std::string row = version_row(bucket, key, object.order);
    MILL_TRY(const auto old, table_.get(row));
    if (old != text) return Place::gone;
    if (now || newest.front().key != row) return Place::old;
    return newest.size() == 1 ? Place::only : Place::latest;
}

Result<bool> Objects::is_empty(const std::string& bucket) const {
    MILL_TRY(const auto objects, table_.scan(object_rows(bucket), {}, 1));
    MILL_TRY(const auto versions, table_.scan(version_rows(bucket), {}, 1));
    return objects.empty() && versions.empty();
}

Result<std::vector<std::string>> Objects::used_blobs() const {
    std::vector<std::string> used;
    for (const std::string& prefix : {objects_prefix, versions_prefix}) {
        MILL_TRY(const auto rows, table_.scan(prefix));
        for (const auto& row : rows) {
            MILL_TRY(Object object, wire::from_json<Object>(row.value));
            used.push_back(std::move(object.blob));
        }
    }
    MILL_TRY(const auto rows, table_.scan(parts_prefix));
    for (const auto& row : rows) {
        MILL_TRY(Part part, wire::from_json<Part>(row.value));
        used.push_back(std::move(part.blob));
    }
    return used;
}

}  // namespace mill::s3
