#include "links/pty.h"

#ifndef _WIN32
#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#endif

namespace flimd {

#ifdef _WIN32
Napi::Value open_pty(const Napi::CallbackInfo& info) {
  throw Napi::Error::New(info.Env(), "this system has no pseudo-terminals");
}
#else
namespace {

// A file descriptor that is closed unless it is given away.
class Descriptor {
 public:
  Descriptor(Napi::Env env, int fd, const char* what) : fd_(fd) {
    if (fd < 0) fail(env, what);
  }
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  [[noreturn]] static void fail(Napi::Env env, const char* what) {
    throw Napi::Error::New(env, std::string(what) + ": " + std::generic_category().message(errno));
  }

  int get() const { return fd_; }
  int release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }

 private:
  int fd_;
};

// Bytes as they are: no echo, no line editing, no newline translation.
void make_raw(Napi::Env env, int fd) {
  termios settings{};
  if (tcgetattr(fd, &settings) != 0) Descriptor::fail(env, "tcgetattr");
  cfmakeraw(&settings);
  if (tcsetattr(fd, TCSANOW, &settings) != 0) Descriptor::fail(env, "tcsetattr");
}

}  // namespace

// The slave is held open too: with no one at the other end every read of a master fails with EIO.
Napi::Value open_pty(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Descriptor master(env, posix_openpt(O_RDWR | O_NOCTTY), "posix_openpt");
  if (fcntl(master.get(), F_SETFD, FD_CLOEXEC) != 0) Descriptor::fail(env, "fcntl");
  if (grantpt(master.get()) != 0) Descriptor::fail(env, "grantpt");
  if (unlockpt(master.get()) != 0) Descriptor::fail(env, "unlockpt");
  // ptsname is not thread-safe, but only the main thread of a virtual camera opens pseudo-terminals.
  const char* name = ptsname(master.get());
  if (name == nullptr) Descriptor::fail(env, "ptsname");
  const Napi::String path = Napi::String::New(env, name);
  Descriptor slave(env, open(name, O_RDWR | O_NOCTTY | O_CLOEXEC), name);
  make_raw(env, slave.get());
  Napi::Object result = Napi::Object::New(env);
  result.Set("path", path);
  result.Set("slave", slave.release());
  result.Set("master", master.release());
  return result;
}
#endif

}  // namespace flimd
