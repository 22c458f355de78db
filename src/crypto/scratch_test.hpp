// Shared by tests of files with secrets: a directory that goes with the test.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "crypto/key_file.hpp"

namespace parmana::crypto {

class Scratch : public testing::Test {
  protected:
    Scratch() {
        std::string pattern = testing::TempDir() + "parmana-key-XXXXXX";
        const char* made = ::mkdtemp(pattern.data());
        EXPECT_NE(made, nullptr);
        directory_ = pattern;
        ::unsetenv("CREDENTIALS_DIRECTORY");
    }
    ~Scratch() override { std::filesystem::remove_all(directory_); }

    std::string path(const std::string& name = "key") const { return directory_ + "/" + name; }
    std::string content(const std::string& name = "key") const {
        std::ifstream file(path(name), std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(file), {});
    }
    void put(const std::string& text, const std::string& name = "key", mode_t mode = 0600) const {
        std::ofstream(path(name), std::ios::binary) << text;
        ASSERT_EQ(::chmod(path(name).c_str(), mode), 0);
    }

    std::string directory_;
};

}  // namespace parmana::crypto
