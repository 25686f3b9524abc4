// Counters of the series that arm sets to 0, and the sticky error flags that the host clears by writing ones. An error
// in the very cycle of the clearing stays.
`include "flimd_protocol.svh"
`default_nettype none

module device_counters (
    input  wire  clk,
    input  wire  rst_n,
    input  wire  clear,
    input  wire  link_stalled,
    input  wire  [7:0] lost_events,
    input  wire  bin_saturated,
    input  wire  injection_short,
    input  wire  injection_long,
    input  wire  core_mismatch,
    input  wire  event_outside,
    input  wire  [31:0] error_flags_clear,
    output logic [31:0] error_flags,
    output logic [31:0] link_stall_cycles,
    output logic [31:0] events_dropped,
    output logic [31:0] events_saturated,
    output logic irq
);
  logic [31:0] new_errors;
  assign new_errors = (lost_events != 0 ? `FLIMD_ERROR_EVENTS_LOST : 32'd0) |
      (bin_saturated ? `FLIMD_ERROR_BIN_SATURATED : 32'd0) |
      (injection_short ? `FLIMD_ERROR_INJECTION_SHORT : 32'd0) |
      (injection_long ? `FLIMD_ERROR_INJECTION_LONG : 32'd0) |
      (core_mismatch ? `FLIMD_ERROR_CORE_MISMATCH : 32'd0) |
      (event_outside ? `FLIMD_ERROR_EVENT_OUTSIDE : 32'd0);

  always_ff @(posedge clk) begin
    irq <= rst_n && error_flags != 0;
    if (!rst_n) error_flags <= '0;
    else error_flags <= (error_flags & ~error_flags_clear) | new_errors;
    if (!rst_n || clear) begin
      {link_stall_cycles, events_dropped, events_saturated} <= '0;
    end else begin
      link_stall_cycles <= link_stall_cycles + 32'(link_stalled);
      events_dropped <= events_dropped + 32'(lost_events);
      events_saturated <= events_saturated + 32'(bin_saturated);
    end
  end
endmodule

`default_nettype wire
