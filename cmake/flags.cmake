# Warnings and hardening. The release flags follow the OpenSSF compiler guide as far as g++ 12 takes them.
add_compile_options(-Wall -Wextra -Wconversion -Wformat=2 -Wimplicit-fallthrough -Werror
                    -Werror=switch -ffile-prefix-map=${PROJECT_SOURCE_DIR}=. -fno-strict-aliasing)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports the empty alternative of std::expected<std::string, …> as uninitialised; it never is read.
  add_compile_options(-Wtrampolines -Wbidi-chars=any -Wno-maybe-uninitialized)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-O2 -g1 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -D_GLIBCXX_ASSERTIONS
                      -ftrivial-auto-var-init=zero -fstack-clash-protection -fstack-protector-strong
                      -fcf-protection=full)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fzero-call-used-regs=used-gpr)
  endif()
  add_link_options(-Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,-z,nodlopen -Wl,--build-id=sha1)
endif()
