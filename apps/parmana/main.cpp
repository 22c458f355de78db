#include "cli/cli.hpp"

int main(int argc, char** argv) {
    return parmana::cli::run(argc, argv);
}
