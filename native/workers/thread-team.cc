#include "workers/thread-team.h"

namespace flimd {

void ThreadTeam::reserve(std::size_t threads) {
  while (threads_.size() < threads) threads_.emplace_back([this] { serve(); });
}

void ThreadTeam::submit(const std::function<void()>& task, std::size_t copies) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.insert(waiting_.end(), copies, task);
  }
  changed_.notify_all();
}

void ThreadTeam::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    waiting_.clear();
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void ThreadTeam::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    const std::function<void()> task = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    task();
    lock.lock();
  }
}

}  // namespace flimd
