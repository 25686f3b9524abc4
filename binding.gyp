{
  "target_defaults": {
    "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")", "native"],
    "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_CPP_EXCEPTIONS"],
    "cflags!": ["-fno-exceptions"],
    "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
    "cflags_cc": ["-std=c++20", "-O3", "-Wall", "-Wextra", "-ffp-contract=off"],
    "xcode_settings": {
      "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
      "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
      "OTHER_CPLUSPLUSFLAGS": ["-O3", "-ffp-contract=off"],
      "MACOSX_DEPLOYMENT_TARGET": "11.0"
    },
    "msvs_settings": { "VCCLCompilerTool": { "ExceptionHandling": 1, "AdditionalOptions": ["/std:c++20"] } }
  },
  "targets": [
    {
      "target_name": "flimd",
      "sources": [
        "native/addon.cc",
        "native/kernels/avx2-kernel.cc",
        "native/kernels/avx512vnni-kernel.cc",
        "native/kernels/crc32c.cc",
        "native/kernels/kernel-dispatch.cc",
        "native/kernels/packed-network.cc",
        "native/kernels/pixel-rules.cc",
        "native/kernels/scalar-kernel.cc",
        "native/links/pty.cc",
        "native/workers/checksum.cc",
        "native/workers/compute-queue.cc",
        "native/workers/kernel-object.cc",
        "native/workers/network-reader.cc",
        "native/workers/thread-team.cc"
      ],
      "conditions": [
        ["OS=='linux'", {
          "defines": ["FLIMD_LINUX"],
          # Stays in memory when the thread that loaded it ends: device threads and signal handlers may be in it.
          "ldflags": ["-Wl,-z,nodelete"],
          "sources": [
            "native/links/device-file.cc",
            "native/links/device-thread.cc",
            "native/links/mapped-word.cc",
            "native/service/datagram.cc"
          ]
        }]
      ]
    },
    {
      # The HLS core as the virtual device runs it.
      "target_name": "flimd_core",
      # Out of memory is an exception too.
      "defines": ["NODE_ADDON_API_CPP_EXCEPTIONS_ALL"],
      "sources": ["native/hls-core/addon.cc", "hls/sim/host_core.cpp"]
    },
    {
      "target_name": "flimd_training",
      # Out of memory and out of threads are exceptions too.
      "defines": ["NODE_ADDON_API_CPP_EXCEPTIONS_ALL"],
      "sources": [
        "native/training/addon.cc",
        "native/training/gru-dispatch.cc",
        "native/training/gru-layer.cc",
        "native/training/gru-tile-baseline.cc",
        "native/training/gru-tile-avx2.cc",
        "native/training/gru-tile-avx512.cc"
      ],
      "cflags_cc!": ["-ffp-contract=off"],
      "cflags_cc": ["-ffp-contract=fast", "-Wno-psabi"],
      # Vector extensions of GCC and Clang; where the compiler is another there is no training, but all the rest.
      "conditions": [["OS=='win'", { "type": "none", "sources/": [["exclude", ".*"]] }]]
    }
  ]
}
