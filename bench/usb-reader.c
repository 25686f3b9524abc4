// The least that reads a camera's packets over USB: on usbfs, 4 transfers of 1 MiB in flight as flimd has them, each
// submitted again as soon as it is back. Of the packets it looks at the headers alone (docs/protocol.md).
// usb-reader /dev/bus/usb/BUS/DEVICE SECONDS. Says "ready" when the data channel is open, measures for the time given
// after a warm-up, reads on to the end of the series, and prints one JSON object.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { kTransfers = 4, kTransferBytes = 1024 * 1024 };
enum { kDataInterface = 0, kStreaming = 1, kPacketsEndpoint = 0x81 };
enum { kHeaderBytes = 48, kHistograms = 2, kEndOfSeries = 5, kCheckedFrames = 8 };
static const uint32_t kMagic = 0x4d494c46;
static const double kWarmUpSeconds = 0.5;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

// Where the walk over the packets is, and what it has seen.
struct Walk {
  uint8_t header[kHeaderBytes];
  size_t header_filled;
  size_t payload_left;
  uint32_t packets, lost, checksum;
  int ended, broken;
};

static uint32_t word(const uint8_t *bytes) {
  uint32_t value;
  memcpy(&value, bytes, sizeof value);
  return value;
}

static void see_header(struct Walk *walk) {
  const uint8_t *const h = walk->header;
  const uint32_t frame = word(h + 12), sequence = word(h + 16);
  if (word(h) != kMagic) walk->broken = 1;
  walk->lost += sequence - (walk->packets + walk->lost);
  walk->packets++;
  walk->payload_left = word(h + 24);
  if (h[5] == kHistograms && frame < kCheckedFrames) walk->checksum += word(h + 40);
  if (h[5] == kEndOfSeries) walk->ended = 1;
}

static void walk_over(struct Walk *walk, const uint8_t *bytes, size_t count) {
  while (count > 0 && !walk->broken) {
    const size_t wanted = walk->payload_left ? walk->payload_left : kHeaderBytes - walk->header_filled;
    const size_t run = wanted < count ? wanted : count;
    if (walk->payload_left) {
      walk->payload_left -= run;
    } else {
      memcpy(walk->header + walk->header_filled, bytes, run);
      walk->header_filled += run;
      if (walk->header_filled == kHeaderBytes) {
        walk->header_filled = 0;
        see_header(walk);
      }
    }
    bytes += run;
    count -= run;
  }
}

static void check(int result, const char *what) {
  if (result >= 0) return;
  perror(what);
  exit(1);
}

static void open_channel(int device) {
  unsigned number = kDataInterface;
  struct usbdevfs_setinterface streaming = {kDataInterface, kStreaming};
  check(ioctl(device, USBDEVFS_CLAIMINTERFACE, &number), "claim");
  check(ioctl(device, USBDEVFS_SETINTERFACE, &streaming), "open the data channel");
}

static void submit(int device, struct usbdevfs_urb *urb) {
  void *const buffer = urb->buffer;
  memset(urb, 0, sizeof *urb);
  urb->type = USBDEVFS_URB_TYPE_BULK;
  urb->endpoint = kPacketsEndpoint;
  urb->buffer = buffer;
  urb->buffer_length = kTransferBytes;
  check(ioctl(device, USBDEVFS_SUBMITURB, urb), "submit");
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  const double seconds = atof(arguments[2]);
  const int device = open(arguments[1], O_RDWR);
  check(device, arguments[1]);
  open_channel(device);
  static struct usbdevfs_urb urbs[kTransfers];
  for (int i = 0; i < kTransfers; i++) {
    urbs[i].buffer = aligned_alloc(4096, kTransferBytes);
    submit(device, &urbs[i]);
  }
  printf("ready\n");
  fflush(stdout);
  struct Walk walk = {0};
  double from = 0, to = 0;
  long long bytes = 0;
  while (!walk.ended && !walk.broken) {
    struct usbdevfs_urb *urb;
    check(ioctl(device, USBDEVFS_REAPURB, &urb), "reap");
    if (urb->status != 0) return fprintf(stderr, "transfer: %s\n", strerror(-urb->status)), 1;
    const double at = now();
    walk_over(&walk, urb->buffer, urb->actual_length);
    if (from == 0) from = at + kWarmUpSeconds;
    if (at >= from && at < from + seconds) bytes += urb->actual_length, to = at;
    submit(device, urb);
  }
  printf("{\"bytesPerSecond\":%.0f,\"packetsReceived\":%u,\"packetsLost\":%u,\"checksum\":%u,\"whole\":%s}\n",
         to > from ? bytes / (to - from) : 0.0, walk.packets, walk.lost, walk.checksum, walk.broken ? "false" : "true");
  return 0;
}
