// When the sensor is exposed. A frame is due every period from the start of the series; a camera that fell behind by more
// than a period goes on from now. A frame that is due while no half of the histogram memory is free is dropped, and
// keeps its number; without a period it waits instead. Equals FrameClock and SeriesRun of src/camera-sim.
`default_nettype none

module exposure_control (
    input  wire  clk,
    input  wire  rst_n,
    input  wire  [63:0] ticks,
    input  wire  [63:0] period_ticks,
    input  wire  [31:0] frame_limit,
    // Arm: counters to 0.
    input  wire  clear,
    // Start: the first frame is due.
    input  wire  begin_series,
    input  wire  enabled,
    input  wire  memory_ready,
    input  wire  [1:0] halves_free,
    input  wire  frame_closed,
    output logic exposure_start,
    output logic exposing,
    output logic limit_reached,
    output logic [31:0] frames_dropped,
    // The closed frames that wait for their read-out, oldest first.
    output logic closed_valid,
    input  wire  closed_taken,
    output logic [31:0] closed_frame,
    output logic [63:0] closed_start_ticks,
    output logic [63:0] closed_end_ticks
);
  logic [31:0] next_frame_reg, frame_reg;
  logic [63:0] due_ticks_reg, start_ticks_reg;
  logic [63:0] behind_ticks_reg;
  logic reached_reg, due_reg, late_reg;
  logic [1:0] settled_reg;

  wire paced = period_ticks != 0;
  wire due = enabled && memory_ready && !limit_reached && (paced ? due_reg : 1'b1);
  wire possible = !exposing && halves_free != 0;
  wire begin_frame = due && possible;
  wire drop_frame = due && paced && !possible;

  assign limit_reached = frame_limit != 0 && next_frame_reg == frame_limit;

  always_ff @(posedge clk) begin
    exposure_start <= rst_n && begin_frame;
    if (!rst_n) exposing <= 1'b0;
    else exposing <= begin_frame || (exposing && !frame_closed);
    if (begin_frame) begin
      frame_reg <= next_frame_reg;
      start_ticks_reg <= ticks;
    end
    if (!rst_n || clear) begin
      next_frame_reg <= '0;
      frames_dropped <= '0;
    end else begin
      if (begin_frame || drop_frame) next_frame_reg <= next_frame_reg + 1'b1;
      if (drop_frame) frames_dropped <= frames_dropped + 1'b1;
    end
  end

  // Comparisons of 64 bits take a cycle each: `due` and `late` speak of the clock two cycles ago, and after a change of
  // `due_ticks_reg` they do not speak until they mean the new one.
  always_ff @(posedge clk) begin
    reached_reg <= ticks >= due_ticks_reg;
    behind_ticks_reg <= ticks - due_ticks_reg;
    due_reg <= settled_reg[1] && reached_reg;
    late_reg <= behind_ticks_reg > period_ticks;
    settled_reg <= {settled_reg[0], 1'b1};
    if (begin_series || !memory_ready) begin
      due_ticks_reg <= ticks;
      {settled_reg, due_reg} <= 3'b000;
    end else if (begin_frame || drop_frame) begin
      due_ticks_reg <= (late_reg ? ticks : due_ticks_reg) + period_ticks;
      {settled_reg, due_reg} <= 3'b000;
    end
  end

  logic closed_ready;
  logic [1:0] closed_level;
  sync_fifo #(.WIDTH(160), .DEPTH_BITS(1)) closed_frames (
      .clk, .rst_n,
      .s_valid(frame_closed),
      .s_ready(closed_ready),
      .s_data({frame_reg, start_ticks_reg, ticks}),
      .m_valid(closed_valid),
      .m_ready(closed_taken),
      .m_data({closed_frame, closed_start_ticks, closed_end_ticks}),
      .level(closed_level)
  );
  // There are two halves, so two closed frames at most.
  wire unused = &{closed_ready, closed_level, 1'b0};
endmodule

`default_nettype wire
