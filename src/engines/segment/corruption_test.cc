// SPDX-License-Identifier: Apache-2.0
// Damage to every 4 KiB of every file of a closed store: it is named, with its file; what it does
// not touch is read as it was written, and written on; check_store says the same.
#include <set>

#include "engines/segment/format.h"
#include "engines/segment/segment.h"
#include "storage/contract/rig.h"
#include "storage/record_batch.h"

namespace mill::storage::contract {
namespace {

const std::string directory = std::string(data_directory) + "/log";
constexpr segment::Options options{
    .segment_bytes = 48 * 1024, .cache_bytes = 0, .clean_kept_percent = 0};
constexpr std::size_t page_bytes = 4096;

using Snapshot = std::map<std::string, Bytes>;

struct StoredPlace {
    std::string file;
    std::size_t begin = 0;  // of its entry
    std::size_t end = 0;
    Bytes payload;
};
using Key = std::pair<std::string, Offset>;  // log, base of the batch
struct Closed {
    Snapshot files;
    std::map<Key, StoredPlace> stored;
    std::map<std::string, Bounds> bounds;
};

Batch batch(int number) {
    BatchBuilder builder;
    for (int i = 0; i <= number % 2; ++i) {
        builder.add(from_epoch_ms(number * 10), "k" + std::to_string(number),
                    Bytes(number % 5 == 0 ? 5000 : 500, 'a' + number % 26));
    }
    return builder.take();
}

// Where each batch lies: its payload is nowhere else.
void locate(Closed& closed) {
    for (auto& [key, place] : closed.stored) {
        for (const auto& [name, bytes] : closed.files) {
            const std::size_t at = bytes.find(place.payload);
            if (at == Bytes::npos) continue;
            place.file = name;
            place.begin = at - segment::EntryHeader::bytes;
            place.end = at + place.payload.size();
        }
        MILL_ASSERT(!place.file.empty());
    }
}

// Some segments full of "a" to "c"; "d" is in the first segment and, by one batch, in the newest.
// "b" is trimmed, "gone" dropped. With `settled` it was stopped cleanly.
Closed make_store(bool settled) {
    sim::SimMachine sim{7};
    Closed closed;
    MILL_ASSERT(sim.machine().files.make_directories(data_directory));
    auto store = *segment::open_store(sim.machine(), directory, options);
    const auto append = [&](const std::string& name, int number) {
        Batch next = batch(number);
        Bytes payload = next.payload;
        const auto base = sim.await((*store->open_log(name))->append(std::move(next)));
        closed.stored[{name, *base}].payload = std::move(payload);
    };
    MILL_ASSERT(sim.await((*store->open_log("gone"))->append(batch(1000))));
    for (int i = 0; i < 150; ++i) {
        append(i < 8 && i % 4 == 3 ? "d" : std::string(1, static_cast<char>('a' + i % 3)), i);
        if (i == 90) MILL_ASSERT(sim.await(store->drop_log("gone")));
        if (i == 100) MILL_ASSERT(sim.await((*store->open_log("b"))->trim(31)));
        if (i == 147) append("d", 500);
    }
    if (settled) sim.run_for(std::chrono::seconds(3));
    append("a", 501);
    Scope scope;
    if (settled) scope.spawn(store->settle());
    sim.run_for(std::chrono::milliseconds(100));  // less than a mark waits otherwise
    for (const std::string& name : store->log_names())
        closed.bounds[name] = (*store->open_log(name))->bounds();
    std::erase_if(closed.stored, [&](const auto& entry) {
        return entry.first.second < closed.bounds[entry.first.first].first;
    });
    sim.kill_software();
    store.reset();
    const auto entries = sim.machine().files.list(directory);
    for (const auto& entry : *entries)
        closed.files[entry.name] =
            *machine::read_file(sim.machine().files, directory + "/" + entry.name);
    locate(closed);
    return closed;
}

// What a damaged store gives.
struct Outcome {
    Result<void> opened;
    std::set<Key> unreadable;           // batches with an error
    std::set<Key> unseen;               // batches beyond the end of their log, without an error
    std::set<std::string> refusing;     // logs that take no more
    std::set<std::string> concerned;    // logs with an error at all
    std::vector<std::string> messages;  // of those errors
    std::vector<std::string> logged;    // errors
    std::map<std::string, Bounds> bounds;
    segment::CheckReport report;
};

class Damaged {
  public:
    Damaged(const Closed& closed, const Snapshot& files) : closed_(closed) {
        sim_.machine().log = Log(LogLevel::error, [this](LogLevel, const std::string& line) {
            outcome_.logged.push_back(line);
        });
        MILL_ASSERT(disk().make_directories(directory));
        for (const auto& [name, bytes] : files) {
            auto file = disk().open(directory + "/" + name, machine::Open::create);
            MILL_ASSERT(file && (*file)->write_at(0, bytes) && (*file)->sync());
        }
    }

    Outcome look() {
        outcome_ = {};
        const auto report = segment::check_store(disk(), directory);
        EXPECT_TRUE(succeeded(report));
        outcome_.report = *report;
        auto store = segment::open_store(sim_.machine(), directory, options);
        if (store) {
            for (const auto& [name, bounds] : closed_.bounds)
                look(name, **(*store)->open_log(name));
        } else {
            outcome_.opened = Failure(store.error());
        }
        sim_.run_for(std::chrono::seconds(3));
        sim_.kill_software();
        return outcome_;
    }

  private:
    machine::Files& disk() { return sim_.machine().files; }

    void note(const std::string& name, const Error& error) {
        EXPECT_EQ(error.code, "storage.corrupt");
        outcome_.concerned.insert(name);
        outcome_.messages.push_back(error.message);
    }

    void look(const std::string& name, StreamLog& log) {
        outcome_.bounds[name] = log.bounds();
        const auto at_end = sim_.await(log.read(log.bounds().next, {}));
        if (!at_end) note(name, at_end.error());
        for (const auto& [key, place] : closed_.stored) {
            if (key.first != name) continue;
            const auto batches = sim_.await(log.read(key.second, {.records = 1}));
            if (!batches) {
                note(name, batches.error());
                outcome_.unreadable.insert(key);
            } else if (key.second >= log.bounds().next) {
                outcome_.unseen.insert(key);
            } else {
                ASSERT_FALSE(batches->empty());
                ASSERT_EQ(batches->front().base, key.second);
                ASSERT_EQ(*batches->front().payload, place.payload);
            }
        }
        const Offset next = log.bounds().next;
        const auto appended = sim_.await(log.append(batch(2000)));
        if (appended) {
            EXPECT_EQ(*appended, next);
            EXPECT_TRUE(succeeded(sim_.await(log.read(next, {}))));
        } else {
            note(name, appended.error());
            outcome_.refusing.insert(name);
        }
    }

    const Closed& closed_;
    sim::SimMachine sim_{7};
    Outcome outcome_;
};

// The bytes that differ.
struct Changed {
    std::size_t begin = 0;
    std::size_t end = 0;
};
Changed changed(const Bytes& before, const Bytes& after) {
    if (after.size() < before.size()) return {after.size(), before.size()};
    const auto [first, other] = std::ranges::mismatch(before, after);
    auto last = before.size();
    while (last > 0 && before[last - 1] == after[last - 1]) --last;
    return {static_cast<std::size_t>(first - before.begin()), last};
}

std::set<Key> hit(const Closed& closed, const std::string& file, Changed by) {
    std::set<Key> keys;
    for (const auto& [key, place] : closed.stored) {
        if (place.file == file && place.begin < by.end && place.end > by.begin) keys.insert(key);
    }
    return keys;
}

std::set<std::string> logs_of(const std::set<Key>& keys) {
    std::set<std::string> names;
    for (const Key& key : keys) names.insert(key.first);
    return names;
}

// The server's sentences are check_store's, and name the file.
void expect_same_words(const Outcome& outcome, const std::string& file) {
    std::set<std::string> found;
    for (const segment::Finding& finding : outcome.report.findings) {
        found.insert(finding.logs.begin(), finding.logs.end());
        EXPECT_THAT(finding.text, testing::HasSubstr(directory + "/" + file + " at byte "));
    }
    EXPECT_EQ(found, outcome.concerned) << "check_store says something else";
    for (const std::string& message : outcome.messages) {
        EXPECT_TRUE(std::ranges::any_of(outcome.report.findings, [&](const auto& finding) {
            return message.starts_with(finding.text);
        })) << message;
        EXPECT_THAT(message, testing::HasSubstr("millrace fsck"));
    }
    // In the log, too, each once; quotes are written otherwise there.
    const std::set<std::string> lines(outcome.logged.begin(), outcome.logged.end());
    EXPECT_EQ(lines.size(), outcome.logged.size());
    for (const std::string& message : outcome.messages) {
        const std::string text = message.substr(0, message.find("; \"millrace fsck"));
        EXPECT_THAT(outcome.logged,
                    testing::Contains(testing::HasSubstr(text.substr(0, text.find('"')))));
    }
}

template <class Harm, class Judge>
void harm_each_page(const Closed& closed, Harm harm, Judge judge) {
    for (const auto& [name, bytes] : closed.files) {
        for (std::size_t page = 0; page < bytes.size(); page += page_bytes) {
            SCOPED_TRACE(name + " page at " + std::to_string(page));
            Snapshot files = closed.files;
            harm(files[name], page);
            if (files[name] == bytes) continue;
            judge(name, files);
            if (testing::Test::HasFailure()) return;
        }
    }
}

// Exactly the batches that were hit are missing; their logs take more, at the right offsets; the
// next start says the same.
template <class Harm>
void expect_exact(Harm harm) {
    const Closed closed = make_store(true);
    ASSERT_GT(closed.files.size(), 8u);
    int named = 0;
    harm_each_page(closed, harm, [&](const std::string& name, const Snapshot& files) {
        const std::set<Key> expected =
            hit(closed, name, changed(closed.files.at(name), files.at(name)));
        Damaged damaged(closed, files);
        for (int start = 0; start < 2; ++start) {
            SCOPED_TRACE("start " + std::to_string(start));
            const Outcome outcome = damaged.look();
            ASSERT_TRUE(succeeded(outcome.opened));
            EXPECT_EQ(outcome.unreadable, expected);
            EXPECT_EQ(outcome.unseen, std::set<Key>());
            EXPECT_EQ(outcome.refusing, std::set<std::string>());
            EXPECT_EQ(outcome.concerned, logs_of(expected));
            for (const auto& [log, bounds] : closed.bounds) {
                EXPECT_EQ(outcome.bounds.at(log).first, bounds.first) << log;
                EXPECT_EQ(outcome.bounds.at(log).next, bounds.next + (start > 0)) << log;
            }
            expect_same_words(outcome, name);
            named += !expected.empty();
            if (testing::Test::HasFailure()) return;
        }
    });
    EXPECT_GT(named, 40);
}

void zero_page(Bytes& bytes, std::size_t page) {
    const std::size_t end = std::min(page + page_bytes, bytes.size());
    std::fill(bytes.begin() + static_cast<long>(page), bytes.begin() + static_cast<long>(end),
              '\0');
}

void truncate(Bytes& bytes, std::size_t page) {
    // What is cut off behind the end of the entries is nothing.
    if (BytesView(bytes).substr(page).find_first_not_of('\0') != BytesView::npos)
        bytes.resize(page);
}

TEST(SegmentCorruption, ZeroedPages) { expect_exact(zero_page); }

TEST(SegmentCorruption, BitFlips) {
    for (const std::size_t at : {5u, 9u, 1000u, 3001u}) {
        expect_exact([at](Bytes& bytes, std::size_t page) {
            // In what is used: zeros beyond the end are nothing.
            if (page + at < bytes.find_last_not_of('\0'))
                bytes[page + at] = static_cast<char>(bytes[page + at] ^ 0x10);
        });
    }
}

TEST(SegmentCorruption, Truncations) { expect_exact(truncate); }

// Killed within a second after the last commit, so that the mark is old: what it cannot tell stops
// the logs that may be concerned; nothing that later commits prove is passed over in silence.
TEST(SegmentCorruption, WithoutAMarkNothingIsDroppedInSilence) {
    Closed closed = make_store(false);
    std::string newest;
    for (const auto& [name, bytes] : closed.files) {
        if (segment::segment_number(name)) newest = name;
    }
    std::erase_if(closed.files, [](const auto& e) { return e.first.ends_with(".mark"); });
    const auto judge = [&](const std::string& name, const Snapshot& files) {
        if (name != newest) return;
        const Changed by = changed(closed.files.at(name), files.at(name));
        Damaged damaged(closed, files);
        for (int start = 0; start < 2; ++start) {
            SCOPED_TRACE("start " + std::to_string(start));
            const Outcome outcome = damaged.look();
            if (!outcome.opened) {
                EXPECT_LT(by.begin, page_bytes) << "only a lost head refuses the store";
                ASSERT_EQ(outcome.report.findings.size(), 1u);
                EXPECT_THAT(outcome.report.findings[0].text,
                            testing::StartsWith(outcome.opened.error().message));
                return;
            }
            for (const Key& key : outcome.unseen) {
                const StoredPlace& unseen = closed.stored.at(key);
                EXPECT_FALSE(outcome.concerned.contains(key.first));
                for (const auto& [other, place] : closed.stored) {
                    if (place.file == newest && place.begin > unseen.end)
                        EXPECT_TRUE(by.begin < place.end && place.begin < by.end)
                            << key.first << " " << key.second << " was proven by " << other.first
                            << " " << other.second;
                }
            }
            const std::set<Key> expected = hit(closed, name, by);
            for (const Key& key : outcome.unreadable) EXPECT_TRUE(expected.contains(key));
            expect_same_words(outcome, name);
            if (!outcome.unseen.empty()) return;  // their offsets have been given again
        }
    };
    harm_each_page(closed, zero_page, judge);
    harm_each_page(closed, truncate, judge);
    for (const std::size_t at : {5u, 700u, 3001u}) {
        harm_each_page(
            closed, [at](Bytes& bytes, std::size_t page) { bytes[page + at] ^= 0x10; }, judge);
    }
}

}  // namespace
}  // namespace mill::storage::contract
