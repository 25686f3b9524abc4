#include "links/mapped-word.h"

#include <setjmp.h>
#include <signal.h>

namespace flimd {
namespace {

constexpr std::uint32_t kNobody = 0xffff'ffff;

// Where the access under way in this thread goes on after a bus error. Volatile: the compiler sees nobody read it.
// Initial-exec: a signal handler may not allocate the thread's copy.
[[gnu::tls_model("initial-exec")]] thread_local sigjmp_buf* volatile way_out = nullptr;

struct sigaction previous;

void on_bus_error(int signal, siginfo_t* info, void* context) {
  // Above 0: from the kernel, and not by kill(2).
  if (way_out != nullptr && info->si_code > 0) siglongjmp(*way_out, 1);
  if ((previous.sa_flags & SA_SIGINFO) != 0) return previous.sa_sigaction(signal, info, context);
  if (previous.sa_handler == SIG_IGN) return;
  if (previous.sa_handler != SIG_DFL) return previous.sa_handler(signal);
  sigaction(signal, &previous, nullptr);
  raise(signal);
}

}  // namespace

void survive_bus_errors() {
  static const bool installed = [] {
    struct sigaction action {};
    action.sa_sigaction = on_bus_error;
    // SA_NODEFER: the handler is left by a jump that does not restore the signal mask.
    action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    return sigaction(SIGBUS, &action, &previous) == 0;
  }();
  static_cast<void>(installed);
}

std::uint32_t load_word(const volatile std::uint32_t* word) {
  sigjmp_buf here;
  std::uint32_t value = kNobody;
  if (sigsetjmp(here, 0) == 0) {
    way_out = &here;
    value = *word;
  }
  way_out = nullptr;
  return value;
}

void store_word(volatile std::uint32_t* word, std::uint32_t value) {
  sigjmp_buf here;
  if (sigsetjmp(here, 0) == 0) {
    way_out = &here;
    *word = value;
  }
  way_out = nullptr;
}

}  // namespace flimd
