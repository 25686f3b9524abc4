// AXI-Stream around a core, for Vitis HLS: histograms in, lifetimes out, TLAST at the end of a call.
#pragma once

#include <ap_axi_sdata.h>
#include <hls_stream.h>

#include "../core/core.h"

namespace flimd {
namespace hls_core {

using Beat = ap_axiu<64, 0, 0, 0>;
using BeatStream = hls::stream<Beat>;

template <class Model, class Size>
struct AxisCore {
  using Block = Core<Model, Size>;
  static constexpr int kBeats = Block::kBeats;

  // The pixels of a block; those beyond the last one are dark and take nothing from the stream. TLAST is not looked at:
  // a call takes as many pixels as it was told.
  static void gather(BeatStream& histograms, int bins, uint32_t block, uint32_t pixels,
                     uint64_t beats[Size::kTurns * kBeats][Size::kLanes]) {
    FLIMD_NOT_INLINE
    FLIMD_LOOP(gather_turns)
    for (int turn = 0; turn < Size::kTurns; ++turn) {
      FLIMD_LOOP(gather_lanes)
      for (int lane = 0; lane < Size::kLanes; ++lane) {
        const uint32_t pixel = block * Size::kBlock + static_cast<uint32_t>(turn * Size::kLanes + lane);
        FLIMD_LOOP(gather_beats)
        for (int beat = 0; beat < beats_of(bins); ++beat) {
          FLIMD_PIPELINE(1)
          FLIMD_TRIPS(kBeats, kBeats)
          uint64_t word = 0;
          if (pixel < pixels) word = static_cast<uint64_t>(histograms.read().data);
          beats[turn * kBeats + beat][lane] = word;
        }
      }
    }
  }

  static void write_word(BeatStream& lifetimes, uint64_t word, bool last) {
    FLIMD_INLINE
    Beat beat;
    beat.data = word;
    beat.keep = 0xff;
    beat.strb = 0xff;
    beat.last = last;
    lifetimes.write(beat);
  }

  static void emit(BeatStream& lifetimes, uint32_t block, uint32_t pixels,
                   const uint64_t results[Size::kTurns * kResultWords][Size::kLanes]) {
    FLIMD_NOT_INLINE
    FLIMD_LOOP(emit_turns)
    for (int turn = 0; turn < Size::kTurns; ++turn) {
      FLIMD_LOOP(emit_lanes)
      for (int lane = 0; lane < Size::kLanes; ++lane) {
        FLIMD_LOOP(emit_words)
        for (int word = 0; word < kResultWords; ++word) {
          FLIMD_PIPELINE(1)
          const uint32_t pixel = block * Size::kBlock + static_cast<uint32_t>(turn * Size::kLanes + lane);
          const bool last = pixel == pixels - 1 && word == kResultWords - 1;
          if (pixel < pixels) write_word(lifetimes, results[turn * kResultWords + word][lane], last);
        }
      }
    }
  }

  // While a block is in the recurrence the next one comes in and the one before goes out. All scalars are arguments, for
  // a loop of a dataflow is one by itself in its function, with a bound that does not change. `limit` as photon_limit()
  // gives it.
  static void run_blocks(const Model& model, BeatStream& histograms, BeatStream& lifetimes, uint32_t blocks, int bins,
                         uint32_t pixels, uint32_t limit) {
    FLIMD_NOT_INLINE
    FLIMD_LOOP(blocks_of_pixels)
    for (uint32_t block = 0; block < blocks; ++block) {
      FLIMD_DATAFLOW
      uint64_t beats[Size::kTurns * kBeats][Size::kLanes];
      uint64_t results[Size::kTurns * kResultWords][Size::kLanes];
      FLIMD_PARTITION(beats, 2)
      FLIMD_PARTITION(results, 2)
      gather(histograms, bins, block, pixels, beats);
      Block::compute_block(model, bins, limit, beats, results);
      emit(lifetimes, block, pixels, results);
    }
  }

  // A call.
  static void run(const Model& model, BeatStream& histograms, BeatStream& lifetimes, int bins, uint32_t pixels,
                  uint32_t min_photons) {
    FLIMD_INLINE
    const uint32_t blocks = pixels / Size::kBlock + (pixels % Size::kBlock != 0 ? 1 : 0);
    run_blocks(model, histograms, lifetimes, blocks, bins, pixels, Block::photon_limit(model, min_photons));
  }

  // A call of a core without a model for these bins: what comes in is taken, and all that goes out is 0.
  static void answer_nothing(BeatStream& histograms, BeatStream& lifetimes, int bins, uint32_t pixels) {
    FLIMD_NOT_INLINE
    FLIMD_LOOP(nothing_pixels)
    for (uint32_t pixel = 0; pixel < pixels; ++pixel) {
      FLIMD_LOOP(nothing_beats)
      for (int beat = 0; beat < beats_of(bins); ++beat) {
        FLIMD_PIPELINE(1)
        histograms.read();
      }
      FLIMD_LOOP(nothing_words)
      for (int word = 0; word < kResultWords; ++word) {
        FLIMD_PIPELINE(1)
        write_word(lifetimes, 0, pixel == pixels - 1 && word == kResultWords - 1);
      }
    }
  }
};

}  // namespace hls_core
}  // namespace flimd
