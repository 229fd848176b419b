// SPDX-License-Identifier: Apache-2.0
// S3 over a table on disk: commits take time, so that others get a turn meanwhile.
#pragma once

#include "engines/sqlite/sqlite_table.h"
#include "services/s3/s3_fixture.h"

namespace mill::s3 {

class DurableS3Test : public S3Test {
  protected:
    DurableS3Test() { open(); }
    ~DurableS3Test() override { going_.clear(); }
    void open() {
        going_.clear();
        s3.reset();
        engine.table.reset();
        auto table = sqlite::open_table(world.machine(), "table.sqlite");
        ASSERT_TRUE(table) << table.error().message;
        engine.table = *std::move(table);
        s3 = *S3::open(world.machine(), engine, "data/s3");
    }
    void lose_power() {
        world.power_loss();
        open();
    }
    // As far as it comes by itself; it goes on while others are waited for.
    template <class T>
    void begin(Task<T> task, std::optional<T>& result) {
        going_.spawn(run(std::move(task), result));
    }

  private:
    template <class T>
    static Task<void> run(Task<T> task, std::optional<T>& result) {
        result = co_await std::move(task);
    }
    Scope going_;
};

}  // namespace mill::s3
