// PARMANA_SANITIZED: whether the build has a sanitizer with memory of its own.
#pragma once

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PARMANA_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PARMANA_SANITIZED 1
#endif
#endif
