// IntegerNetwork and GatePlan of src/lifetime as the kernels want them.
#pragma once

#include <napi.h>

#include "kernels/lifetime-kernel.h"

namespace flimd {

Network read_network(const Napi::Object& object);
GatePlan read_gate_plan(const Napi::Object& object, int gates);

}  // namespace flimd
