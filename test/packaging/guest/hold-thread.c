// Holds one thread of a program, and no other, until it or the program ends: hold-thread TID
// SIGSTOP would stop the whole program; a tracer can stop a single thread.
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

int main(int argc, char** argv) {
  const pid_t thread = argc == 2 ? (pid_t)atoi(argv[1]) : 0;
  int status = 0;
  if (ptrace(PTRACE_SEIZE, thread, 0, 0) != 0 || ptrace(PTRACE_INTERRUPT, thread, 0, 0) != 0) {
    perror("ptrace");
    return 1;
  }
  if (waitpid(thread, &status, __WALL) != thread || !WIFSTOPPED(status)) return 1;
  puts("held");
  fflush(stdout);
  return waitpid(thread, &status, __WALL) == thread ? 0 : 1;
}
