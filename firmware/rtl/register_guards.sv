// What may be written to the registers, beyond what the map itself says: the rules of the virtual camera
// (src/camera-sim/virtual-camera.ts, device-state.ts). Combinational.
`include "flimd_protocol.svh"
`default_nettype none

module register_guards (
    input  wire  [11:0] write_address,
    input  wire  [31:0] write_value,
    input  wire  [31:0] state,
    // 0: the straps describe a camera that this bitstream cannot be.
    input  wire  configuration_fits,
    input  wire  [31:0] outputs,
    input  wire  [31:0] model_min_photons,
    input  wire  [31:0] series,
    output logic write_refused
);
  logic command_possible;
  always_comb begin
    case (state)
      `FLIMD_STATE_IDLE:
        command_possible = write_value == `FLIMD_COMMAND_STOP || write_value == `FLIMD_COMMAND_ABORT ||
            write_value == `FLIMD_COMMAND_DISARM ||
            (write_value == `FLIMD_COMMAND_ARM && series != 32'd0 && configuration_fits);
      `FLIMD_STATE_ARMED:
        command_possible = write_value == `FLIMD_COMMAND_START || write_value == `FLIMD_COMMAND_ABORT ||
            write_value == `FLIMD_COMMAND_DISARM;
      default:
        command_possible = write_value == `FLIMD_COMMAND_STOP || write_value == `FLIMD_COMMAND_ABORT;
    endcase
  end

  wire standard_errors_alone = (write_value & `FLIMD_OUTPUT_STANDARD_ERRORS) != 0 &&
      (write_value & `FLIMD_OUTPUT_LIFETIMES) == 0;

  always_comb begin
    case (write_address)
      `FLIMD_REG_COMMAND: write_refused = !command_possible;
      `FLIMD_REG_OUTPUT:
        write_refused = (write_value & ~outputs) != 0 || write_value == 0 || standard_errors_alone;
      `FLIMD_REG_MIN_PHOTONS: write_refused = write_value < model_min_photons;
      `FLIMD_REG_ROWS_PER_PACKET: write_refused = write_value == 0;
      `FLIMD_REG_HISTOGRAM_SOURCE: write_refused = write_value > `FLIMD_SOURCE_INJECTED;
      default: write_refused = 1'b0;
    endcase
  end
endmodule

`default_nettype wire
