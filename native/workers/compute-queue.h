// Lifetime jobs off the JavaScript thread: one queue per Node environment (main thread or worker).
#pragma once

#include <napi.h>

#include <atomic>
#include <cstddef>
#include <list>
#include <memory>

#include "kernels/lifetime-kernel.h"
#include "workers/thread-team.h"

namespace flimd {

class ComputeQueue {
 public:
  explicit ComputeQueue(Napi::Env env);

  // Splits the job over `threads` threads; the promise resolves when the last is done. `arrays` keeps the memory
  // that the job points to.
  Napi::Promise start(Napi::Env env, std::shared_ptr<const LifetimeKernel> kernel, const LifetimeJob& job,
                      const Napi::Object& arrays, std::size_t threads);

 private:
  struct Pending {
    std::shared_ptr<const LifetimeKernel> kernel;
    LifetimeJob job;
    Napi::ObjectReference arrays;
    Napi::Promise::Deferred deferred;
    std::size_t chunk;
    std::atomic<std::size_t> next_pixel{0};
    std::atomic<std::size_t> running_slices{0};
  };

  static void settle(Napi::Env env, Napi::Function, ComputeQueue* queue, Pending* pending);
  using Completion = Napi::TypedThreadSafeFunction<ComputeQueue, Pending, settle>;

  void reserve(Napi::Env env, std::size_t threads);
  void run_slice(Pending& pending);

  // Every job under way; touched by the JavaScript thread alone.
  std::list<std::unique_ptr<Pending>> pending_;
  Completion completion_;
  ThreadTeam team_;
};

}  // namespace flimd
