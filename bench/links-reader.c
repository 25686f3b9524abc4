// The least that reads a streaming XDMA node: one buffer of 1 MiB, over and over. Says "ready" when the node is open,
// waits for the first packet, measures for the time given, and prints bytes a second.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { kBufferBytes = 1 << 20 };
static const double kWarmUpSeconds = 0.5;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  const double seconds = atof(arguments[2]);
  const int node = open(arguments[1], O_RDONLY | O_TRUNC);
  if (node < 0) return perror("open"), 1;
  char *const buffer = aligned_alloc(4096, kBufferBytes);
  printf("ready\n");
  fflush(stdout);
  double from = 0;
  long long bytes = 0;
  for (;;) {
    const ssize_t got = read(node, buffer, kBufferBytes);
    if (got < 0 && errno == ETIMEDOUT) continue;
    if (got < 0) return perror("read"), 1;
    const double at = now();
    if (from == 0) from = at + kWarmUpSeconds;
    if (at < from) continue;
    bytes += got;
    if (at - from >= seconds) {
      printf("{\"bytesPerSecond\":%.0f}\n", bytes / (at - from));
      return 0;
    }
  }
}
