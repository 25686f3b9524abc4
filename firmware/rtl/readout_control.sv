// One frame at a time from the histogram memory into packets: the read-out begins, and the core with it where lifetimes
// are asked for; when all rows have left, endOfFrame. Telemetry goes out between frames. After an abort (`discard`) the
// rest of a frame is waited for without being sent, and frames not begun are swept from the memory.
`default_nettype none

module readout_control (
    input  wire  clk,
    input  wire  rst_n,
    input  wire  clear,
    input  wire  aborting,
    input  wire  discard,
    input  wire  histograms,
    input  wire  lifetimes,
    // Frames exposed and closed, and their memory.
    input  wire  closed_valid,
    output logic closed_taken,
    input  wire  read_available,
    input  wire  read_busy,
    output logic read_start,
    output logic read_discard,
    // The frame under way.
    output logic frame_begin,
    output logic core_begin,
    input  wire  core_busy,
    input  wire  results_busy,
    // The frame's last beat of histograms has been taken: an injected one takes longer than the memory's read-out.
    input  wire  stream_over,
    input  wire  histograms_sent,
    input  wire  lifetimes_sent,
    output logic frame_end_request,
    input  wire  frame_end_done,
    input  wire  telemetry_due,
    output logic telemetry_request,
    input  wire  telemetry_done,
    output logic [31:0] frames_sent,
    output logic quiet
);
  typedef enum logic [2:0] {WAIT, ROWS, END_OF_FRAME, TELEMETRY, SWALLOW} state_t;
  state_t state_reg;
  logic histograms_out_reg, lifetimes_out_reg;
  logic streaming_reg;

  wire at_rest = !read_busy && !streaming_reg && !results_busy && !core_busy;
  wire readable = state_reg == WAIT && closed_valid && read_available && at_rest;
  wire sweep = readable && discard;
  assign frame_begin = readable && !aborting && !discard && !telemetry_due;
  assign core_begin = frame_begin && lifetimes;
  assign read_start = frame_begin || sweep;
  assign read_discard = sweep;
  assign closed_taken = read_start;
  assign frame_end_request = state_reg == END_OF_FRAME;
  assign telemetry_request = state_reg == TELEMETRY;
  assign quiet = state_reg == WAIT && !closed_valid && at_rest;

  always_ff @(posedge clk) begin
    if (frame_begin) begin
      histograms_out_reg <= !histograms;
      lifetimes_out_reg <= !lifetimes;
    end else begin
      if (histograms_sent) histograms_out_reg <= 1'b1;
      if (lifetimes_sent) lifetimes_out_reg <= 1'b1;
    end
  end

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      state_reg <= WAIT;
    end else begin
      case (state_reg)
        WAIT:
          if (frame_begin) state_reg <= ROWS;
          else if (sweep) state_reg <= SWALLOW;
          else if (telemetry_due && !aborting) state_reg <= TELEMETRY;
        ROWS:
          if (discard) state_reg <= SWALLOW;
          else if (histograms_out_reg && lifetimes_out_reg) state_reg <= END_OF_FRAME;
        END_OF_FRAME: if (frame_end_done) state_reg <= WAIT;
        TELEMETRY: if (telemetry_done) state_reg <= WAIT;
        default: if (at_rest) state_reg <= WAIT;
      endcase
    end
    streaming_reg <= rst_n && (frame_begin || (streaming_reg && !stream_over));
    if (!rst_n || clear) frames_sent <= '0;
    else if (frame_end_done) frames_sent <= frames_sent + 1'b1;
  end
endmodule

`default_nettype wire
