// Private to the module: libsodium must be started before most of it is used. Idempotent; any thread.
#pragma once

namespace parmana::crypto {

void start_sodium();

}  // namespace parmana::crypto
