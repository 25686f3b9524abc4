`include "flimd_protocol.svh"

// What every board has between its sensor's wires and its link: flimd_device with its straps, the device clock, the exposure.
module camera_head #(
    parameter int WIDTH = 32,
    parameter int HEIGHT = 32,
    parameter int BINS = 64,
    parameter int BIN_WIDTH_FS = 195_313,
    parameter int LASER_PERIOD_FS = 12_500_000,
    parameter int FRAME_PERIOD_US = 10_000,
    parameter int MIN_PHOTONS = 20,
    parameter int TICK_HZ = 200_000_000,
    parameter int SENSOR_HZ = 100_000_000,
    parameter int PIXEL_BITS = 10,
    parameter int BIN_BITS = 6,
    parameter int WORD_BITS = 14,
    parameter int PAYLOAD_BITS = 13,
    parameter logic [31:0] FIRMWARE_VERSION = '0,
    parameter logic [127:0] SERIAL = '0,
    parameter logic [127:0] BITSTREAM_ID = '0,
    parameter logic [63:0] SOURCE_REVISION = '0,
    parameter logic [63:0] MODEL_HASH = '0
) (
    input logic clk,
    input logic rst_n,
    output logic irq,

    // Photons of a free-running sensor, one a cycle at most.
    input logic sensor_clk,
    input logic sensor_rst_n,
    input logic sensor_valid,
    input logic [PIXEL_BITS-1:0] sensor_pixel,
    input logic [BIN_BITS-1:0] sensor_bin,
    output logic sensor_exposing,

    // Registers, from the host.
    input logic [11:0] s_axil_awaddr,
    input logic s_axil_awvalid,
    output logic s_axil_awready,
    input logic [31:0] s_axil_wdata,
    input logic [3:0] s_axil_wstrb,
    input logic s_axil_wvalid,
    output logic s_axil_wready,
    output logic [1:0] s_axil_bresp,
    output logic s_axil_bvalid,
    input logic s_axil_bready,
    input logic [11:0] s_axil_araddr,
    input logic s_axil_arvalid,
    output logic s_axil_arready,
    output logic [31:0] s_axil_rdata,
    output logic [1:0] s_axil_rresp,
    output logic s_axil_rvalid,
    input logic s_axil_rready,

    // The lifetime core: its two streams and its control registers.
    output logic [63:0] m_axis_histograms_tdata,
    output logic m_axis_histograms_tvalid,
    input logic m_axis_histograms_tready,
    output logic m_axis_histograms_tlast,
    input logic [63:0] s_axis_lifetimes_tdata,
    input logic s_axis_lifetimes_tvalid,
    output logic s_axis_lifetimes_tready,
    input logic s_axis_lifetimes_tlast,
    output logic [15:0] m_axil_core_awaddr,
    output logic m_axil_core_awvalid,
    input logic m_axil_core_awready,
    output logic [31:0] m_axil_core_wdata,
    output logic [3:0] m_axil_core_wstrb,
    output logic m_axil_core_wvalid,
    input logic m_axil_core_wready,
    input logic [1:0] m_axil_core_bresp,
    input logic m_axil_core_bvalid,
    output logic m_axil_core_bready,
    output logic [15:0] m_axil_core_araddr,
    output logic m_axil_core_arvalid,
    input logic m_axil_core_arready,
    input logic [31:0] m_axil_core_rdata,
    input logic [1:0] m_axil_core_rresp,
    input logic m_axil_core_rvalid,
    output logic m_axil_core_rready,

    // The link.
    input logic link_clk,
    input logic link_rst_n,
    output logic [63:0] m_axis_link_tdata,
    output logic [7:0] m_axis_link_tkeep,
    output logic m_axis_link_tvalid,
    input logic m_axis_link_tready,
    output logic m_axis_link_tlast,
    input logic [63:0] s_axis_inject_tdata,
    input logic [7:0] s_axis_inject_tkeep,
    input logic s_axis_inject_tvalid,
    output logic s_axis_inject_tready,
    input logic s_axis_inject_tlast
);
  localparam logic [31:0] ALL_OUTPUTS =
      `FLIMD_OUTPUT_LIFETIMES | `FLIMD_OUTPUT_HISTOGRAMS | `FLIMD_OUTPUT_STANDARD_ERRORS;

  logic [63:0] ticks_reg;
  logic [31:0] temperature_milli_c;
  logic exposure_start;
  logic [63:0] exposure_ticks;
  logic event_valid, event_mark;
  logic [23:0] event_pixel;
  logic [15:0] event_bin;
  // Wires of the board end in registers of their pads: the sensor's timing then does not depend on the routing.
  (* IOB = "TRUE" *) logic photon_valid_reg;
  (* IOB = "TRUE" *) logic [PIXEL_BITS-1:0] photon_pixel_reg;
  (* IOB = "TRUE" *) logic [BIN_BITS-1:0] photon_bin_reg;

  always_ff @(posedge clk)
    if (!rst_n) ticks_reg <= '0;
    else ticks_reg <= ticks_reg + 64'd1;

  always_ff @(posedge sensor_clk) begin
    photon_valid_reg <= sensor_valid;
    photon_pixel_reg <= sensor_pixel;
    photon_bin_reg   <= sensor_bin;
  end

  die_temperature #(
      .CLK_HZ(TICK_HZ)
  ) die (
      .clk,
      .rst_n,
      .temperature_milli_c
  );

  exposure_timer #(
      .TICK_HZ  (TICK_HZ),
      .SENSOR_HZ(SENSOR_HZ)
  ) exposure (
      .sensor_clk,
      .sensor_rst_n,
      .exposure_start,
      .exposure_ticks,
      .s_photon_valid(photon_valid_reg),
      .s_photon_pixel(24'(photon_pixel_reg)),
      .s_photon_bin(16'(photon_bin_reg)),
      .m_event_valid(event_valid),
      .m_event_mark(event_mark),
      .m_event_pixel(event_pixel),
      .m_event_bin(event_bin),
      .exposing(sensor_exposing)
  );

  flimd_device #(
      .WORD_BITS(WORD_BITS),
      .PAYLOAD_BITS(PAYLOAD_BITS),
      // Boards build the core with a model as constants.
      .CORE_TAKES_BINS(0)
  ) device (
      .clk,
      .rst_n,
      .cfg_width(WIDTH),
      .cfg_height(HEIGHT),
      .cfg_bins(BINS),
      .cfg_bin_width_fs(BIN_WIDTH_FS),
      .cfg_laser_period_fs(LASER_PERIOD_FS),
      .cfg_frame_period_us(FRAME_PERIOD_US),
      .cfg_firmware_version(FIRMWARE_VERSION),
      .cfg_device_kind(`FLIMD_KIND_FPGA),
      .cfg_outputs(ALL_OUTPUTS),
      .cfg_tick_hz(TICK_HZ),
      .cfg_min_photons(MIN_PHOTONS),
      .cfg_serial(SERIAL),
      .cfg_bitstream_id(BITSTREAM_ID),
      .cfg_source_revision(SOURCE_REVISION),
      .cfg_model_hash(MODEL_HASH),
      .ticks(ticks_reg),
      .temperature_milli_c,
      // These boards measure neither; the registers read 0.
      .bias_millivolt(32'd0),
      .laser_rate_hz(32'd0),
      .s_axil_awaddr,
      .s_axil_awvalid,
      .s_axil_awready,
      .s_axil_wdata,
      .s_axil_wstrb,
      .s_axil_wvalid,
      .s_axil_wready,
      .s_axil_bresp,
      .s_axil_bvalid,
      .s_axil_bready,
      .s_axil_araddr,
      .s_axil_arvalid,
      .s_axil_arready,
      .s_axil_rdata,
      .s_axil_rresp,
      .s_axil_rvalid,
      .s_axil_rready,
      .sensor_clk,
      .sensor_rst_n,
      .exposure_start,
      .exposure_ticks,
      .s_event_valid(event_valid),
      .s_event_mark(event_mark),
      .s_event_pixel(event_pixel),
      .s_event_bin(event_bin),
      // A free-running sensor cannot wait: what the FIFO cannot take is counted as dropped.
      .s_event_almost_full(),
      .m_axis_histograms_tdata,
      .m_axis_histograms_tvalid,
      .m_axis_histograms_tready,
      .m_axis_histograms_tlast,
      .s_axis_lifetimes_tdata,
      .s_axis_lifetimes_tvalid,
      .s_axis_lifetimes_tready,
      .s_axis_lifetimes_tlast,
      .m_axil_core_awaddr,
      .m_axil_core_awvalid,
      .m_axil_core_awready,
      .m_axil_core_wdata,
      .m_axil_core_wstrb,
      .m_axil_core_wvalid,
      .m_axil_core_wready,
      .m_axil_core_bresp,
      .m_axil_core_bvalid,
      .m_axil_core_bready,
      .m_axil_core_araddr,
      .m_axil_core_arvalid,
      .m_axil_core_arready,
      .m_axil_core_rdata,
      .m_axil_core_rresp,
      .m_axil_core_rvalid,
      .m_axil_core_rready,
      .link_clk,
      .link_rst_n,
      .m_axis_link_tdata,
      .m_axis_link_tkeep,
      .m_axis_link_tvalid,
      .m_axis_link_tready,
      .m_axis_link_tlast,
      .s_axis_inject_tdata,
      .s_axis_inject_tkeep,
      .s_axis_inject_tvalid,
      .s_axis_inject_tready,
      .s_axis_inject_tlast,
      .irq
  );
endmodule
