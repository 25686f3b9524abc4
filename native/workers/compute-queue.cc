#include "workers/compute-queue.h"

#include <algorithm>
#include <string>
#include <system_error>

namespace flimd {
namespace {

// Pixels a thread takes at a time: enough to forget the cost of taking them, few enough that threads end together.
constexpr std::size_t kChunksPerThread = 8;
constexpr std::size_t kLeastChunk = 64;
constexpr std::size_t kLargestChunk = 1024;

}  // namespace

ComputeQueue::ComputeQueue(Napi::Env env)
    : completion_(Completion::New(env, "flimd compute", 0 /* unlimited queue */, 1 /* users */, this)) {
  completion_.Unref(env);
  // Hooks run last first: the threads end before the completion function that they call goes away.
  env.AddCleanupHook([](ComputeQueue* queue) { queue->team_.stop(); }, this);
}

Napi::Promise ComputeQueue::start(Napi::Env env, std::shared_ptr<const LifetimeKernel> kernel, const LifetimeJob& job,
                                  const Napi::Object& arrays, std::size_t threads) {
  reserve(env, threads);
  const std::size_t chunk = std::clamp(job.pixels / (threads * kChunksPerThread), kLeastChunk, kLargestChunk);
  std::unique_ptr<Pending> owned(new Pending{std::move(kernel), job, Napi::Persistent(arrays),
                                             Napi::Promise::Deferred::New(env), chunk});
  Pending& pending = *owned;
  pending.running_slices = threads;
  if (pending_.empty()) completion_.Ref(env);  // a job under way keeps the process alive
  pending_.push_back(std::move(owned));
  team_.submit([this, &pending] { run_slice(pending); }, threads);
  return pending.deferred.Promise();
}

void ComputeQueue::reserve(Napi::Env env, std::size_t threads) {
  try {
    team_.reserve(threads);
  } catch (const std::system_error& error) {
    throw Napi::Error::New(env, std::string("cannot start a thread: ") + error.what());
  }
}

void ComputeQueue::run_slice(Pending& pending) {
  const std::size_t pixels = pending.job.pixels;
  for (std::size_t first; (first = pending.next_pixel.fetch_add(pending.chunk)) < pixels;) {
    pending.kernel->compute(pending.job, first, std::min(first + pending.chunk, pixels));
  }
  // After the last slice has said so, `pending` is the JavaScript thread's to destroy.
  if (pending.running_slices.fetch_sub(1) == 1) completion_.NonBlockingCall(&pending);
}

void ComputeQueue::settle(Napi::Env env, Napi::Function, ComputeQueue* queue, Pending* pending) {
  if (env == nullptr) return;  // the environment ends; its queue destroys what is pending
  pending->deferred.Resolve(env.Undefined());
  queue->pending_.remove_if([&](const auto& owned) { return owned.get() == pending; });
  if (queue->pending_.empty()) queue->completion_.Unref(env);
}

}  // namespace flimd
