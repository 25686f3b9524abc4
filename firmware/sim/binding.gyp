# The verilated device as a Node addon; scripts/build-rtl.mjs writes the sources in build/rtl/model and calls this.
{
  "variables": { "verilator": "<!(verilator --getenv VERILATOR_ROOT)/include" },
  "targets": [
    {
      "target_name": "flimd_rtl",
      "sources": [
        "addon.cc",
        "../../hls/sim/core_model.cpp",
        "../../hls/sim/host_core.cpp",
        "../../build/rtl/model/model.cc",
        "../../build/rtl/model/runtime.cc",
        "../../build/rtl/model/runtime_threads.cc"
      ],
      "include_dirs": [
        "<!(node -p \"require('node-addon-api').include_dir\")",
        "../../build/rtl/model",
        "../../hls/sim",
        "<(verilator)",
        "<(verilator)/vltstd"
      ],
      "defines!": ["__STDC_FORMAT_MACROS"],
      # The model throws exceptions of the standard library; uncaught they would end the daemon.
      "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_CPP_EXCEPTIONS_ALL"],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": ["-std=c++20", "-O3"],
      "libraries": ["-pthread"],
      "xcode_settings": {
        "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
        "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
        "MACOSX_DEPLOYMENT_TARGET": "11.0"
      }
    }
  ]
}
