// The JavaScript function sendDatagram(socket, text): 0, or −errno. Node.js itself has no datagrams between processes
// of one machine, which is how systemd is told of readiness and life (sd_notify(3)).
#pragma once

#include <napi.h>

namespace flimd {

Napi::Value send_datagram(const Napi::CallbackInfo& info);

}  // namespace flimd
