#include "links/device-file.h"

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>

#include "links/mapped-word.h"
#include "workers/typed-arrays.h"

namespace flimd {
namespace {

constexpr std::int64_t kMaxBuffers = 64;
constexpr std::int64_t kMaxBufferBytes = std::int64_t{1} << 30;
constexpr std::int64_t kMaxPosition = std::int64_t{1} << 40;
// A thread that does not come back from the kernel for so long, though signalled, is left behind.
constexpr auto kPatience = std::chrono::seconds(1);
constexpr auto kPause = std::chrono::milliseconds(1);

using WeakThread = std::weak_ptr<DeviceThread>;

// The environment ends: nobody will close the file any more.
void end_thread(void* argument) {
  const std::unique_ptr<WeakThread> held(static_cast<WeakThread*>(argument));
  const std::shared_ptr<DeviceThread> thread = held->lock();
  if (!thread) return;
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!thread->ended() && std::chrono::steady_clock::now() < deadline) {
    thread->interrupt();
    std::this_thread::sleep_for(kPause);
  }
  thread->abandon();
}

// The thread has made its last call; until it has come back from it, the function it called must stay.
void wait_for_end(const WeakThread& held) {
  const std::shared_ptr<DeviceThread> thread = held.lock();
  while (thread && !thread->ended()) std::this_thread::yield();
}

}  // namespace

Napi::Function DeviceFile::define(Napi::Env env) {
  return DefineClass(env, "DeviceFile",
                     {InstanceAccessor<&DeviceFile::buffers>("buffers"), InstanceMethod("submit", &DeviceFile::submit),
                      InstanceMethod("interrupt", &DeviceFile::interrupt), InstanceMethod("load", &DeviceFile::load),
                      InstanceMethod("store", &DeviceFile::store)});
}

DeviceFile::DeviceFile(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  const Napi::Env env = info.Env();
  const std::string path = info[0].ToString();
  const auto flags = static_cast<int>(whole_number(info[1], "flags", 0, std::numeric_limits<int>::max()));
  const auto buffers = static_cast<std::size_t>(whole_number(info[2], "buffers", 1, kMaxBuffers));
  const auto bytes = static_cast<std::size_t>(whole_number(info[3], "bufferBytes", 4, kMaxBufferBytes));
  survive_bus_errors();
  thread_ = std::make_shared<DeviceThread>(path, flags, buffers, bytes);
  auto tell = Napi::ThreadSafeFunction::New(env, info[4].As<Napi::Function>(), "flimd device", 0, 1);
  // Hooks run last first: the thread ends before the function that it calls goes away.
  auto* held = new WeakThread(thread_);
  napi_add_env_cleanup_hook(env, end_thread, held);
  DeviceThread::start(
      thread_,
      [tell](std::uint32_t id, std::int64_t result) {
        tell.BlockingCall([id, result](Napi::Env env, Napi::Function done) {
          done.Call({Napi::Number::New(env, id), Napi::Number::New(env, static_cast<double>(result))});
        });
      },
      [tell, held] {
        tell.BlockingCall([tell, held](Napi::Env env, Napi::Function done) mutable {
          wait_for_end(*held);
          napi_remove_env_cleanup_hook(env, end_thread, held);
          delete held;
          done.Call({env.Undefined()});
          tell.Release();
        });
      });
}

// Each shares in the ownership of the memory.
Napi::Value DeviceFile::buffers(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Array all = Napi::Array::New(env);
  for (std::size_t i = 0; i < thread_->buffers(); i++) {
    auto memory = Napi::ArrayBuffer::New(
        env, thread_->buffer(i), thread_->buffer_bytes(),
        [](Napi::Env, void*, std::shared_ptr<DeviceThread>* owner) { delete owner; },
        new std::shared_ptr<DeviceThread>(thread_));
    all.Set(static_cast<std::uint32_t>(i), Napi::Uint8Array::New(env, thread_->buffer_bytes(), memory, 0));
  }
  return all;
}

void DeviceFile::submit(const Napi::CallbackInfo& info) {
  DeviceRequest request;
  request.id = info[0].ToNumber().Uint32Value();
  request.call = static_cast<DeviceCall>(whole_number(info[1], "call", 0, static_cast<int>(DeviceCall::kMap)));
  request.buffer = static_cast<std::size_t>(
      whole_number(info[2], "buffer", 0, static_cast<std::int64_t>(thread_->buffers()) - 1));
  request.bytes = static_cast<std::size_t>(
      whole_number(info[3], "bytes", 0, static_cast<std::int64_t>(thread_->buffer_bytes())));
  request.position = whole_number(info[4], "position", -1, kMaxPosition);
  thread_->submit(request);
}

void DeviceFile::interrupt(const Napi::CallbackInfo&) { thread_->interrupt(); }

Napi::Value DeviceFile::load(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), load_word(register_at(info)));
}

void DeviceFile::store(const Napi::CallbackInfo& info) {
  store_word(register_at(info), info[1].ToNumber().Uint32Value());
}

volatile std::uint32_t* DeviceFile::register_at(const Napi::CallbackInfo& info) const {
  // This JavaScript thread alone asks for the end, so it cannot come between here and the access.
  if (thread_->closing()) throw Napi::Error::New(info.Env(), "the device file is closed");
  const auto last = static_cast<std::int64_t>(thread_->mapped_bytes()) - 4;
  const std::int64_t address = whole_number(info[0], "address", 0, last);
  if (address % 4 != 0) throw Napi::RangeError::New(info.Env(), "address is no multiple of 4");
  return thread_->registers() + address / 4;
}

}  // namespace flimd
