// The states of the device and the end of a series; which command is possible when, register_guards has already said.
// `stop` and the frame limit finish the frames exposed. `abort` lets the packet under way out, then sends endOfSeries,
// and stays draining until the frame in the device has been swallowed, so that nothing of it is left.
`include "flimd_protocol.svh"
`default_nettype none

module run_control (
    input  wire  clk,
    input  wire  rst_n,
    input  wire  command_strobe,
    input  wire  [31:0] command,
    output logic [31:0] state,
    output logic locked,
    // Arm is computing: the next register access has to wait.
    output logic busy,
    output logic setup_start,
    input  wire  setup_done,
    output logic begin_series,
    output logic exposures_enabled,
    input  wire  exposing,
    input  wire  limit_reached,
    input  wire  readout_quiet,
    input  wire  halves_quiet,
    input  wire  packet_busy,
    // A whole frame's end or telemetry is about to leave.
    input  wire  packet_pending,
    // Abort: no more rows leave / what is buffered is forgotten.
    output logic aborting,
    output logic discard,
    output logic series_end_request,
    input  wire  series_end_done
);
  typedef enum logic [2:0] {IDLE, ARMING, ARMED, ACQUIRING, DRAINING} state_t;
  state_t state_reg;
  logic ended_reg;

  wire commanded_arm = command_strobe && command == `FLIMD_COMMAND_ARM;
  wire commanded_start = command_strobe && command == `FLIMD_COMMAND_START;
  wire commanded_stop = command_strobe && command == `FLIMD_COMMAND_STOP;
  wire commanded_abort = command_strobe && command == `FLIMD_COMMAND_ABORT;

  wire running = state_reg == ACQUIRING || state_reg == DRAINING;
  wire no_more_frames = state_reg == DRAINING || limit_reached;
  wire quiet = !exposing && readout_quiet && halves_quiet;

  assign setup_start = commanded_arm;
  assign begin_series = commanded_start;
  assign exposures_enabled = state_reg == ACQUIRING;
  assign locked = state_reg != IDLE;
  assign busy = state_reg == ARMING;

  always_comb begin
    case (state_reg)
      IDLE: state = `FLIMD_STATE_IDLE;
      ARMING, ARMED: state = `FLIMD_STATE_ARMED;
      ACQUIRING: state = `FLIMD_STATE_ACQUIRING;
      default: state = `FLIMD_STATE_DRAINING;
    endcase
  end

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      state_reg <= IDLE;
      {aborting, discard, series_end_request, ended_reg} <= '0;
    end else begin
      case (state_reg)
        IDLE: if (commanded_arm) state_reg <= ARMING;
        ARMING: if (setup_done) state_reg <= ARMED;
        ARMED:
          if (commanded_start) state_reg <= ACQUIRING;
          else if (command_strobe) state_reg <= IDLE;
        default: begin
          if (commanded_stop || commanded_abort) state_reg <= DRAINING;
          if (commanded_abort) aborting <= 1'b1;
          if (ended_reg && quiet) begin
            state_reg <= IDLE;
            {aborting, discard, ended_reg} <= '0;
          end
        end
      endcase
      if (running && aborting && !packet_busy && !packet_pending && !ended_reg) discard <= 1'b1;
      if (series_end_done) {series_end_request, ended_reg} <= 2'b01;
      else if (running && !ended_reg && (aborting ? discard : no_more_frames && quiet)) series_end_request <= 1'b1;
    end
  end
endmodule

`default_nettype wire
