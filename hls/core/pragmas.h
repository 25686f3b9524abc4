// Directives of the HLS tools, which no compiler of the host sees. Vitis HLS wants them inside the body of a loop, Bambu
// (the pragmas of its Clang) before the loop; so an unrolled loop has FLIMD_UNROLLED before it and FLIMD_UNROLL inside.
// Bambu pipelines no loops and refuses PIPELINE there.
#pragma once

#define FLIMD_DIRECTIVE(text) _Pragma(#text)

#if defined(__BAMBU__)
#define FLIMD_UNROLLED _Pragma("unroll")
#define FLIMD_ROLLED _Pragma("nounroll")
#else
#define FLIMD_UNROLLED
#define FLIMD_ROLLED
#endif

#if (defined(__SYNTHESIS__) || defined(__VITIS_HLS__)) && !defined(__BAMBU__)
// A loop by its name in the tool's report, and the initiation interval it is meant to reach.
#define FLIMD_LOOP(name) name:
// A directive that only Vitis HLS has.
#define FLIMD_DIRECTIVE_VITIS(text) FLIMD_DIRECTIVE(text)
#define FLIMD_PIPELINE(interval) FLIMD_DIRECTIVE(HLS PIPELINE II = interval)
#define FLIMD_UNROLL FLIMD_DIRECTIVE(HLS UNROLL)
#define FLIMD_INLINE FLIMD_DIRECTIVE(HLS INLINE)
#define FLIMD_NOT_INLINE FLIMD_DIRECTIVE(HLS INLINE off)
#define FLIMD_DATAFLOW FLIMD_DIRECTIVE(HLS DATAFLOW)
#define FLIMD_PARTITION(array, dimension) FLIMD_DIRECTIVE(HLS ARRAY_PARTITION variable = array complete dim = dimension)
#define FLIMD_PARTITION_CYCLIC(array, dimension, parts) \
  FLIMD_DIRECTIVE(HLS ARRAY_PARTITION variable = array cyclic factor = parts dim = dimension)
// What an iteration reads of the array was written at least so many iterations before.
#define FLIMD_DISTANCE(array, iterations) \
  FLIMD_DIRECTIVE(HLS DEPENDENCE variable = array inter RAW distance = iterations true)
#define FLIMD_TRIPS(least, most) FLIMD_DIRECTIVE(HLS LOOP_TRIPCOUNT min = least max = most)
#else
#define FLIMD_LOOP(name)
#define FLIMD_DIRECTIVE_VITIS(text)
#define FLIMD_PIPELINE(interval)
#define FLIMD_UNROLL
#define FLIMD_INLINE
#define FLIMD_NOT_INLINE
#define FLIMD_DATAFLOW
#define FLIMD_PARTITION(array, dimension)
#define FLIMD_PARTITION_CYCLIC(array, dimension, parts)
#define FLIMD_DISTANCE(array, iterations)
#define FLIMD_TRIPS(least, most)
#endif
