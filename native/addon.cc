#include <napi.h>

Napi::Object Init(Napi::Env, Napi::Object exports) { return exports; }

NODE_API_MODULE(flimd, Init)
