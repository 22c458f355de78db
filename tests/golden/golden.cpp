// Prints the golden records as this build makes them; they must be those of records.jsonl, byte for byte:
//
//   golden_records | cmp - tests/golden/records.jsonl
#include <cstdio>

#include "attest/golden_test.hpp"

int main() {
    const std::string text = parmana::attest::golden::text();
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}
