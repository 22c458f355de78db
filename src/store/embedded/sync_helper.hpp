// One of two syncs that run side by side. Private to the module.
#pragma once

#include <semaphore>
#include <thread>

#include "store/embedded/segments.hpp"

namespace parmana::store::embedded {

/// Syncs one family on a thread of its own, while the caller syncs the other.
class SyncHelper {
  public:
    explicit SyncHelper(Appender& family)
        : thread_([this, &family] {
              while (true) {
                  begin_.acquire();
                  if (stopped_) return;
                  result_ = family.sync();
                  done_.release();
              }
          }) {}
    ~SyncHelper() {
        stopped_ = true;
        begin_.release();
        thread_.join();
    }
    SyncHelper(const SyncHelper&) = delete;
    SyncHelper& operator=(const SyncHelper&) = delete;

    void begin() { begin_.release(); }
    /// Of the sync that was begun.
    Status end() {
        done_.acquire();
        return std::move(result_);
    }

  private:
    std::binary_semaphore begin_{0}, done_{0};
    Status result_;
    bool stopped_ = false;
    std::thread thread_;
};

}  // namespace parmana::store::embedded
