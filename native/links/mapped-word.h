// Loads and stores on mapped registers that outlive the device behind them.
#pragma once

#include <cstdint>

namespace flimd {

// To be called once before the others: takes SIGBUS from whoever had it, and passes on what is not from here.
void survive_bus_errors();

// A device that is gone gives all ones on most machines, and a bus error (SIGBUS) on others; so does a mapped file that
// has been cut short. Here both are all ones.
std::uint32_t load_word(const volatile std::uint32_t* word);

// One that nobody takes is lost, as every posted write is.
void store_word(volatile std::uint32_t* word, std::uint32_t value);

}  // namespace flimd
