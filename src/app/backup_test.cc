// SPDX-License-Identifier: Apache-2.0
#include "app/backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/check_data.h"
#include "app/mill.h"
#include "sim/machine/sim_machine.h"
#include "storage/record_batch.h"
#include "wire/http_client.h"

namespace mill::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const wire::Credentials root_key{"AKIAROOT", "secret", ""};
const std::string segment = "/log/00000000000000000001.segment";

struct Backups : testing::Test {
    Result<void> put(storage::Engine& engine, const std::string& text) {
        storage::BatchBuilder builder;
        builder.add(from_epoch_ms(1000), "key", text);
        MILL_TRY(auto* log, engine.logs->open_log("shard"));
        MILL_CHECK(world.await(log->append(builder.take())));
        return world.await(engine.table->commit({.puts = {{"a/b", text}}}));
    }
    // A data directory that no server has any more.
    void fill(const std::vector<std::string>& texts) {
        auto engine = open_engine(world.machine(), "/data", true);
        ASSERT_TRUE(engine);
        for (const std::string& text : texts) ASSERT_TRUE(put(*engine, text));
        world.kill_software();
    }
    void start_server() {
        auto engine = open_engine(world.machine(), "/data", true);
        ASSERT_TRUE(engine);
        ASSERT_TRUE(put(*engine, "one"));
        Options options;
        options.directory = "/data";
        options.runtimes = "/runtimes";
        options.root_key = root_key;
        mill = std::make_unique<Mill>(world.machine(), *std::move(engine), options);
        ASSERT_TRUE(mill->start());
    }
    wire::http::Response post(const std::string& query, const wire::Credentials& key = root_key,
                              const std::string& method = "POST") {
        wire::http::Request request{.method = method, .target = "/_millrace/backup" + query};
        request.headers.set("host", mill->endpoints().front().text());
        if (!key.access_key.empty())
            wire::sign(request, key, "us-east-1", "millrace", world.machine().clock.wall());
        auto answer = world.await(wire::http::exchange(
            world.outside().network, mill->endpoints().front(), std::move(request)));
        return answer ? *std::move(answer) : wire::http::Response{.status = 0};
    }
    int send(const std::string& target, Bytes body) {
        wire::http::Request request{.method = "PUT", .target = target, .body = std::move(body)};
        request.headers.set("host", mill->endpoints().front().text());
        wire::sign(request, {"test", "test", ""}, "us-east-1", "s3", world.machine().clock.wall());
        const auto answer = world.await(wire::http::exchange(
            world.outside().network, mill->endpoints().front(), std::move(request)));
        return answer ? answer->status : 0;
    }
    void put_object(const Bytes& bytes) {
        ASSERT_EQ(send("/bucket", {}), 200);
        ASSERT_EQ(send("/bucket/key", bytes), 200);
    }
    std::string the_object() {
        const auto names = files().list("/data/s3");
        MILL_ASSERT(names && names->size() == 1);
        return names->front().name;
    }
    void expect_in(const std::string& directory, const std::string& text) {
        auto engine = open_engine(world.machine(), directory, true);
        ASSERT_TRUE(engine) << engine.error().message;
        EXPECT_EQ(engine->table->get("a/b").value(), text);
        auto batches = world.await((**engine->logs->open_log("shard")).read(0, {}));
        ASSERT_TRUE(batches);
        storage::RecordCursor cursor(*batches->back().payload);
        EXPECT_EQ(cursor.next()->data, text);
        world.kill_software();
    }
    void damage(const std::string& path, const std::string& at) {
        const auto bytes = machine::read_file(files(), path);
        auto file = files().open(path, machine::Open::write);
        ASSERT_TRUE((*file)->write_at(bytes->find(at), "T"));
    }
    machine::Files& files() { return world.machine().files; }
    sim::SimMachine world{5};
    std::unique_ptr<Mill> mill;
};

TEST_F(Backups, OfARunningServerByItsEndpoint) {
    start_server();
    put_object("object");
    const std::string blob = the_object();
    ASSERT_TRUE(machine::write_file_durably(files(), "/data/lambda/scratch/junk", "junk"));
    const auto answer = post("?from=%2Fdata&to=%2Fcopy");
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(back_up_closed(world.machine(), "/data", "/copy2").error().code, "io.locked");
    EXPECT_EQ(check_data(world.machine(), "/data").error().code, "io.locked");
    world.kill_software();
    mill.reset();
    world.power_loss();

    const auto checked = check_data(world.machine(), "/copy");
    ASSERT_TRUE(checked) << checked.error().message;
    EXPECT_TRUE(checked->findings.empty());
    EXPECT_EQ(checked->records, 1u);
    EXPECT_FALSE(files().exists("/copy/lambda/scratch"));
    ASSERT_TRUE(restore(world.machine(), "/copy", "/restored"));
    world.power_loss();
    EXPECT_EQ(machine::read_file(files(), "/restored/s3/" + blob), "object");
    EXPECT_FALSE(files().exists("/restored/backup.json"));
    expect_in("/restored", "one");
}

TEST_F(Backups, AreMadeForTheHolderOfTheRootKeyOnly) {
    start_server();
    EXPECT_EQ(post("?to=%2Fcopy", {}).status, 403);
    EXPECT_EQ(post("?to=%2Fcopy", {"test", "test", ""}).status, 403);
    const auto guessed = post("?to=%2Fcopy", {root_key.access_key, "guessed", ""});
    EXPECT_EQ(guessed.status, 403);
    EXPECT_THAT(guessed.body, HasSubstr("root-key.json"));
    EXPECT_EQ(post("?to=%2Fcopy", root_key, "GET").status, 405);
    EXPECT_FALSE(files().exists("/copy"));
    world.kill_software();
}

TEST_F(Backups, WithoutARootKeyNobodyMayAsk) {
    auto engine = open_engine(world.machine(), "/data", true);
    Options options;
    options.directory = "/data";
    mill = std::make_unique<Mill>(world.machine(), *std::move(engine), options);
    ASSERT_TRUE(mill->start());
    EXPECT_EQ(post("?to=%2Fcopy", {}).status, 403);
    EXPECT_EQ(post("?to=%2Fcopy", {"AKIAROOT", "", ""}).status, 403);
    world.kill_software();
}

TEST_F(Backups, GoIntoNewDirectoriesOnly) {
    start_server();
    const auto refused = [&](const std::string& query) {
        const auto answer = post(query);
        EXPECT_EQ(answer.status, 409) << query;
        return answer.body;
    };
    EXPECT_THAT(refused("?from=%2Felse&to=%2Fcopy"), HasSubstr("'/data'"));
    EXPECT_THAT(refused("?to=copy"), HasSubstr("absolute"));
    EXPECT_THAT(refused("?to=%2Fdata%2Fcopy"), HasSubstr("lies in the data directory"));
    ASSERT_TRUE(files().make_directories("/taken"));
    ASSERT_TRUE(machine::write_file_durably(files(), "/taken/mine", "mine"));
    EXPECT_THAT(refused("?to=%2Ftaken"), HasSubstr("not empty"));
    EXPECT_THAT(*files().list("/taken"), ElementsAre(machine::DirectoryEntry{"mine"}));
    EXPECT_EQ(post("?to=%2Fcopy").status, 200);
    EXPECT_THAT(refused("?to=%2Fcopy"), HasSubstr("not empty"));
    // What a crash has cut off says so.
    ASSERT_TRUE(files().make_directories("/half"));
    ASSERT_TRUE(machine::write_file_durably(files(), "/half/backup.incomplete", ""));
    EXPECT_THAT(refused("?to=%2Fhalf"), HasSubstr("cut off"));
    EXPECT_EQ(restore(world.machine(), "/half", "/restored").error().code, "backup.missing");
    world.kill_software();
}

TEST_F(Backups, ThatFailLeaveNothingBehind) {
    start_server();
    world.fail_disk("rename", 0, "io.no_space");  // only the last step renames
    const auto answer = post("?to=%2Fcopy");
    EXPECT_EQ(answer.status, 409);
    world.heal_disk();
    EXPECT_FALSE(files().exists("/copy"));
    EXPECT_EQ(post("?to=%2Fcopy").status, 200);
    world.kill_software();
}

TEST_F(Backups, OfAClosedDirectory) {
    fill({"two"});
    const auto copied = back_up_closed(world.machine(), "/data", "/copy");
    ASSERT_TRUE(copied) << copied.error().message;
    world.power_loss();
    EXPECT_EQ(back_up_closed(world.machine(), "/nowhere", "/copy2").error().code, "data.missing");
    EXPECT_EQ(restore(world.machine(), "/data", "/other").error().code, "backup.missing");
    const auto onto = restore(world.machine(), "/copy", "/data");
    EXPECT_EQ(onto.error().code, "backup.not_empty");
    ASSERT_TRUE(files().make_directories("/restored"));
    std::uint64_t done = 0;
    ASSERT_TRUE(restore(world.machine(), "/copy", "/restored",
                        [&](std::uint64_t so_far, std::uint64_t total) {
                            EXPECT_GE(so_far, done);
                            EXPECT_LE(so_far, total);
                            done = so_far;
                        }));
    EXPECT_GT(done, 0u);
    world.power_loss();
    expect_in("/restored", "two");
}

TEST_F(Backups, ThatAreDamagedAreNotRestored) {
    fill({"three three three", "four"});
    ASSERT_TRUE(back_up_closed(world.machine(), "/data", "/copy"));
    damage("/copy" + segment, "three three");
    const auto restored = restore(world.machine(), "/copy", "/restored");
    ASSERT_FALSE(restored);
    EXPECT_EQ(restored.error().code, "storage.corrupt");
    EXPECT_THAT(restored.error().message, HasSubstr("/copy" + segment + " at byte "));
    EXPECT_FALSE(files().exists("/restored"));
    EXPECT_FALSE(files().exists("/restored.restoring"));
}

// Its removal was not durable yet when the power failed, or failed itself.
TEST_F(Backups, ThatStillHaveTheirClaimAreRestored) {
    fill({"five"});
    ASSERT_TRUE(back_up_closed(world.machine(), "/data", "/copy"));
    ASSERT_TRUE(files().open("/copy/backup.incomplete", machine::Open::create_new));
    ASSERT_TRUE(restore(world.machine(), "/copy", "/restored"));
    EXPECT_FALSE(files().exists("/restored/backup.incomplete"));
}

TEST_F(Backups, ARestoreThatIsCutOffIsNoDataDirectory) {
    fill({"five"});
    ASSERT_TRUE(back_up_closed(world.machine(), "/data", "/copy"));
    world.fail_disk("sync", 2, "io");
    EXPECT_FALSE(restore(world.machine(), "/copy", "/restored"));
    world.heal_disk();
    EXPECT_FALSE(files().exists("/restored"));
    // A crash in the middle.
    ASSERT_TRUE(files().make_directories("/restored.restoring"));
    EXPECT_THAT(restore(world.machine(), "/copy", "/restored").error().message,
                HasSubstr("/restored.restoring"));
    ASSERT_TRUE(files().remove_tree("/restored.restoring"));
    EXPECT_TRUE(restore(world.machine(), "/copy", "/restored"));
}

// The same sentence from a check and from the server: when it starts, and when it reads.
TEST_F(Backups, ACheckSaysWhatTheServerSays) {
    fill({"six six six", "seven"});
    damage("/data" + segment, "six six");
    const auto checked = check_data(world.machine(), "/data");
    ASSERT_TRUE(checked) << checked.error().message;
    ASSERT_EQ(checked->findings.size(), 1u);
    const std::string said = checked->findings[0].text;
    EXPECT_THAT(said, HasSubstr("/data" + segment + " at byte "));
    EXPECT_THAT(checked->findings[0].logs, ElementsAre("shard"));
    auto engine = open_engine(world.machine(), "/data", true);
    ASSERT_TRUE(engine) << engine.error().message;
    const auto read = world.await((**engine->logs->open_log("shard")).read(0, {}));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().message.substr(0, said.size()), said);
    world.kill_software();
}

TEST_F(Backups, ACheckSaysWhyTheServerDoesNotStart) {
    fill({"eight"});
    damage("/data" + segment, "eight");
    auto file = files().open("/data" + segment, machine::Open::write);
    ASSERT_TRUE((*file)->write_at(0, Bytes(64, '\xff')));  // its head
    const auto checked = check_data(world.machine(), "/data");
    ASSERT_TRUE(checked && checked->findings.size() == 1);
    const auto engine = open_engine(world.machine(), "/data", true);
    ASSERT_FALSE(engine);
    EXPECT_THAT(checked->findings[0].text, HasSubstr(engine.error().message));
    EXPECT_EQ(check_data(world.machine(), "/nowhere").error().code, "data.missing");
}

TEST_F(Backups, ATableThatIsGoneIsDamage) {
    fill({"text"});
    for (const bool is_missing : {false, true}) {
        if (is_missing) {
            ASSERT_TRUE(files().remove("/data/table.db"));
        } else {
            ASSERT_TRUE((*files().open("/data/table.db", machine::Open::write))->truncate(0));
        }
        const auto checked = check_data(world.machine(), "/data");
        ASSERT_TRUE(checked && checked->findings.size() == 1);
        const auto engine = open_engine(world.machine(), "/data", true);
        ASSERT_FALSE(engine);
        EXPECT_EQ(engine.error().code, "storage.corrupt");
        EXPECT_EQ(engine.error().message, checked->findings[0].text);
        EXPECT_THAT(engine.error().message, HasSubstr("/data/table.db at byte 0"));
    }
}

TEST_F(Backups, ACheckReadsObjects) {
    start_server();
    put_object("object");
    const std::string path = "/data/s3/" + the_object();
    world.kill_software();
    mill.reset();
    ASSERT_TRUE(check_data(world.machine(), "/data")->findings.empty());
    damage(path, "o");
    const auto checked = check_data(world.machine(), "/data");
    ASSERT_EQ(checked->findings.size(), 1u);
    EXPECT_THAT(checked->findings[0].text, HasSubstr(path + " at byte 0"));
}

TEST_F(Backups, ACheckReadsTheCodeOfFunctions) {
    fill({"nine"});
    const std::string path = "/data/lambda/blobs/" + hex(sha256("code"));
    ASSERT_TRUE(files().make_directories("/data/lambda/blobs"));
    ASSERT_TRUE(machine::write_file_durably(files(), path, "code"));
    ASSERT_TRUE(check_data(world.machine(), "/data")->findings.empty());
    damage(path, "c");
    const auto checked = check_data(world.machine(), "/data");
    ASSERT_EQ(checked->findings.size(), 1u);
    EXPECT_THAT(checked->findings[0].text, HasSubstr(path + " at byte 0"));
}

}  // namespace
}  // namespace mill::app
