// Threads that compute. Not libuv's pool: its four threads serve files and names, and either would wait for the other.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace flimd {

class ThreadTeam {
 public:
  ThreadTeam() = default;
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;
  ~ThreadTeam() { stop(); }

  // Makes the team at least this large.
  void reserve(std::size_t threads);
  // Runs the task `copies` times, in order of submission, each on any one thread.
  void submit(const std::function<void()>& task, std::size_t copies);
  // Waits for running tasks and forgets waiting ones.
  void stop();

 private:
  void serve();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace flimd
