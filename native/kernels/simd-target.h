// Compiles the functions between the two macros for an instruction set that the rest of the program does not assume.
// What stands between them must have internal linkage: the linker may keep either copy of an inline function.
#pragma once

// Whether there are kernels for the SIMD of x86. Define it as 0 to build the portable code alone.
#ifndef FLIMD_X86_SIMD
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define FLIMD_X86_SIMD 1
#else
#define FLIMD_X86_SIMD 0
#endif
#endif

#define FLIMD_PRAGMA(text) _Pragma(#text)
#if defined(__clang__)
#define FLIMD_TARGET_BEGIN(isa) \
  FLIMD_PRAGMA(clang attribute push(__attribute__((target(isa))), apply_to = function))
#define FLIMD_TARGET_END FLIMD_PRAGMA(clang attribute pop)
#else
#define FLIMD_TARGET_BEGIN(isa) FLIMD_PRAGMA(GCC push_options) FLIMD_PRAGMA(GCC target(isa))
#define FLIMD_TARGET_END FLIMD_PRAGMA(GCC pop_options)
#endif
