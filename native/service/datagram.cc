#include "service/datagram.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>

namespace flimd {
namespace {

struct SocketAddress {
  sockaddr_un address{};
  socklen_t length = 0;
};

// A path, or a name that begins with @: the abstract namespace of Linux, where a zero byte stands in its place and
// the name ends with the address, not with a zero byte (unix(7)).
std::optional<SocketAddress> socket_address(const std::string& name) {
  SocketAddress found;
  const size_t room = sizeof(found.address.sun_path);
  const bool abstract = !name.empty() && name[0] == '@';
  if (name.size() < 2 || name.size() + (abstract ? 0 : 1) > room) return std::nullopt;
  found.address.sun_family = AF_UNIX;
  std::memcpy(found.address.sun_path, name.data(), name.size());
  if (abstract) found.address.sun_path[0] = '\0';
  found.length = offsetof(sockaddr_un, sun_path) + name.size() + (abstract ? 0 : 1);
  return found;
}

// Never waits: this is called on the thread that serves clients, and the reader may have stopped reading.
int send_to(const SocketAddress& to, const std::string& text) {
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  const ssize_t sent = sendto(fd, text.data(), text.size(), MSG_NOSIGNAL,
                              reinterpret_cast<const sockaddr*>(&to.address), to.length);
  const int result = sent < 0 ? -errno : 0;
  close(fd);
  return result;
}

}  // namespace

Napi::Value send_datagram(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (info.Length() != 2 || !info[0].IsString() || !info[1].IsString()) {
    throw Napi::TypeError::New(env, "sendDatagram(socket, text)");
  }
  const auto address = socket_address(info[0].As<Napi::String>().Utf8Value());
  const int result = address ? send_to(*address, info[1].As<Napi::String>().Utf8Value()) : -EINVAL;
  return Napi::Number::New(env, result);
}

}  // namespace flimd
