// The C++ header of the integer network's constants (docs/fixed-point.md).

const constant = (name) => `k${name[0].toUpperCase()}${name.slice(1)}`;

export function cppFixedPointHeader(fixedPoint) {
  const lines = Object.entries(fixedPoint).map(
    ([name, value]) => `constexpr std::int32_t ${constant(name)} = ${value};`,
  );
  return `// Generated from src/protocol/fixed-point.ts by \`npm run generate\`, where the meanings stand. Do not edit.
#pragma once

#include <cstdint>

// C++14: the HLS core shares it.
namespace flimd {
namespace fixed_point {

${lines.join('\n')}

}  // namespace fixed_point
}  // namespace flimd
`;
}
