// The control socket: DIR/control.sock, 0600, one line in and one line out, for the same user (or root) only.
#pragma once

#include <mutex>
#include <string>
#include <thread>

#include "runtime/runtime.hpp"

namespace parmana::server {

class ControlSocket {
  public:
    /// Listens until destruction. Commands: `checkpoint` (publishes one over everything committed; answers
    /// the note), `change` and a ChangeRequest (governance.hpp; answers what happened). An answer is `ok` and
    /// base64, or `error`, a code and why.
    static Result<std::unique_ptr<ControlSocket>> open(runtime::Runtime& runtime);
    ~ControlSocket();

  private:
    struct Key {};  // only open() makes one

  public:
    ControlSocket(Key, runtime::Runtime& runtime, std::string path, int listener);

  private:
    void run();
    void serve_one(int peer);
    bool is_stopping();
    /// Remembers whom to cut off at a stop (-1: nobody); false when stopping.
    bool begin(int peer);

    runtime::Runtime& runtime_;
    std::string path_;
    int listener_;
    std::mutex mutex_;
    int peer_ = -1;          // guarded by mutex_
    bool stopping_ = false;  // guarded by mutex_
    std::thread thread_;
};

}  // namespace parmana::server
