// Compiles the functions between the two macros for an instruction set the rest of the program does not assume.
#pragma once

#define FLIMD_PRAGMA(text) _Pragma(#text)
#if defined(__clang__)
#define FLIMD_TARGET_BEGIN(isa) \
  FLIMD_PRAGMA(clang attribute push(__attribute__((target(isa))), apply_to = function))
#define FLIMD_TARGET_END FLIMD_PRAGMA(clang attribute pop)
#else
#define FLIMD_TARGET_BEGIN(isa) FLIMD_PRAGMA(GCC push_options) FLIMD_PRAGMA(GCC target(isa))
#define FLIMD_TARGET_END FLIMD_PRAGMA(GCC pop_options)
#endif
